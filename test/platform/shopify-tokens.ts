/** Shopify's token endpoint: token exchange and rotating refresh tokens. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { readFields, sendJson } from '#test/platform/http.ts';
import { isSessionTokenGood } from '#test/platform/session-token.ts';
import type { AppIdentity } from '#test/platform/session-token.ts';
import { isOwnToken, newToken } from '#test/platform/shopify-shops.ts';
import type { Shop, TokenGrant } from '#test/platform/shopify-shops.ts';

const accessLifetimeS = 3600;
const refreshLifetimeS = 90 * 24 * 3600;
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const offlineToken = 'urn:shopify:params:oauth:token-type:offline-access-token';

/** Who gives tokens to whom, and for what. */
export type Issuer = { app: AppIdentity; shop: Shop; scopes: string[] };

type Refusal = { error: string; error_description: string };

function refusal(error: string, description: string): Refusal {
  return { error, error_description: description };
}

function addGrant(
  platform: Issuer,
  options: { isExpiring: boolean; replaces: TokenGrant | null; accessToken?: string; refreshToken?: string },
): TokenGrant {
  const nowMs = Date.now();
  const { app, shop } = platform;
  const grant: TokenGrant = {
    accessToken: options.accessToken ?? newToken(app.apiSecret, shop, 'shpat'),
    accessExpiresAtMs: options.isExpiring ? nowMs + accessLifetimeS * 1000 : Number.MAX_SAFE_INTEGER,
    refreshToken: options.isExpiring ? (options.refreshToken ?? newToken(app.apiSecret, shop, 'shprt')) : null,
    refreshExpiresAtMs: nowMs + refreshLifetimeS * 1000,
    scopes: platform.scopes,
    replaces: options.replaces,
    isRevoked: false,
  };
  shop.grants.push(grant);
  return grant;
}

function describeGrant(grant: TokenGrant): Record<string, unknown> {
  const plain = { access_token: grant.accessToken, scope: grant.scopes.join(',') };
  if (grant.refreshToken === null) return plain;
  return {
    ...plain,
    expires_in: accessLifetimeS,
    refresh_token: grant.refreshToken,
    refresh_token_expires_in: refreshLifetimeS,
  };
}

/** The replacement is in use, so what it replaced ends. */
function markUsed(grant: TokenGrant): void {
  if (grant.replaces !== null) grant.replaces.isRevoked = true;
  grant.replaces = null;
}

async function exchange(issuer: Issuer, fields: Record<string, unknown>): Promise<TokenGrant | Refusal> {
  const { app, shop } = issuer;
  shop.tokenCalls.exchanges += 1;
  const subject = fields['subject_token'];
  if (fields['requested_token_type'] !== offlineToken)
    return refusal('invalid_request', 'Only offline access tokens are offered here.');
  if (typeof subject !== 'string' || !(await isSessionTokenGood(app, shop.domain, subject)))
    return refusal('invalid_subject_token', 'The session token is not valid for this shop.');
  return addGrant(issuer, { isExpiring: String(fields['expiring']) === '1', replaces: null });
}

function findRefreshable(issuer: Issuer, refreshToken: string): TokenGrant | undefined {
  const { app, shop } = issuer;
  const known = shop.grants.find((grant) => grant.refreshToken === refreshToken);
  if (known !== undefined || !isOwnToken(app.apiSecret, shop, refreshToken)) return known;
  return addGrant(issuer, { isExpiring: true, replaces: null, refreshToken });
}

function refresh(issuer: Issuer, fields: Record<string, unknown>): TokenGrant | Refusal {
  const { shop } = issuer;
  shop.tokenCalls.refreshes += 1;
  const refreshToken = fields['refresh_token'];
  const known = typeof refreshToken === 'string' ? findRefreshable(issuer, refreshToken) : undefined;
  const isDead = known === undefined || known.isRevoked || known.refreshExpiresAtMs <= Date.now();
  if (shop.faults.isRefreshRefused || isDead) return refusal('invalid_grant', 'The refresh token is not active.');
  markUsed(known);
  return addGrant(issuer, { isExpiring: true, replaces: known });
}

/** Answers `POST /admin/oauth/access_token`. */
export async function answerToken(issuer: Issuer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { app, shop } = issuer;
  const fields = await readFields(request);
  if (shop.faults.tokenDelayMs > 0) await delay(shop.faults.tokenDelayMs);
  if (fields['client_id'] !== app.apiKey || fields['client_secret'] !== app.apiSecret)
    return sendJson(response, 401, refusal('invalid_client', 'The app is not known by these credentials.'));
  const answer = await answerGrant(issuer, fields);
  if ('error' in answer) return sendJson(response, 400, answer);
  return sendJson(response, 200, describeGrant(answer));
}

function answerGrant(
  issuer: Issuer,
  fields: Record<string, unknown>,
): Promise<TokenGrant | Refusal> | Refusal | TokenGrant {
  if (fields['grant_type'] === exchangeGrant) return exchange(issuer, fields);
  if (fields['grant_type'] === 'refresh_token') return refresh(issuer, fields);
  return refusal('unsupported_grant_type', 'This grant type is not offered here.');
}

/** The live grant behind an access token, or null. Using it ends the grant it replaced. */
export function findGrant(issuer: Issuer, accessToken: string): TokenGrant | null {
  const { app, shop } = issuer;
  const known = shop.grants.find((grant) => grant.accessToken === accessToken);
  if (known === undefined && isOwnToken(app.apiSecret, shop, accessToken))
    return addGrant(issuer, { isExpiring: true, replaces: null, accessToken });
  if (known === undefined || known.isRevoked || known.accessExpiresAtMs <= Date.now()) return null;
  markUsed(known);
  return known;
}

/** Ends every access token of a shop now, as time would. Refresh tokens stay. */
export function expireAccessTokens(shop: Shop): void {
  for (const grant of shop.grants) grant.accessExpiresAtMs = 0;
}

/** Ends every token of a shop, as uninstalling does. */
export function revokeTokens(shop: Shop): void {
  for (const grant of shop.grants) grant.isRevoked = true;
}
