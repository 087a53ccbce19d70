/** A client's terms as they were asked for, checked against the shop. */
import type { ApiClientTerms } from '#app/data/shops/api-clients.ts';
import { listPrograms } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type AskedTerms, termsProblems } from '#app/domain/access/api-client-terms.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import { readNetwork } from '#app/lib/networks.ts';

/** The terms as they are kept. Throws `InvalidInput` that names each field that does not fit. */
export async function readTerms(
  tx: Tx,
  asked: AskedTerms,
  known: { scopes: readonly string[]; at: Date },
): Promise<ApiClientTerms> {
  const programs = asked.programIds === null ? [] : await listPrograms(tx);
  const issues: { path: string; message: string }[] = termsProblems(asked, {
    ...known,
    programIds: programs.map(({ programId }) => programId),
  });
  const networks = asked.networks.map((text) => {
    const network = readNetwork(text);
    if (network === null)
      issues.push({ path: 'networks', message: 'Write each network as 203.0.113.0/24 or 2001:db8::/48, one a line.' });
    return network ?? '';
  });
  if (issues.length > 0)
    throw new InvalidInput('bad-terms', 'The terms of an API client do not fit', {
      publicMessage: 'This client cannot be saved like that.',
      issues,
    });
  const wanted = asked.programIds;
  return {
    ...asked,
    scopes: [...new Set(asked.scopes)].toSorted(),
    networks: [...new Set(networks)],
    programIds:
      wanted === null
        ? null
        : programs.map(({ programId }) => programId).filter((programId) => wanted.includes(programId)),
  };
}

/** A fingerprint of the terms, for the audit chain. */
export function termsFingerprint({
  name,
  scopes,
  programIds,
  networks,
  requestsPerSecond,
  expiresAt,
}: ApiClientTerms): Buffer {
  return fingerprint({ name, scopes, programIds, networks, requestsPerSecond, expiresAt });
}
