/** Who calls the API: a Bearer token of ours, of a client that still exists, from where it may, for what it was issued. */
import type { ApiScope } from '#app/contracts/api-scopes.ts';
import { noteForeignNetwork } from '#app/flows/api/refuse-network.ts';
import { verifyAccessToken } from '#app/lib/access-token.ts';
import { appUrl } from '#app/lib/env.ts';
import { Forbidden, Unauthenticated } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';
import { isWithinNetworks } from '#app/lib/networks.ts';
import { type ApiCallerFacts, apiCaller } from '#app/queries/api-caller.ts';

export type ApiCaller = Pick<ApiCallerFacts, 'shopId' | 'programIds' | 'requestsPerSecond' | 'pseudonymKey'> & {
  clientId: string;
  scopes: ReadonlySet<string>;
};

const bearerPattern = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** Writes down and logs that a client called from outside its networks, and answers the refusal to throw. */
export async function refuseNetwork(client: { shopId: ShopId; clientId: string }): Promise<Forbidden> {
  const code = 'network-not-allowed';
  log.security('access refused', { code, shopId: client.shopId, actor: `api:${client.clientId}` });
  await noteForeignNetwork(client);
  return new Forbidden(code, 'An API client called from outside its networks', {
    publicMessage: 'This client may not be used from your network.',
  });
}

/**
 * The caller behind an Authorization header. Throws `Unauthenticated`, saying nothing of the reason, and `Forbidden` for a
 * good token that comes from outside its client's networks.
 */
export async function authenticateApi(header: string | undefined, address: string): Promise<ApiCaller> {
  const token = bearerPattern.exec(header ?? '')?.[1];
  const claims = token === undefined ? null : await verifyAccessToken(token, appUrl());
  const client = claims === null ? null : await apiCaller(claims);
  if (claims === null || client === null) {
    // What a token says counts only where it is signed by us: it was taken back, then.
    const known = claims === null ? {} : { shopId: claims.shopId, actor: `api:${claims.clientId}` };
    log.security('authentication failed', { code: 'invalid-token', ...known });
    throw new Unauthenticated('invalid-token', 'An access token was refused', {
      publicMessage: 'The access token is missing, expired or not valid.',
    });
  }
  const { shopId, programIds, networks, requestsPerSecond, pseudonymKey } = client;
  const { clientId } = claims;
  if (networks.length > 0 && !isWithinNetworks(address, networks)) throw await refuseNetwork({ shopId, clientId });
  // A scope taken away from the client is gone from its tokens at once.
  const scopes = new Set(claims.scopes.filter((scope) => client.scopes.includes(scope)));
  return { shopId, clientId, scopes, programIds, requestsPerSecond, pseudonymKey };
}

/** Throws `Forbidden` when the caller lacks a scope. */
export function demandScope(caller: ApiCaller, scope: ApiScope): void {
  if (!caller.scopes.has(scope))
    throw new Forbidden('insufficient-scope', 'An access token lacks a scope', {
      publicMessage: `This needs the scope ${scope}.`,
    });
}
