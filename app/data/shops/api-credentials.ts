/** Opening API clients' credentials: the client id names its shop, the hash decides whether the secret is its own. */
import { type ApiClient, findApiClient, findTokenClient } from '#app/data/shops/api-clients.ts';
import { findShopByApiClient } from '#app/data/directory.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { AccessTokenClaims } from '#app/lib/access-token.ts';
import { isClientId, isClientSecret, isSecretFor, secretPrefixOf } from '#app/lib/client-secret.ts';
import { now } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';
import { Unauthenticated } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';
import { isSecretOf } from '#app/lib/secret-hash.ts';

export type OpenApiClient = { shopId: ShopId; client: ApiClient };

const isOver = ({ expiresAt }: ApiClient) => expiresAt !== null && expiresAt <= now();

/** A client that may call now: not revoked, its time not over, of an installed shop. Else null. */
async function findActive(tx: Tx, clientId: string): Promise<ApiClient | null> {
  const client = await findApiClient(tx, clientId);
  if (client === null || isOver(client)) return null;
  return (await readShop(tx)).state === 'installed' ? client : null;
}

async function findActiveApiClient(clientId: string): Promise<OpenApiClient | null> {
  const shopId = isClientId(clientId) ? await findShopByApiClient(clientId) : null;
  if (shopId === null) return null;
  const client = await withShop(shopId, (tx) => findActive(tx, clientId));
  return client === null ? null : { shopId, client };
}

type Bearer = Pick<AccessTokenClaims, 'clientId' | 'shopId' | 'tokenId' | 'epoch'>;

/** The client behind a token that verified, if both are still good: neither was taken back since. Else null. */
export async function findTokenHolder(claims: Bearer): Promise<OpenApiClient | null> {
  const shopId = isClientId(claims.clientId) ? await findShopByApiClient(claims.clientId) : null;
  if (shopId === null || shopId !== claims.shopId) return null;
  const found = await withShop(shopId, (tx) => findTokenClient(tx, claims));
  if (found === null || found.isTokenRevoked || isOver(found.client)) return null;
  return found.client.tokenEpoch === claims.epoch ? { shopId, client: found.client } : null;
}

/** The hashes a secret may belong to: by its open beginning there is at most one; of old clients it is not kept. */
function hashesFor({ secretHash, keyPrefix, previous }: ApiClient, secret: string): string[] {
  const prefix = secretPrefixOf(secret);
  const known = [{ hash: secretHash, keyPrefix }];
  if (previous !== null && previous.until > now()) known.push(previous);
  return known.filter((one) => one.keyPrefix === null || one.keyPrefix === prefix).map(({ hash }) => hash);
}

/** Whether a secret is one of a client's. Throws `Unavailable` when too many are being checked. */
export async function isSecretOfClient(client: ApiClient, secret: string): Promise<boolean> {
  for (const hash of hashesFor(client, secret)) if (await isSecretOf(secret, hash)) return true;
  return false;
}

/**
 * The client these credentials belong to. Throws `Unauthenticated`, the same for an unknown client as for a wrong secret or
 * one of another environment, and `Unavailable` when too many secrets are being checked. A secret that cannot be ours costs
 * no hash. Each try is logged.
 */
export async function openApiClient(credentials: { clientId: string; clientSecret: string }): Promise<OpenApiClient> {
  const { clientId, clientSecret } = credentials;
  const isPossible = isClientSecret(clientSecret) && isSecretFor(clientSecret, env().STAMPWELL_ENV);
  const open = isPossible ? await findActiveApiClient(clientId) : null;
  const isRight = open !== null && (await isSecretOfClient(open.client, clientSecret));
  log.security(isRight ? 'authentication passed' : 'authentication failed', {
    code: 'api-secret',
    ...(open !== null && { shopId: open.shopId }),
    // What is no id of ours may be anything, even a secret in the wrong field.
    ...(isClientId(clientId) && { actor: `api:${clientId}` }),
  });
  if (!isRight)
    throw new Unauthenticated('invalid-client', 'An API client gave wrong credentials', {
      publicMessage: 'The client id or secret is wrong.',
    });
  return open;
}
