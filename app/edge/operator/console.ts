/**
 * The operator console: a server of its own, on a port of its own, on loopback unless told otherwise. No session, no page;
 * no access to a shop, nothing of it; and whatever is shown of a shop was written into its audit chain before it was read.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { html, type Markup, page, stylesheet } from '#app/edge/operator/html.ts';
import {
  accountLine,
  accountPage,
  memberPage,
  membersPage,
  openShopPage,
  overviewPage,
  shopsPage,
  signInPage,
} from '#app/edge/operator/pages.ts';
import { HttpRefusal, readText } from '#app/edge/http-exchange.ts';
import { lookIntoShop } from '#app/flows/operators/look-into-shop.ts';
import { noteRead } from '#app/flows/security/note-read.ts';
import { closeShop, openShop } from '#app/flows/operators/open-shop.ts';
import {
  changePassword,
  confirmOperator,
  type OpenedSession,
  renewSession,
  sessionOfSecret,
  signInOperator,
  signOutOperator,
} from '#app/flows/operators/sign-in-operator.ts';
import type { SupportScope } from '#app/domain/access/support-access.ts';
import { env } from '#app/lib/env.ts';
import { Forbidden, isFailure, NotFound, Unauthenticated } from '#app/lib/errors.ts';
import { proposePassword } from '#app/lib/proposed-password.ts';
import { equalBytes } from '#app/lib/sealed-box.ts';
import { listMembers } from '#app/queries/list-members.ts';
import { memberDetail } from '#app/queries/member-detail.ts';
import { operatorShop, operatorShops } from '#app/queries/operator-shops.ts';
import { shopOverview } from '#app/queries/shop-overview.ts';
import { describeFailure } from '#app/web/problem.ts';
import { requestAddress } from '#app/web/request-address.ts';
import { countSecretAttempt } from '#app/web/secret-attempts.ts';

const formBytesMax = 8 * 1024;
const membersPerPage = 50;

type Session = NonNullable<Awaited<ReturnType<typeof sessionOfSecret>>> & { secret: string; formToken: string };
type Visit = { request: IncomingMessage; url: URL; session: Session; parts: string[] };
type Answer = { status: number; title: string; body: Markup } | { redirect: string; cookie?: string };

const always = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Demos and tests come without TLS, where a browser takes neither `Secure` nor the prefix that demands it. */
const isPlain = () => ['demo', 'test'].includes(env().STAMPWELL_ENV);
const cookieName = () => (isPlain() ? 'stampwell-operator' : '__Host-stampwell-operator');

function cookieOf(secret: string, maxAgeSeconds: number): string {
  const secure = isPlain() ? '' : '; Secure';
  return `${cookieName()}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure}`;
}

const cookieFor = ({ secret, expiresAt }: OpenedSession) =>
  cookieOf(secret, Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1000)));

async function sessionOf(request: IncomingMessage): Promise<Session | null> {
  const cookies = (request.headers.cookie ?? '').split(';').map((part) => part.trim().split('='));
  const name = cookieName();
  const secret = cookies.find(([found]) => found === name)?.[1] ?? '';
  const session = secret === '' ? null : await sessionOfSecret(secret);
  if (session === null) return null;
  return { ...session, secret, formToken: createHash('sha256').update(`form ${secret}`).digest('base64url') };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams(await readText(request, formBytesMax));
}

/** A form of ours, of this session. Throws `Forbidden` for any other. */
async function readOwnForm({ request, session }: Visit): Promise<URLSearchParams> {
  const form = await readForm(request);
  if (!equalBytes(Buffer.from(form.get('form') ?? ''), Buffer.from(session.formToken)))
    throw new Forbidden('foreign-form', 'A form of another page was sent', {
      publicMessage: 'Load the page anew and try again.',
    });
  return form;
}

async function signIn(request: IncomingMessage): Promise<Answer> {
  const form = await readForm(request);
  const given = { name: form.get('name') ?? '', password: form.get('password') ?? '', code: form.get('code') ?? '' };
  const attempt = countSecretAttempt({ address: requestAddress(request), target: `operator ${given.name}` });
  const opened = await signInOperator(given);
  attempt.succeeded();
  return { redirect: '/', cookie: cookieFor(opened) };
}

