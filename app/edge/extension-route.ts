/** What a route of the extensions is given and gives back. */
import type { z } from 'zod';

import type { Language } from '#app/domain/members/languages.ts';
import type { ShopId } from '#app/lib/ids.ts';
import type { VerifiedSession } from '#app/web/session-token.ts';

/** One call with its caller known. `input` gives the query or body through a schema. */
export type ExtensionCall = {
  shopId: ShopId;
  session: VerifiedSession;
  /** Where the call comes from; empty when the network tells none. */
  address: string;
  /** The best of our languages for whoever asks. */
  language: Language;
  input: <Input>(schema: z.ZodType<Input>) => Input;
};

export type ExtensionRoute = {
  method: 'GET' | 'POST';
  path: string;
  /** The largest body it takes, where that is more than usual. */
  bodyBytesMax?: number;
  answer: (call: ExtensionCall) => Promise<unknown>;
};
