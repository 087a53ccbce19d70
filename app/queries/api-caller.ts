/** Who stands behind an access token now. */
import { readPseudonymKey } from '#app/data/shops/api-clients.ts';
import { findTokenHolder } from '#app/data/shops/api-credentials.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { AccessTokenClaims } from '#app/lib/access-token.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';
import { isClientThrottled, throttledPerSecond } from '#app/queries/client-throttle.ts';

export type ApiCallerFacts = {
  shopId: ShopId;
  scopes: string[];
  /** Null: every program. */
  programIds: ProgramId[] | null;
  networks: string[];
  requestsPerSecond: number | null;
  /** Under which the client knows members by ids of its own; null when it knows them as everybody does. */
  pseudonymKey: Buffer | null;
};

/** Keys never change; opening one costs a look into the database. */
const pseudonymKeys = new Map<string, Buffer>();
const keysMax = 10_000;

async function pseudonymKeyOf(shopId: ShopId, clientId: string): Promise<Buffer | null> {
  const known = pseudonymKeys.get(clientId);
  if (known !== undefined) return known;
  const key = await withShop(shopId, (tx) => readPseudonymKey(tx, clientId));
  if (pseudonymKeys.size >= keysMax) pseudonymKeys.clear();
  if (key !== null) pseudonymKeys.set(clientId, key);
  return key;
}

/** The caller and what it may do; null when its client or the token was taken back, or its shop is not installed. */
export async function apiCaller(claims: AccessTokenClaims): Promise<ApiCallerFacts | null> {
  const open = await findTokenHolder(claims);
  if (open === null) return null;
  const { shopId, client } = open;
  const { scopes, programIds, networks } = client;
  const isThrottled = await isClientThrottled(shopId, client.clientId);
  const requestsPerSecond = isThrottled ? throttledPerSecond : client.requestsPerSecond;
  const pseudonymKey = client.isPairwise ? await pseudonymKeyOf(shopId, client.clientId) : null;
  return { shopId, scopes, programIds, networks, requestsPerSecond, pseudonymKey };
}
