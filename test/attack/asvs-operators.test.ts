/** The session of an operator, and what an account is worth before and after it. */
import { randomBytes } from 'node:crypto';
import http from 'node:http';

import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { pinProblem } from '#app/domain/access/pins.ts';
import { handleOperator } from '#app/edge/operator/console.ts';
import { addOperator, type AddedOperator } from '#app/flows/operators/add-operator.ts';
import { newClientSecret } from '#app/lib/client-secret.ts';
import { newCodeSecret, stepOfCode } from '#app/lib/one-time-codes.ts';
import { hashSecret, isSecretOf } from '#app/lib/secret-hash.ts';
import { call, closeServer, listen } from '#test/platform/http.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';

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

async function signIn(change: Partial<AddedOperator> = {}) {
  await system.sql('update operator_account set totp_step = 0');
  const secret = new URL(grace.codeAddress).searchParams.get('secret') ?? '';
  const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  return ask('/sign-in', { form: { name: grace.name, password: grace.password, ...change, code } });
}

/** The cookie of a new session, whole. */
async function newCookie(): Promise<string> {
  const { status, headers } = await signIn();
  expect(status).toBe(303);
  return String(headers['set-cookie']);
}
const valueOf = (cookie: string) => cookie.split(';')[0] ?? '';

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
    for (const other of [
      password.toUpperCase(),
      password.toLowerCase(),
      password.slice(0, -1),
      `${password}x`,
      ` ${password}`,
    ])
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
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    expect(stepOfCode(secret, code, new Date())).not.toBeNull();
    for (const wrong of ['', '1', code.slice(1), `${code}0`, ` ${code}`])
      expect(stepOfCode(secret, wrong, new Date())).toBeNull();
  });
});