async function confirm({ request, session }: Visit, code: string): Promise<void> {
  const attempt = countSecretAttempt({ address: requestAddress(request), target: `code of ${session.operator}` });
  await confirmOperator({ name: session.operator, code });
  attempt.succeeded();
}

function showAccount({ session }: Visit, problem: string | null = null): Answer {
  const proposed = proposePassword(session.secret);
  const status = problem === null ? 200 : 401;
  return { status, title: 'Your account', body: accountPage(session, { proposed, problem }) };
}

async function replacePassword(visit: Visit): Promise<Answer> {
  const { request, session } = visit;
  const form = await readOwnForm(visit);
  const attempt = countSecretAttempt({ address: requestAddress(request), target: `code of ${session.operator}` });
  const given = (name: string) => form.get(name) ?? '';
  try {
    const opened = await changePassword({
      session: session.secret,
      name: session.operator,
      current: given('password'),
      code: given('code'),
      proposed: { password: given('proposed'), proof: given('proof') },
    });
    attempt.succeeded();
    return { redirect: '/', cookie: cookieFor(opened) };
  } catch (error) {
    if (!(error instanceof Unauthenticated)) throw error;
    return showAccount(visit, error.publicMessage ?? '');
  }
}

async function signOut(visit: Visit): Promise<Answer> {
  await readOwnForm(visit);
  await signOutOperator({ session: visit.session.secret, name: visit.session.operator });
  return { redirect: '/', cookie: cookieOf('', 0) };
}

/** What operators may do with their own account, also while they still have the password they were given. */
const ownPages: Record<string, (visit: Visit) => Answer | Promise<Answer>> = {
  'GET /account': (visit) => showAccount(visit),
  'POST /account/password': replacePassword,
  'POST /sign-out': signOut,
};

async function answerShops({ url }: Visit): Promise<Answer> {
  const domain = (url.searchParams.get('domain') ?? '').trim();
  const shops = await operatorShops({ domain, after: url.searchParams.get('after') ?? '' });
  return { status: 200, title: 'Shops', body: shopsPage(shops, domain) };
}

type Look = (visit: Visit, shop: Awaited<ReturnType<typeof operatorShop>>) => Promise<Answer>;

const overview: Look = async ({ session: { operator, formToken } }, shop) => {
  const access = await lookIntoShop({
    shopId: shop.shopId,
    operator,
    scope: 'overview',
    object: `shop:${shop.shopId}`,
  });
  const data = { overview: await shopOverview(shop.shopId), access, token: formToken };
  return { status: 200, title: shop.domain, body: overviewPage(shop, data) };
};

/** What the pages of members show, masked: it may still tell who somebody is. */
const maskedFields = ['name', 'email', 'standing'];

const members: Look = async ({ session: { operator }, url, parts }, shop) => {
  const [, , , memberId] = parts;
  const look = { shopId: shop.shopId, operator, scope: 'members' as SupportScope };
  await lookIntoShop({ ...look, object: memberId === undefined ? 'members' : `member:${memberId.slice(0, 36)}` });
  const note = (operation: string, memberIds: string[], fields: string[]) =>
    noteRead({ shopId: shop.shopId, actor: `operator:${operator}`, operation, memberIds, fields });
  if (memberId !== undefined) {
    const detail = await memberDetail(shop.shopId, memberId, {});
    await note('support.member', [detail.member.memberId], [...maskedFields, 'phone', 'balance', 'passes']);
    return { status: 200, title: 'Member', body: memberPage(detail) };
  }
  const search = (url.searchParams.get('search') ?? '').trim();
  const cursor = url.searchParams.get('cursor');
  const list = await listMembers(shop.shopId, { search, ...(cursor !== null && { cursor }), limit: membersPerPage });
  const shown = list.members.map((member) => member.memberId);
  await note('support.members', shown, maskedFields);
  return { status: 200, title: `Members of ${shop.domain}`, body: membersPage(shop, { list, search }) };
};

