/** One more program for a shop. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import {
  draftProgram,
  listPrograms,
  programsPerShopMax,
  readProgram,
  type SignUpPlace,
} from '#app/data/programs/programs.ts';
import { type ApiRequest, answerOnce } from '#app/data/shops/api-idempotency.ts';
import { lockShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { readDocument } from '#app/domain/programs/read-document.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type AddProgram = {
  shopId: ShopId;
  document: unknown;
  signUpPlaces: SignUpPlace[];
  actor: string;
  request?: ApiRequest;
};

/** Adds a program in draft. Throws `InvalidInput`, and `Conflict` when the shop has as many as it may. */
export async function addProgram(asked: AddProgram): Promise<{ programId: ProgramId; slug: string }> {
  const document = readDocument(asked.document);
  return withShop(asked.shopId, async (tx) => {
    const at = now();
    return answerOnce(tx, { request: asked.request, at }, async () => {
      await lockShop(tx);
      if ((await listPrograms(tx)).length >= programsPerShopMax)
        throw new Conflict('programs-full', 'The shop has as many programs as it may', {
          publicMessage: `A shop has at most ${programsPerShopMax} programs.`,
        });
      const programId = await draftProgram(tx, { draft: document, signUpPlaces: asked.signUpPlaces, at });
      await appendAudit(tx, {
        actor: asked.actor,
        action: 'program.add',
        object: `program:${programId}`,
        beforeHash: null,
        afterHash: fingerprint(document),
        reason: null,
        occurredAt: at,
      });
      const { slug } = await readProgram(tx, programId);
      return { programId, slug };
    });
  });
}
