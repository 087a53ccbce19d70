import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import http from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { handleOperator } from '#app/edge/operator/console.ts';
import { addOperator, type AddedOperator, disableOperator } from '#app/flows/operators/add-operator.ts';
import { grantSupport } from '#app/flows/operators/grant-support.ts';
import { resealOperators } from '#app/flows/operators/reseal-operators.ts';
import { closeShop } from '#app/flows/operators/open-shop.ts';
import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { keyEncryptionKeys, setKeyRing } from '#app/lib/key-ring.ts';
import { supportAccessPage } from '#app/queries/support-access-page.ts';
import { call, closeServer, listen } from '#test/platform/http.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { codeShown } from '#test/support/operator-codes.ts';

const runFile = promisify(execFile);
const minuteMs = 60_000;
const person = { name: 'Rosalinde Quittenbaum', email: 'rosalinde.quittenbaum@example.com' };

let system: TestSystem;
let server: http.Server;
let base: string;
let shop: TestShop;
let memberId: string;
let ada: AddedOperator;
/** What became of it when the web process tried to make an account. */
let refusedWithoutWorker: string;

beforeAll(async () => {
  process.env['TRUSTED_PROXY_HOPS'] = '1';
  system = await openTestSystem('stampwell_web');
  server = http.createServer((request, response) => void handleOperator(request, response));
  base = `http://127.0.0.1:${await listen(server, 0)}`;
  refusedWithoutWorker = await addOperator({ name: 'mallory' }).then(
    () => 'made',
    (error: { code?: string }) => error.code ?? 'refused',
  );
  await system.sql('grant insert, update (disabled_at) on operator_account to stampwell_web');
  ada = await addOperator({ name: 'ada' });
  await settle();
});
beforeEach(async () => {
  shop = await makeShop();
  ({ memberId } = await makeMember(shop, person));
});
afterEach(() => setClockOffsetMs(0));
afterAll(async () => {
  await closeServer(server);
  await system.close();
});

/** As if everybody had changed the password they were given. */
const settle = () => system.sql('update operator_account set password_expires_at = null');

let visitor = 0;
let from = '192.0.2.1';
let cookie = '';
/** Each asks from a network of its own unless told otherwise. */
const strangers = () => {
  visitor += 1;
  from = `198.18.${visitor}.1`;
};
beforeEach(strangers);

async function ask(target: string, form?: Record<string, string>) {
  const answer = await call({
    url: `${base}${target}`,
    method: form === undefined ? 'GET' : 'POST',
    headers: { cookie, 'x-forwarded-for': from, 'content-type': 'application/x-www-form-urlencoded' },
    ...(form !== undefined && { body: new URLSearchParams(form).toString() }),
    timeoutMs: 20_000,
  });
  return { status: answer.status, headers: answer.headers, text: answer.body.toString('utf8') };
}

/** What an authenticator app would show; the last half minute's is set free, so that a test need not wait for the next. */
async function codeOf(operator: AddedOperator): Promise<string> {
  await system.sql('update operator_account set totp_step = 0 where name = $1', [operator.name]);
  return codeShown(operator.codeAddress);
}

const signIn = async (operator: AddedOperator, given: Partial<{ password: string; code: string }> = {}) =>
  ask('/sign-in', { name: operator.name, password: operator.password, code: await codeOf(operator), ...given });

function keepCookie(answer: Awaited<ReturnType<typeof ask>>): void {
  [cookie = ''] = String(answer.headers['set-cookie']).split(';');
}

async function signedIn(operator: AddedOperator): Promise<void> {
  const answer = await signIn(operator);
  expect([answer.status, answer.headers['location']]).toEqual([303, '/']);
  keepCookie(answer);
}

const formTokenOf = (text: string) => /name="form" value="([^"]+)"/.exec(text)?.[1] ?? '';

async function openShop(change: Record<string, string> = {}) {
  const page = await ask('/');
  const answer = await ask(`/shops/${shop.shopId}/open`, {
    form: formTokenOf(page.text),
    reason: 'A card of theirs shows no balance',
    minutes: '15',
    scope: 'members',
    code: await codeOf(ada),
    ...change,
  });
  if (answer.status === 303) keepCookie(answer);
  return answer;
}

const audited = () =>
  system.sql<{ actor: string; action: string; object: string; reason: string | null }>(
    `select actor, action, object, reason from audit_record where shop_id = $1 and action like 'support.%' order by sequence`,
    [shop.shopId],
  );

it('L04 the web process makes no operators: only the command does, which runs as a worker', () => {
  expect(refusedWithoutWorker).toBe('42501');
});

