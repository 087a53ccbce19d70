/** An integrator exchanges its credentials for an access token. */
import { touchApiClient } from '#app/data/shops/api-clients.ts';
import { openApiClient } from '#app/data/shops/api-credentials.ts';
import { withShop } from '#app/data/tenancy.ts';
import { accessTokenLifetimeSeconds, createAccessToken } from '#app/lib/access-token.ts';
import { now } from '#app/lib/clock.ts';
import { appUrl } from '#app/lib/env.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { isWithinNetworks } from '#app/lib/networks.ts';

export type IssuedToken =
  | { kind: 'issued'; accessToken: string; expiresInSeconds: number; scopes: string[] }
  /** The credentials were right, but the call came from outside the client's networks. */
  | { kind: 'foreign-network'; shopId: ShopId };

/**
 * Issues a token for the scopes asked for, or for all the client has. Safe to repeat; tokens do not replace each other.
 * Throws `Unauthenticated` for wrong credentials, `InvalidInput` for a scope the client does not have, `Unavailable`.
 */
export async function issueApiToken(asked: {
  clientId: string;
  clientSecret: string;
  scopes: string[] | null;
  /** The caller's; empty when the network tells none. */
  address: string;
}): Promise<IssuedToken> {
  const { shopId, client } = await openApiClient(asked);
  if (client.networks.length > 0 && !isWithinNetworks(asked.address, client.networks))
    return { kind: 'foreign-network', shopId };
  const scopes = asked.scopes ?? client.scopes;
  if (scopes.length === 0 || scopes.some((scope) => !client.scopes.includes(scope)))
    throw new InvalidInput('invalid-scope', 'An API client asked for a scope it does not have', {
      publicMessage: 'The client does not have every scope that was asked for.',
    });
  await withShop(shopId, (tx) => touchApiClient(tx, client.clientId, now()));
  const { clientId, tokenEpoch: epoch } = client;
  const accessToken = await createAccessToken({ issuer: appUrl(), clientId, shopId, scopes, epoch });
  return { kind: 'issued', accessToken, expiresInSeconds: accessTokenLifetimeSeconds, scopes };
}
