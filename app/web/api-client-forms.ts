/** Reads what the admin sends of an API client's terms. Whether they fit is the domain's word. */
import { z } from 'zod';

import type { AskedTerms } from '#app/domain/access/api-client-terms.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { jsonField } from '#app/web/admin-forms.ts';

const termsSchema = z.strictObject({
  name: z.string().max(200),
  scopes: z.array(z.string().max(40)).max(50),
  programIds: z.array(z.string().max(40)).max(50).nullable(),
  networks: z.string().max(3_000),
  requestsPerSecond: z.string().max(10),
  expiresOn: z.string().regex(/^(\d{4}-\d{2}-\d{2})?$/),
});

/** The terms as they were typed. Throws `InvalidInput` for what no form of ours sends. */
export function readClientTerms(form: FormData): AskedTerms {
  const parsed = termsSchema.safeParse(jsonField(form, 'terms'));
  if (!parsed.success) throw new InvalidInput('bad-form', 'The form lacks the terms of a client');
  const { name, scopes, programIds, networks, requestsPerSecond: pace, expiresOn } = parsed.data;
  return {
    name: name.trim(),
    scopes,
    programIds,
    networks: networks.split(/[\s,;]+/).filter((network) => network !== ''),
    requestsPerSecond: pace.trim() === '' ? null : Number(pace),
    // To the end of the day that was named.
    expiresAt: expiresOn === '' ? null : new Date(`${expiresOn}T23:59:59Z`),
  };
}
