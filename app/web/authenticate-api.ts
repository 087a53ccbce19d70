/** Who calls the API: a Bearer token of ours, of a client that still exists, for what it was issued. */
import type { ApiScope } from '#app/contracts/api-scopes.ts';
import { verifyAccessToken } from '#app/lib/access-token.ts';
import { appUrl } from '#app/lib/env.ts';
import { Forbidden, Unauthenticated } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { apiCaller } from '#app/queries/api-caller.ts';

export type ApiCaller = { shopId: ShopId; clientId: string; scopes: ReadonlySet<string> };

const bearerPattern = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** The caller behind an Authorization header. Throws `Unauthenticated`, saying nothing of the reason. */
export async function authenticateApi(header: string | undefined): Promise<ApiCaller> {
  const token = bearerPattern.exec(header ?? '')?.[1];
  const claims = token === undefined ? null : await verifyAccessToken(token, appUrl());
  const client = claims === null ? null : await apiCaller(claims.clientId);
  if (claims === null || client === null || client.shopId !== claims.shopId)
    throw new Unauthenticated('invalid-token', 'An access token was refused', {
      publicMessage: 'The access token is missing, expired or not valid.',
    });
  // A scope taken away from the client is gone from its tokens at once.
  const scopes = new Set(claims.scopes.filter((scope) => client.scopes.includes(scope)));
  return { shopId: client.shopId, clientId: claims.clientId, scopes };
}

/** Throws `Forbidden` when the caller lacks a scope. */
export function demandScope(caller: ApiCaller, scope: ApiScope): void {
  if (!caller.scopes.has(scope))
    throw new Forbidden('insufficient-scope', 'An access token lacks a scope', {
      publicMessage: `This needs the scope ${scope}.`,
    });
}
