/**
 * Who opens the embedded app. A document request carries Shopify's session token in `id_token`; a data request in the
 * Authorization header, where App Bridge puts it. Without one, a document takes the detour over a page that fetches one.
 */
import { allows, type Permission, type Role } from '#app/domain/access/permissions.ts';
import { admitStaff } from '#app/flows/access/admit-staff.ts';
import { installShop } from '#app/flows/shops/install-shop.ts';
import { Forbidden, Unauthenticated } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';
import { describeFailure } from '#app/web/problem.ts';
import { verifySessionToken } from '#app/web/session-token.ts';

export type AdminCaller = {
  shopId: ShopId;
  shopDomain: string;
  userId: string;
  actor: string;
  role: Role;
  staffId: string;
};

const reloadParameter = 'shopify-reload';
/** When the page last took the detour, in milliseconds since 1970. */
const detourParameter = 'detour';
/** A token that is refused right after the detour is refused after the next one, too: then a person has to be told. */
const detourPauseMs = 10_000;

function bearerOf(request: Request): string | null {
  return /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? null;
}

const challenge = { 'WWW-Authenticate': 'Bearer realm="Stampwell"', 'Cache-Control': 'no-store' };

/** A data request is answered so that App Bridge fetches a fresh token and tries again. */
function refuse(): Response {
  return new Response('The session token is missing or not valid', {
    status: 401,
    headers: { 'X-Shopify-Retry-Invalid-Session-Request': '1', ...challenge },
  });
}

function bounce(url: URL): Response {
  const target = new URLSearchParams(url.searchParams);
  target.delete('id_token');
  target.set(detourParameter, String(Date.now()));
  const back = new URLSearchParams(target);
  target.set(reloadParameter, `${url.pathname}?${back.toString()}`);
  return new Response(null, {
    status: 302,
    // A data request that took this way by mistake must leave the page too, so that App Bridge starts anew.
    headers: {
      Location: `/session-token?${target.toString()}`,
      'Cache-Control': 'no-store',
      'X-Remix-Reload-Document': 'true',
    },
  });
}

/** For a page whose token is no good: another try, unless this was it. */
function detour(url: URL): Response {
  const sinceMs = Date.now() - Number(url.searchParams.get(detourParameter) ?? 0);
  if (sinceMs < 0 || sinceMs > detourPauseMs) return bounce(url);
  return new Response('The session token is not valid', { status: 401, headers: challenge });
}

/** Whether the request is for a page rather than for a page's data. */
function isDocument(request: Request, url: URL): boolean {
  return (
    request.method === 'GET' &&
    !url.pathname.endsWith('.data') &&
    bearerOf(request) === null &&
    request.headers.get('x-remix-request') === null
  );
}

type Known = Pick<AdminCaller, 'shopId' | 'actor'>;

/** What a person reads who may not do this. It is logged who that was. */
function forbid(error: Forbidden, { shopId, actor }: Known): Response {
  log.security('access refused', { code: error.code, shopId, actor });
  const { status, problem } = describeFailure(error);
  return Response.json(problem, { status, headers: { 'Cache-Control': 'no-store' } });
}

/** Throws a Response 403 when the caller's role lacks a permission. For actions where each button needs another one. */
export function demandPermission(caller: Known & Pick<AdminCaller, 'role'>, permission: Permission): void {
  const { role } = caller;
  if (allows(role, permission)) return;
  throw forbid(
    new Forbidden('permission-missing', `A ${role} lacks the permission ${permission}`, {
      publicMessage: `Your role (${role}) does not allow this. An owner of the shop can change your role.`,
    }),
    caller,
  );
}

/** The Shopify user and shop of a token. Throws a Response: 302 to fetch a token (documents), or 401 (data, and documents that just fetched one). */
async function readCaller(request: Request): Promise<{ shopDomain: string; userId: string; token: string }> {
  const url = new URL(request.url);
  const documentToken = url.searchParams.get('id_token');
  const token = bearerOf(request) ?? documentToken;
  const isPage = isDocument(request, url);
  if (token === null) throw isPage ? bounce(url) : refuse();
  const claims = await verifySessionToken(token).catch((error: unknown) => {
    if (!(error instanceof Unauthenticated)) throw error;
    log.security('authentication failed', { code: error.code });
    throw isPage ? detour(url) : refuse();
  });
  // Shoppers' tokens are signed with the same secret: only a token of the shop's admin names a user.
  const { userId, shopDomain } = claims;
  if (userId === null) throw isPage ? detour(url) : refuse();
  return { shopDomain, userId, token };
}

/**
 * The person behind a request, with the shop installed, if their role has the permission. Throws a Response: 302 to fetch
 * a token (documents; 401 when the one just fetched is refused, too), 401 that App Bridge answers with a fresh token
 * (data), or 403 for somebody who may not do this.
 * Throws `Unavailable` when Shopify does not answer an exchange.
 */
export async function authenticateAdmin(request: Request, permission: Permission): Promise<AdminCaller> {
  const { shopDomain, userId, token } = await readCaller(request);
  const shopId = await installShop({ shopDomain, sessionToken: token });
  const actor = `staff:${userId}`;
  const { staffId, role } = await admitStaff({ shopId, userId }).catch((error: unknown) => {
    throw error instanceof Forbidden ? forbid(error, { shopId, actor }) : error;
  });
  demandPermission({ shopId, actor, role }, permission);
  return { shopId, shopDomain, userId, actor, role, staffId };
}
