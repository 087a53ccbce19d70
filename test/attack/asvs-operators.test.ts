/** The session of an operator, and what an account is worth before and after it. */
import { randomBytes } from 'node:crypto';
import http from 'node:http';

import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { pinProblem } from '#app/domain/access/pins.ts';
import { handleOperator } from '#app/edge/operator/console.ts';
import { addOperator, type AddedOperator, endSessionOf } from '#app/flows/operators/add-operator.ts';
import { newClientSecret } from '#app/lib/client-secret.ts';
import { env } from '#app/lib/env.ts';
import { newCodeSecret, stepOfCode } from '#app/lib/one-time-codes.ts';
import { hashSecret, isSecretOf } from '#app/lib/secret-hash.ts';
import { call, closeServer, listen } from '#test/platform/http.ts';
import { makeShop, openTestSystem, type TestSystem } from '#test/support/factories.ts';
import { codeShown } from '#test/support/operator-codes.ts';

let system: TestSystem;
let server: http.Server;
let base: string;
let grace: AddedOperator;
/** How many accounts and clients there were before anybody made one. */
let atFirst: Record<string, unknown>;

beforeAll(async () => {
  process.env['TRUSTED_PROXY_HOPS'] = '1';
  system = await openTestSystem('stampwell_worker');
  server = http.createServer((request, response) => void handleOperator(request, response));
  base = `http://127.0.0.1:${await listen(server, 0)}`;
  [atFirst = {}] = await system.sql(
    `select (select count(*)::int from operator_account) as operators, (select count(*)::int from api_client) as clients,
       (select count(*)::int from shop_staff) as staff, (select count(*)::int from shop) as shops`,
  );
  grace = await addOperator({ name: 'grace' });
  await system.sql('update operator_account set password_expires_at = null');
});
afterAll(async () => {
  await closeServer(server);
  await system.close();
});

