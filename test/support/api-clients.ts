/** Terms of an API client that is bound by nothing, but for what a test changes. */
import { apiScopes } from '#app/contracts/api-scopes.ts';
import type { AskedTerms } from '#app/domain/access/api-client-terms.ts';
import type { CreatedApiClient } from '#app/flows/api/create-api-client.ts';

export function clientTerms(changes: Partial<AskedTerms> = {}): AskedTerms {
  const free = { programIds: null, networks: [], requestsPerSecond: null, expiresAt: null };
  return { name: 'Till', scopes: [...apiScopes], ...free, ...changes };
}

/** As the other callers of the API are called in tests. */
export function credentialsOf({ clientId, secret }: CreatedApiClient): {
  apiClientId: string;
  apiClientSecret: string;
} {
  return { apiClientId: clientId, apiClientSecret: secret };
}