describe('signing in', () => {
  it('L07 W11 needs the password and a one-time code, both, and keeps neither', async () => {
    cookie = '';
    expect((await ask('/')).status).toBe(401);
    expect((await ask(`/shops/${shop.shopId}`)).status).toBe(401);
    expect((await signIn(ada, { code: '' })).status).toBe(401);
    expect((await signIn(ada, { code: '000000' })).status).toBe(401);
    expect((await signIn(ada, { password: 'wrong' })).status).toBe(401);
    expect((await signIn({ ...ada, name: 'nobody' }, { code: await codeOf(ada) })).status).toBe(401);
    await signedIn(ada);
    expect((await ask('/')).text).toContain(shop.domain);
    const dump = JSON.stringify(
      await system.sql(`select name, password_hash, encode(totp_secret, 'escape') from operator_account`),
    );
    expect(dump).toMatch(/\$2[aby]\$12\$/);
    expect(dump).not.toContain(ada.password);
    expect(dump).not.toContain(new URL(ada.codeAddress).searchParams.get('secret'));
    expect(JSON.stringify(await system.sql('select * from operator_session'))).not.toContain(cookie.split('=')[1]);
  });

  it('L07 refuses a code that was used before', async () => {
    const code = await codeOf(ada);
    const credentials = { name: ada.name, password: ada.password, code };
    expect((await ask('/sign-in', credentials)).status).toBe(303);
    expect((await ask('/sign-in', credentials)).status).toBe(401);
    // Of many at once with one code, one gets in.
    const fresh = { ...credentials, code: await codeOf(ada) };
    const statuses = await Promise.all(Array.from({ length: 5 }, () => ask('/sign-in', fresh)));
    expect(statuses.filter(({ status }) => status === 303)).toHaveLength(1);
  });

  it('W15 is blocked after ten wrong tries from one network, and free again when time has passed', async () => {
    cookie = '';
    const guesses = [];
    for (let guess = 0; guess < 11; guess += 1)
      guesses.push((await ask('/sign-in', { name: 'ADA ', password: 'x', code: '' })).status);
    expect(guesses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    const blocked = await signIn(ada);
    expect([blocked.status, Number(blocked.headers['retry-after']) > 0]).toEqual([429, true]);
    const network = from;
    strangers();
    expect((await signIn(ada)).status).toBe(303);
    from = network;
    setClockOffsetMs(2 * minuteMs);
    expect((await signIn(ada)).status).toBe(303);
  });

  it('L07 goes on under a newer key-encryption key, and no longer needs the older one', async () => {
    const before = keyEncryptionKeys();
    const newer = { id: 'test-newer', bytes: randomBytes(32) };
    try {
      setKeyRing([newer, ...before]);
      expect(await resealOperators()).toBeGreaterThan(0);
      expect(await resealOperators()).toBe(0);
      setKeyRing([newer]);
      expect((await signIn(ada)).status).toBe(303);
      setKeyRing([...before, newer]);
      await resealOperators();
    } finally {
      setKeyRing(before);
    }
    expect((await signIn(ada)).status).toBe(303);
  });

  it('ends at once for an operator who is shut out', async () => {
    const eve = await addOperator({ name: 'eve' });
    await settle();
    await signedIn(eve);
    expect((await ask('/')).status).toBe(200);
    await disableOperator({ name: 'eve' });
    expect((await ask('/')).status).toBe(401);
    expect((await signIn(eve)).status).toBe(401);
  });

  it('is for accounts that a command makes and shuts out', async () => {
    const run = async (...words: string[]) => {
      const environment = { ...process.env, DATABASE_URL: system.url };
      const command = ['--disable-warning=ExperimentalWarning', path.resolve('workers/operator.ts'), ...words];
      const { stdout } = await runFile(process.execPath, command, { env: environment });
      return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as AddedOperator;
    };
    const grace = await run('add', 'grace');
    await settle();
    await signedIn(grace);
    expect((await ask('/')).status).toBe(200);
    expect(await run('sign-out', 'grace')).toEqual({ name: 'grace', wasSignedIn: true });
    expect((await ask('/')).status).toBe(401);
    expect(await run('sign-out', 'grace')).toEqual({ name: 'grace', wasSignedIn: false });
    await signedIn(grace);
    expect(await run('disable', 'grace')).toEqual({ name: 'grace', isDisabled: true });
    expect((await ask('/')).status).toBe(401);
    for (const line of ['add', 'add Grace!', 'add ada', 'remove ada', 'sign-out nobody', 'reset nobody'])
      await expect(run(...line.split(' '))).rejects.toMatchObject({ code: 1 });
    expect((await ask('/sign-in', { name: 'x'.repeat(9_000) })).status).toBe(413);
  });

  it('ends with signing out, and no form of another page is taken', async () => {
    await signedIn(ada);
    expect((await ask('/sign-out', { form: 'forged' })).status).toBe(403);
    expect((await ask('/sign-out', { form: formTokenOf((await ask('/')).text) })).status).toBe(303);
    expect((await ask('/')).status).toBe(401);
  });
});

describe('looking into a shop', () => {
  beforeEach(() => signedIn(ada));

  it('L06 needs an emergency with a reason and a fresh code, shows people masked, and every look is in the merchant’s audit', async () => {
    const closed = await ask(`/shops/${shop.shopId}/members`);
    expect(closed.status).toBe(403);
    expect(closed.text).not.toContain(memberId);
    expect((await openShop({ reason: 'because' })).status).toBe(422);
    expect((await openShop({ code: '000000' })).status).toBe(401);
    expect((await openShop()).status).toBe(303);
    const list = await ask(`/shops/${shop.shopId}/members?search=${encodeURIComponent(person.email)}`);
    expect([list.status, list.text.includes(memberId)]).toEqual([200, true]);
    const member = await ask(`/shops/${shop.shopId}/members/${memberId}`);
    expect(member.status).toBe(200);
    for (const text of [list.text.replaceAll(`value="${person.email}"`, ''), member.text])
      expect(text).not.toMatch(/Quittenbaum|rosalinde\.quitten/i);
    // What was not opened stays closed.
    expect((await ask(`/shops/${shop.shopId}`)).status).toBe(403);
    const other = await makeShop();
    expect((await ask(`/shops/${other.shopId}/members`)).status).toBe(403);
    const reason = 'A card of theirs shows no balance';
    expect(await audited()).toEqual([
      {
        actor: 'operator:ada',
        action: 'support.break-glass',
        object: expect.stringMatching(/^support-access:/),
        reason,
      },
      { actor: 'operator:ada', action: 'support.read', object: 'members', reason },
      { actor: 'operator:ada', action: 'support.read', object: `member:${memberId}`, reason },
    ]);
    expect((await verifyChain({ shopId: shop.shopId, chain: 'audit' })).firstBad).toBeNull();
    const [shown] = await supportAccessPage(shop.shopId);
    expect(shown).toMatchObject({ kind: 'break-glass', operator: 'ada', reason, isOpen: true });
  });

  it('L06 is over when its time is: 401 until it is opened anew', async () => {
    await openShop({ scope: 'overview' });
    expect((await ask(`/shops/${shop.shopId}`)).text).toContain('Active passes');
    setClockOffsetMs(16 * minuteMs);
    const over = await ask(`/shops/${shop.shopId}`);
    expect(over.status).toBe(401);
    expect(over.text).not.toContain('Active passes');
  });

  it('L06 is over as soon as the merchant ends it, and another shop’s merchant cannot', async () => {
    await openShop();
    const [shown] = await supportAccessPage(shop.shopId);
    const accessId = shown?.accessId ?? '';
    const other = await makeShop();
    const ending = { accessId, actor: 'staff:1' };
    await expect(closeShop({ ...ending, shopId: other.shopId })).rejects.toMatchObject({
      code: 'support-access-not-found',
    });
    expect((await ask(`/shops/${shop.shopId}/members`)).status).toBe(200);
    await closeShop({ ...ending, shopId: shop.shopId });
    expect((await ask(`/shops/${shop.shopId}/members`)).status).toBe(403);
    expect((await audited()).at(-1)).toMatchObject({ actor: 'staff:1', action: 'support.end' });
    await expect(closeShop({ ...ending, shopId: shop.shopId })).rejects.toMatchObject({
      code: 'support-access-not-found',
    });
  });

  it('K03 granted by the merchant for 15 minutes is open in minute 14 and 403 in minute 16', async () => {
    const access = { scopes: ['members'], reason: 'Please look at this member', minutes: 15 };
    await grantSupport({ shopId: shop.shopId, actor: 'staff:1', access });
    expect((await ask(`/shops/${shop.shopId}/members`)).status).toBe(200);
    expect((await ask(`/shops/${shop.shopId}`)).status).toBe(403);
    setClockOffsetMs(14 * minuteMs);
    expect((await ask(`/shops/${shop.shopId}/members`)).status).toBe(200);
    setClockOffsetMs(16 * minuteMs);
    expect((await ask(`/shops/${shop.shopId}/members`)).status).toBe(403);
    expect((await audited()).map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      'staff:1 support.grant',
      'operator:ada support.read',
      'operator:ada support.read',
    ]);
  });

  it('cannot be granted or opened for longer than allowed, or for what does not exist', async () => {
    const access = { scopes: ['members'], reason: 'Please look at this member', minutes: 15 };
    for (const wrong of [
      { minutes: 7 * 24 * 60 + 1 },
      { minutes: 0.5 },
      { scopes: [] },
      { scopes: ['everything'] },
      { reason: 'short' },
    ])
      await expect(
        grantSupport({ shopId: shop.shopId, actor: 'staff:1', access: { ...access, ...wrong } }),
      ).rejects.toMatchObject({ code: 'bad-access' });
    expect((await openShop({ minutes: '481' })).status).toBe(422);
    expect((await ask('/shops/nothing')).status).toBe(404);
  });

  it('escapes what merchants and members wrote', async () => {
    await system.sql(`update shop set name = '<script>alert(1)</script>' where id = $1`, [shop.shopId]);
    await openShop({ reason: '<img src=x onerror=alert(1)>', scope: 'overview' });
    const page = await ask(`/shops/${shop.shopId}`);
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/<script|<img/);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  });
});