async function ask(path: string, { cookie = '', form }: { cookie?: string; form?: Record<string, string> } = {}) {
  const answer = await call({
    url: `${base}${path}`,
    method: form === undefined ? 'GET' : 'POST',
    headers: {
      cookie,
      'x-forwarded-for': `198.18.${randomBytes(1)[0]}.1`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    ...(form !== undefined && { body: new URLSearchParams(form).toString() }),
    timeoutMs: 20_000,
  });
  return { status: answer.status, headers: answer.headers, text: answer.body.toString('utf8') };
}

/** What an authenticator app would show; the last half minute's is set free, so that a test need not wait for the next. */
async function codeOf(operator: AddedOperator): Promise<string> {
  await system.sql('update operator_account set totp_step = 0');
  return codeShown(operator.codeAddress);
}

async function signIn(change: Partial<AddedOperator> = {}) {
  const operator = { ...grace, ...change };
  return ask('/sign-in', {
    form: { name: operator.name, password: operator.password, code: await codeOf(operator) },
  });
}

/** The cookie of a new session, whole. */
async function newCookie(operator: AddedOperator = grace): Promise<string> {
  const { status, headers } = await signIn(operator);
  expect(status).toBe(303);
  return String(headers['set-cookie']);
}
const valueOf = (cookie: string) => cookie.split(';')[0] ?? '';
const fieldOf = (text: string, name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(text)?.[1] ?? '';

/** Changes to the password the console proposes. */
async function changePassword(operator: AddedOperator, cookie: string, change: Record<string, string> = {}) {
  const { text } = await ask('/account', { cookie });
  const [form = '', proposed = '', proof = ''] = ['form', 'proposed', 'proof'].map((name) => fieldOf(text, name));
  const given = { form, proposed, proof, password: operator.password, code: await codeOf(operator), ...change };
  return { proposed, answer: await ask('/account/password', { cookie, form: given }) };
}

describe('an installation nobody has used', () => {
  it('has no account, no client and no person in it', () => {
    expect(atFirst).toEqual({ operators: 0, clients: 0, staff: 0, shops: 0 });
  });
});

describe('the session of an operator', () => {
  it('is 256 random bits, a different one each time, and kept as a hash', async () => {
    const [first, second] = [valueOf(await newCookie()), valueOf(await newCookie())];
    for (const cookie of [first, second]) expect(cookie.split('=')[1]).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(first).not.toBe(second);
    const rows = await system.sql<{ hash: string }>(`select encode(id_hash, 'escape') as hash from operator_session`);
    for (const { hash } of rows) expect([first, second].some((cookie) => cookie.includes(hash))).toBe(false);
  });

  it('is hidden from scripts, and not sent along from another site', async () => {
    const cookie = await newCookie();
    expect(cookie).toContain('; HttpOnly');
    expect(cookie).toContain('; SameSite=Strict');
    expect(cookie).toContain('; Path=/');
    expect(cookie).not.toContain('Domain=');
  });

  it('has a name that no other host and no page without TLS can set, but in demos and tests', async () => {
    const tested = await newCookie();
    expect(tested).toMatch(/^stampwell-operator=/);
    expect(tested).not.toContain('Secure');
    const { STAMPWELL_ENV: before } = env();
    try {
      for (const environment of ['production', 'staging'] as const) {
        env().STAMPWELL_ENV = environment;
        const cookie = await newCookie();
        expect(cookie).toMatch(
          /^__Host-stampwell-operator=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/,
        );
        expect((await ask('/', { cookie: valueOf(cookie) })).status).toBe(200);
        expect((await ask('/', { cookie: valueOf(cookie).replace('__Host-', '') })).status).toBe(401);
      }
    } finally {
      env().STAMPWELL_ENV = before;
    }
  });

  it('ends with the next sign-in, and there is never more than one', async () => {
    const [first, second] = [valueOf(await newCookie()), valueOf(await newCookie())];
    expect([(await ask('/', { cookie: first })).status, (await ask('/', { cookie: second })).status]).toEqual([
      401, 200,
    ]);
    expect(await system.sql('select 1 from operator_session')).toHaveLength(1);
  });

  it('has another secret after a fresh code, to the same end, and not after a wrong one', async () => {
    const { shopId } = await makeShop();
    const cookie = valueOf(await newCookie());
    const ends = () => system.sql('select expires_at from operator_session');
    const before = await ends();
    const form = fieldOf((await ask('/', { cookie })).text, 'form');
    const open = async (code: string) =>
      ask(`/shops/${shopId}/open`, {
        cookie,
        form: { form, reason: 'A card of theirs shows no balance', minutes: '15', scope: 'overview', code },
      });
    expect((await open('000000')).status).toBe(401);
    expect((await ask('/', { cookie })).status).toBe(200);
    const { status, headers } = await open(await codeOf(grace));
    const renewed = valueOf(String(headers['set-cookie']));
    expect([status, renewed === cookie]).toEqual([303, false]);
    expect([(await ask('/', { cookie })).status, (await ask('/', { cookie: renewed })).status]).toEqual([401, 200]);
    expect(await ends()).toEqual(before);
  });

  it('ends after fifteen minutes in which it is not used', async () => {
    const cookie = valueOf(await newCookie());
    const idle = (minutes: number) =>
      system.sql(`update operator_session set seen_at = now() - make_interval(mins => $1)`, [minutes]);
    await idle(14);
    expect((await ask('/', { cookie })).status).toBe(200);
    // That was a use: from here on it is fifteen minutes again.
    const [row] = await system.sql<{ isFresh: boolean }>(
      `select seen_at > now() - interval '1 minute' as "isFresh" from operator_session`,
    );
    expect(row?.isFresh).toBe(true);
    await idle(16);
    for (const path of ['/', '/account']) expect((await ask(path, { cookie })).status).toBe(401);
  });

  it('is shown to its operator, who ends it there, and by signing in or by command from anywhere', async () => {
    const cookie = valueOf(await newCookie());
    const { text } = await ask('/account', { cookie });
    const [row] = await system.sql<{ created_at: Date; expires_at: Date }>('select * from operator_session');
    for (const at of [row?.created_at, row?.expires_at]) expect(text).toContain(`datetime="${at?.toISOString()}"`);
    const form = fieldOf(text, 'form');
    expect((await ask('/sign-out', { cookie, form: { form } })).status).toBe(303);
    const elsewhere = valueOf(await newCookie());
    await newCookie();
    expect((await ask('/account', { cookie: elsewhere })).status).toBe(401);
    const last = valueOf(await newCookie());
    expect(await endSessionOf({ name: grace.name })).toBe(true);
    expect((await ask('/account', { cookie: last })).status).toBe(401);
  });

  it('ends two hours after it began, whatever happens in between', async () => {
    const cookie = valueOf(await newCookie());
    expect((await ask('/', { cookie })).status).toBe(200);
    const [row] = await system.sql<{ hours: number }>(
      `select extract(epoch from expires_at - now()) / 3600 as hours from operator_session order by expires_at desc limit 1`,
    );
    expect(Math.abs(Number(row?.hours) - 2)).toBeLessThan(0.1);
    await system.sql(`update operator_session set expires_at = now() - interval '1 second'`);
    expect((await ask('/', { cookie })).status).toBe(401);
  });

  it('shows the way out on every page', async () => {
    const cookie = valueOf(await newCookie());
    for (const path of ['/', '/?domain=nobody', '/shops/nothing', '/nothing'])
      expect([path, (await ask(path, { cookie })).text]).toEqual([path, expect.stringContaining('action="/sign-out"')]);
  });

  it('leaves nothing behind: the cookie goes, and no page was kept', async () => {
    const cookie = valueOf(await newCookie());
    const page = await ask('/', { cookie });
    expect(page.headers['cache-control']).toBe('no-store');
    const form = /name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const { headers } = await ask('/sign-out', { cookie, form: { form } });
    expect(String(headers['set-cookie'])).toMatch(/^[\w-]+=;.*Max-Age=0/);
    expect((await ask('/', { cookie })).status).toBe(401);
  });

  it('has answers that run no script, are framed by nobody and are not guessed at', async () => {
    for (const path of ['/', '/operator.css', '/nothing']) {
      const { headers } = await ask(path);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['content-security-policy']).toContain("base-uri 'none'");
      expect([headers['x-content-type-options'], headers['referrer-policy']]).toEqual(['nosniff', 'no-referrer']);
    }
  });
});

describe('signing in', () => {
  it('hides the password as it is typed, and lets a password manager fill it in', async () => {
    const { text } = await ask('/');
    const [field = ''] = /<input[^>]*name="password"[^>]*>/.exec(text) ?? [];
    expect(field).toContain('type="password"');
    expect(field).toContain('autocomplete="current-password"');
    expect(text).not.toMatch(/onpaste|readonly/i);
  });

  it('takes the password exactly as it is: no other case, nothing cut off, nothing added', async () => {
    const { password } = grace;
    expect((await signIn()).status).toBe(303);
    for (const other of [password.toUpperCase(), password.slice(0, -1), `${password}x`])
      expect((await signIn({ password: other })).status).toBe(401);
  });

  it('is on record, whether it went well or not', async () => {
    await system.sql('delete from operator_record');
    await signIn();
    await signIn({ password: 'wrong' });
    const records = await system.sql<{ operator: string; action: string }>(
      'select operator, action from operator_record order by at',
    );
    expect(records).toEqual([
      { operator: 'grace', action: 'operator.sign-in' },
      { operator: 'grace', action: 'operator.refused' },
    ]);
  });
});

describe('the password of an operator', () => {
  it('that was given to them opens nothing but the way to another one, and only for a day', async () => {
    const edith = await addOperator({ name: 'edith' });
    const cookie = valueOf(await newCookie(edith));
    const { shopId } = await makeShop();
    for (const path of ['/', `/shops/${shopId}`, '/nothing']) {
      const { headers, text } = await ask(path, { cookie });
      expect([path, headers['location'], text]).toEqual([path, '/account', '']);
    }
    const form = fieldOf((await ask('/account', { cookie })).text, 'form');
    expect((await ask(`/shops/${shopId}/open`, { cookie, form: { form } })).headers['location']).toBe('/account');
    const [row] = await system.sql<{ hours: string }>(
      `select extract(epoch from password_expires_at - created_at) / 3600 as hours from operator_account where name = 'edith'`,
    );
    expect(Number(row?.hours)).toBe(24);
    await system.sql(`update operator_account set password_expires_at = now() where name = 'edith'`);
    expect((await signIn(edith)).status).toBe(401);
    expect((await changePassword(edith, cookie)).answer.status).toBe(401);
  });

  it('is changed by who knows the current one and has a fresh code; then only the new one opens, and no earlier session', async () => {
    const joan = await addOperator({ name: 'joan' });
    const cookie = valueOf(await newCookie(joan));
    const refused: [Record<string, string>, number][] = [
      [{ password: 'wrong' }, 401],
      [{ password: '' }, 401],
      [{ code: '000000' }, 401],
      [{ form: 'forged' }, 403],
      [{ proposed: 'correct horse battery staple' }, 403],
    ];
    for (const [change, status] of refused) {
      const { answer } = await changePassword(joan, cookie, change);
      expect([change, answer.status, answer.headers['set-cookie']]).toEqual([change, status, undefined]);
    }
    const { proposed, answer } = await changePassword(joan, cookie);
    expect([answer.status, answer.headers['location']]).toEqual([303, '/']);
    expect(proposed).toMatch(/^[A-Za-z0-9_-]{32}$/);
    const renewed = valueOf(String(answer.headers['set-cookie']));
    expect([(await ask('/', { cookie })).status, (await ask('/', { cookie: renewed })).status]).toEqual([401, 200]);
    expect((await signIn(joan)).status).toBe(401);
    const changed = { ...joan, password: proposed };
    expect((await signIn(changed)).status).toBe(303);
    expect(JSON.stringify(await system.sql('select * from operator_account'))).not.toContain(proposed);
    const records = await system.sql(
      `select 1 from operator_record where operator = 'joan' and action = 'operator.password'`,
    );
    expect(records).toHaveLength(1);
    // Of two changes at once one counts.
    const last = valueOf(await newCookie(changed));
    const both = await Promise.all([1, 2].map(() => changePassword(changed, last)));
    expect(both.filter(({ answer: { status } }) => status === 303)).toHaveLength(1);
  });
});

describe('a secret', () => {
  it('is short enough that bcrypt looks at all of it', async () => {
    for (const environment of ['production', 'staging', 'demo', 'test'])
      expect(Buffer.byteLength(newClientSecret(environment))).toBeLessThanOrEqual(72);
    expect(Buffer.byteLength(grace.password)).toBeLessThanOrEqual(72);
    expect(pinProblem('12345678901')).not.toBeNull();
    const hash = await hashSecret(grace.password);
    expect(hash).toMatch(/^\$2[aby]\$12\$/);
    expect([await isSecretOf(grace.password, hash), await isSecretOf(`${grace.password}x`, hash)]).toEqual([
      true,
      false,
    ]);
  });

  it('of a code is 160 random bits, and a code is six digits', () => {
    const secrets = new Set(Array.from({ length: 200 }, newCodeSecret));
    expect(secrets.size).toBe(200);
    for (const secret of secrets) expect(Secret.fromBase32(secret).bytes).toHaveLength(20);
    const [secret = ''] = secrets;
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: 0 });
    expect(stepOfCode(secret, code, new Date(0))).not.toBeNull();
    for (const wrong of ['', '1', code.slice(1), `${code}0`, ` ${code}`])
      expect(stepOfCode(secret, wrong, new Date(0))).toBeNull();
  });
});