const open: Look = async (visit, shop) => {
  const form = await readOwnForm(visit);
  await confirm(visit, form.get('code') ?? '');
  const access = {
    reason: (form.get('reason') ?? '').trim(),
    minutes: Number(form.get('minutes')),
    scopes: form.getAll('scope'),
  };
  await openShop({ shopId: shop.shopId, operator: visit.session.operator, access });
  return { redirect: `/shops/${shop.shopId}`, cookie: cookieFor(await renewSession(visit.session.secret)) };
};

const close: Look = async (visit, shop) => {
  const form = await readOwnForm(visit);
  const actor = `operator:${visit.session.operator}`;
  await closeShop({ shopId: shop.shopId, accessId: form.get('accessId') ?? '', actor });
  return { redirect: '/' };
};

const looks: Record<string, Look> = {
  'GET ': overview,
  'GET members': members,
  'POST open': open,
  'POST close': close,
};

/** Without access the page offers to open the shop; everything else is a failure like any other. */
async function answerShop(visit: Visit): Promise<Answer> {
  const [, shopId = '', part = ''] = visit.parts;
  const shop = await operatorShop(shopId);
  const look = looks[`${visit.request.method} ${part}`];
  if (look === undefined) throw new NotFound('not-found', 'No such page', { publicMessage: 'There is no such page.' });
  try {
    return await look(visit, shop);
  } catch (error) {
    if (!(error instanceof Forbidden || error instanceof Unauthenticated)) throw error;
    const problem = error.publicMessage ?? '';
    const status = error instanceof Forbidden ? 403 : 401;
    const body = openShopPage(shop, { token: visit.session.formToken, problem });
    return { status, title: shop.domain, body };
  }
}

async function answer(request: IncomingMessage, url: URL, session: Session | null): Promise<Answer> {
  if (request.method === 'POST' && url.pathname === '/sign-in') return signIn(request);
  if (session === null) return { status: 401, title: 'Sign in', body: signInPage(null) };
  const parts = url.pathname.split('/').slice(1);
  const visit = { request, url, session, parts };
  const own = ownPages[`${request.method} ${url.pathname}`];
  if (own !== undefined) return own(visit);
  if (session.isFirstPassword) return { redirect: '/account' };
  if (url.pathname === '/') return answerShops(visit);
  if (parts[0] === 'shops') return answerShop(visit);
  throw new NotFound('not-found', 'No such page', { publicMessage: 'There is no such page.' });
}

function describe(error: unknown, session: Session | null): { answer: Answer; headers: Record<string, string> } {
  if (error instanceof HttpRefusal) {
    const body = html`<p role="alert">${error.details.detail}</p>`;
    return { answer: { status: error.status, title: 'Not understood', body }, headers: error.details.headers ?? {} };
  }
  const { status, problem, headers } = describeFailure(error);
  const words = problem.detail ?? problem.title;
  const isSignIn = session === null && isFailure(error);
  const body = isSignIn ? signInPage(words) : html`<p role="alert">${words}</p>`;
  return { answer: { status, title: isSignIn ? 'Sign in' : problem.title, body }, headers };
}

function send(
  response: ServerResponse,
  session: Session | null,
  told: Answer,
  headers: Record<string, string> = {},
): void {
  if ('redirect' in told) {
    const cookie = told.cookie === undefined ? {} : { 'set-cookie': told.cookie };
    response.writeHead(303, { ...always, ...headers, ...cookie, location: told.redirect }).end();
    return;
  }
  const account = session === null ? null : accountLine(session.operator, session.formToken);
  const { markup } = page({ ...told, account });
  response.writeHead(told.status, { ...always, ...headers, 'content-type': 'text/html; charset=utf-8' }).end(markup);
}

/** Handles one request to the operator console. */
export async function handleOperator(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = URL.parse(request.url ?? '/', 'http://operator.invalid') ?? new URL('http://operator.invalid/');
  if (url.pathname === '/operator.css') {
    response.writeHead(200, { ...always, 'content-type': 'text/css; charset=utf-8' }).end(stylesheet);
    return;
  }
  let session: Session | null = null;
  try {
    session = await sessionOf(request);
    send(response, session, await answer(request, url, session));
  } catch (error) {
    const { answer: told, headers } = describe(error, session);
    send(response, session, told, headers);
  }
}
