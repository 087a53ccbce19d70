/**
 * Shopify's token endpoint and Admin GraphQL, in our words. Every call has a time limit; answers are checked. All HTTP
 * of Shopify's own library goes through one fetch, which is where a local stand-in can take Shopify's place.
 */
import '@shopify/shopify-api/adapters/node';
import {
  type ApiVersion,
  GraphqlQueryError,
  HttpResponseError,
  InvalidJwtError,
  RequestedTokenType,
  type Session,
  shopifyApi,
  Session as ShopifySession,
} from '@shopify/shopify-api';
import { setAbstractFetchFunc } from '@shopify/shopify-api/runtime';
import { z } from 'zod';

import { apiVersion } from '#app/contracts/api-version.ts';
import { createBreakers } from '#app/lib/circuit-breaker.ts';
import { appUrl, env } from '#app/lib/env.ts';
import { Forbidden, Rejected, Unavailable } from '#app/lib/errors.ts';

const callTimeoutMs = 10_000;

/** Shopify limits and fails by shop: one that does not answer is left in peace, the others go on. */
const breakerOf = createBreakers({ failuresMax: 10, openMs: 5_000, namesMax: 10_000 });

/** What Shopify gives us to act for a shop. */
export type ShopifyGrant = {
  accessToken: string;
  scope: string;
  expiresAt: Date | null;
  refreshToken: string | null;
  refreshExpiresAt: Date | null;
};

setAbstractFetchFunc(async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  const base = env().PLATFORM_URL;
  const target = base === undefined ? url : new URL(`${base}/shopify/${url.host}${url.pathname}${url.search}`);
  return fetch(target, { ...init, redirect: 'error', signal: AbortSignal.timeout(callTimeoutMs) });
});

const api = (() => {
  let made: ReturnType<typeof make> | undefined;
  const make = () =>
    shopifyApi({
      apiKey: env().SHOPIFY_API_KEY,
      apiSecretKey: env().SHOPIFY_API_SECRET[0] ?? '',
      apiVersion: apiVersion as ApiVersion,
      hostName: new URL(appUrl()).host,
      isEmbeddedApp: true,
      logger: { log: () => undefined },
    });
  return () => (made ??= make());
})();

function toGrant(session: Session): ShopifyGrant {
  return {
    accessToken: session.accessToken ?? '',
    scope: session.scope ?? '',
    expiresAt: session.expires ?? null,
    refreshToken: session.refreshToken ?? null,
    refreshExpiresAt: session.refreshTokenExpires ?? null,
  };
}

/** 4xx of the token endpoint is final for these credentials; anything else may pass. */
function describe(error: unknown, code: string): Error {
  if (error instanceof Rejected || error instanceof Unavailable) return error;
  if (error instanceof InvalidJwtError)
    return new Rejected(code, 'Shopify refused the session token', { cause: error });
  const status = error instanceof HttpResponseError ? error.response.code : 0;
  const isFinal = status >= 400 && status < 500 && status !== 429;
  return isFinal
    ? new Rejected(code, `Shopify refused with ${status}`, { cause: error })
    : new Unavailable(code, 'Shopify is not answering', { cause: error });
}

/** Exchanges a merchant's session token for an expiring offline token. Throws `Rejected` or `Unavailable`. */
export async function exchangeToken(shopDomain: string, sessionToken: string): Promise<ShopifyGrant> {
  try {
    const { session } = await api().auth.tokenExchange({
      shop: shopDomain,
      sessionToken,
      requestedTokenType: RequestedTokenType.OfflineAccessToken,
      expiring: true,
    });
    return toGrant(session);
  } catch (error) {
    throw describe(error, 'token-exchange-failed');
  }
}

/** Trades a refresh token for a new pair. Throws `Rejected` when it is spent or revoked, `Unavailable` otherwise. */
export async function refreshGrant(shopDomain: string, refreshToken: string): Promise<ShopifyGrant> {
  try {
    const { session } = await api().auth.refreshToken({ shop: shopDomain, refreshToken });
    return toGrant(session);
  } catch (error) {
    throw describe(error, 'token-refresh-failed');
  }
}

export type AdminCaller = { shopDomain: string; accessToken: string };

/** Whether the shop did not grant us what an operation needs. */
function isDenied(error: unknown): boolean {
  if (!(error instanceof GraphqlQueryError)) return false;
  return deniedSchema.safeParse(error.body).success;
}

const deniedSchema = z.object({
  errors: z.object({
    graphQLErrors: z
      .array(z.object({ extensions: z.object({ code: z.string() }).optional() }))
      .refine((errors) => errors.some((one) => one.extensions?.code === 'ACCESS_DENIED')),
  }),
});

/**
 * Runs an Admin GraphQL operation and checks its answer. One that must not happen twice says so by `isOnce`: it is then
 * never repeated here, not even when its answer was lost.
 * Throws `Forbidden` when the token is dead, `Unavailable` when Shopify is slow, throttling or down, `Rejected` for errors
 * of ours and for what the shop did not grant us.
 */
export async function callAdmin<Data>(
  caller: AdminCaller,
  call: { operation: string; variables: Record<string, unknown>; schema: z.ZodType<Data>; isOnce?: boolean },
): Promise<Data> {
  const session = new ShopifySession({
    id: `offline_${caller.shopDomain}`,
    shop: caller.shopDomain,
    state: '',
    isOnline: false,
    accessToken: caller.accessToken,
  });
  const client = new (api().clients.Graphql)({ session });
  const answer = await breakerOf(caller.shopDomain).run(() =>
    client
      .request<unknown>(call.operation, { variables: call.variables, retries: call.isOnce === true ? 0 : 1 })
      .catch((error: unknown) => {
        const status = error instanceof HttpResponseError ? error.response.code : 0;
        if (status === 401 || status === 403)
          throw new Forbidden('shopify-token-dead', 'Shopify no longer accepts our token', { cause: error });
        if (isDenied(error))
          throw new Rejected('shopify-access-denied', 'The shop did not grant this', { cause: error });
        throw describe(error, 'admin-api-failed');
      }),
  );
  const parsed = call.schema.safeParse(answer.data);
  if (!parsed.success)
    throw new Rejected('admin-api-answer', 'Shopify answered in a shape we do not know', { cause: parsed.error });
  return parsed.data;
}

const shopSchema = z.object({
  shop: z.object({
    name: z.string(),
    currencyCode: z.string(),
    ianaTimezone: z.string(),
    billingAddress: z.object({ countryCodeV2: z.string().nullable() }),
  }),
});

/** What Shopify says about the shop. */
export async function fetchShop(
  caller: AdminCaller,
): Promise<{ name: string; currency: string; timeZone: string; country: string | null }> {
  const { shop } = await callAdmin(caller, {
    operation: 'query Shop { shop { name currencyCode ianaTimezone billingAddress { countryCodeV2 } } }',
    variables: {},
    schema: shopSchema,
  });
  return {
    name: shop.name,
    currency: shop.currencyCode,
    timeZone: shop.ianaTimezone,
    country: shop.billingAddress.countryCodeV2,
  };
}
