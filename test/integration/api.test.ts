import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type AddedShop, addShop } from '#app/flows/add-shop.ts';
import { runShopAdd } from '#test/platform/run-shop-add.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import {
  deliver,
  drain,
  openTestSystem,
  orderBody,
  testEnvironment,
  type TestSystem,
} from '#test/support/factories.ts';

let system: TestSystem;
let api: ApiServer;
let shop: AddedShop;
let other: AddedShop;
let token: string;
let otherToken: string;

beforeAll(async () => {
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  system = await openTestSystem('stampwell_web');
  api = await startApi();
  shop = await addShop({ domain: 'bean-there.myshopify.com' });
  other = await addShop({ domain: 'other-place.myshopify.com' });
  token = await api.tokenOf(shop);
  otherToken = await api.tokenOf(other);
});
afterAll(async () => {
  await api.close();
  await system.close();
});

const create = (body: unknown, request: { key?: string; token?: string } = {}) =>
  api.ask('/api/v1/members', {
    token: request.token ?? token,
    body,
    headers: { 'idempotency-key': request.key ?? randomUUID() },
  });

async function createdId(body: Record<string, unknown> = {}): Promise<string> {
  const answer = await create({ externalId: randomUUID(), ...body });
  expect(answer.status).toBe(201);
  return String(answer.body['id']);
}

describe('adding a shop', () => {
  it('finds the same shop and program the second time and gives a new client', async () => {
    const again = await addShop({ domain: shop.shopDomain });
    expect(again).toMatchObject({ shopId: shop.shopId, programId: shop.programId, programSlug: shop.programSlug });
    expect(again.apiClientId).not.toBe(shop.apiClientId);
    expect(shop.passTypeIdentifier).toBe('pass.com.stampwell.loyalty');
    await api.tokenOf(again);
  });

  it('works from the command line as well', async () => {
    const names = [
      'KEY_ENCRYPTION_KEYS',
      'APPLE_PASS_CERTIFICATE_FILE',
      'APPLE_PASS_KEY_FILE',
      'APPLE_WWDR_CERTIFICATE_FILE',
    ];
    const environment = {
      ...testEnvironment,
      ...Object.fromEntries(names.map((name) => [name, process.env[name] ?? ''])),
    };
    const added = await runShopAdd('by-command.myshopify.com', { ...environment, DATABASE_URL: system.url });
    expect(added).toMatchObject({ shopDomain: 'by-command.myshopify.com', programSlug: 'by-command' });
    const members = await api.ask('/api/v1/members', { token: await api.tokenOf(added) });
    expect(members.body).toEqual({ members: [], nextCursor: null });
  });

  it('makes one program when it is asked for twice at once', async () => {
    const added = await Promise.all([1, 2].map(() => addShop({ domain: 'twice-at-once.myshopify.com' })));
    expect(new Set(added.map((one) => one.programId)).size).toBe(1);
  });

  it('keeps only a bcrypt hash of the secret, at cost 12', async () => {
    const rows = await system.sql<{ id: string; secret_hash: string }>('select id, secret_hash from api_client');
    for (const row of rows) expect(row.secret_hash).toMatch(/^\$2[aby]\$12\$/);
    const dump = JSON.stringify(await system.sql('select * from api_client'));
    expect(dump).not.toContain(shop.apiClientSecret);
  });

  it('takes another address for the join page when the plain one is taken', async () => {
    await system.sql("update program set slug = 'wanted-name' where id = $1", [other.programId]);
    const added = await addShop({ domain: 'wanted-name.myshopify.com' });
    expect(added.programSlug).toMatch(/^wanted-name-[0-9a-f]{8}$/);
  });
});

describe('members', () => {
  it('are created, found by each of their names, and read back', async () => {
    const body = {
      email: 'Ada@Example.com',
      name: 'Ada Lovelace',
      phone: '+44 20 7946 0000',
      externalId: 'till-17',
      shopifyCustomerId: 'gid://shopify/Customer/9001',
      locale: 'de',
      consents: [{ purpose: 'marketing', channel: 'email', granted: false }],
    };
    const created = await create(body);
    expect(created.status).toBe(201);
    const id = String(created.body['id']);
    expect(created.headers.location).toBe(`/api/v1/members/${id}`);
    expect(created.body).toMatchObject({
      programId: shop.programId,
      externalId: 'till-17',
      shopifyCustomerId: '9001',
      status: 'active',
      locale: 'de',
      enrolledVia: 'api',
      name: 'Ada Lovelace',
      email: 'Ada@Example.com',
      phone: '+44 20 7946 0000',
    });
    expect(created.body['cardUrl']).toMatch(/^https:\/\/stampwell\.test\/card\/[\w-]{92}$/);
    for (const query of ['shopifyCustomerId=9001', 'email=ada%40example.com', 'externalId=till-17']) {
      const found = await api.ask(`/api/v1/members?${query}`, { token });
      expect(found.body).toEqual({ members: [created.body], nextCursor: null });
    }
    expect((await api.ask(`/api/v1/members/${id}`, { token })).body).toEqual(created.body);
  });

  it('who are known already answer 200 and stay one', async () => {
    const email = 'again@example.com';
    const first = await create({ email });
    const second = await create({ email, name: 'Someone Else' });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
  });

  it('stay one when twenty doors enroll the same address at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => create({ email: 'crowd@example.com' })));
    expect(new Set(answers.map((answer) => answer.body['id'])).size).toBe(1);
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
  });

  it('are listed newest first, each exactly once over all pages', async () => {
    const ids = [];
    for (let count = 0; count < 5; count += 1) ids.push(await createdId());
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await api.ask(`/api/v1/members?limit=2${cursor && `&cursor=${cursor}`}`, { token });
      const members = page.body['members'] as { id: string }[];
      expect(members.length).toBeLessThanOrEqual(2);
      seen.push(...members.map((member) => member.id));
      cursor = (page.body['nextCursor'] as string | null) ?? '';
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.slice(0, 5)).toEqual(ids.toReversed());
  });

  it('that do not fit are refused with the name of the field', async () => {
    const cases: [unknown, RegExp][] = [
      [{ surprise: 1 }, /surprise/],
      [{ email: 'nobody' }, /email/],
      [{ locale: 7 }, /locale/],
      [{ consents: [{ purpose: 'fun', channel: 'email', granted: true }] }, /consents\.0\.purpose/],
      [{ name: 'a\u0000b' }, /name/],
      [[], /body/],
    ];
    for (const [body, detail] of cases) {
      const answer = await create(body);
      expect(answer.status).toBe(422);
      expect(answer.body['detail']).toMatch(detail);
    }
  });
});

describe('balance, ledger and passes', () => {
  it('show what an order brought, line by line', async () => {
    const id = await createdId({ shopifyCustomerId: '7001' });
    const order = orderBody({ customer: { id: 7001 } });
    await deliver({ domain: shop.shopDomain }, 'orders/paid', order);
    await drain(shop);
    const balance = await api.ask(`/api/v1/members/${id}/balance`, { token });
    expect(balance.body).toEqual({
      memberId: id,
      balances: [
        { unit: 'stamps', kind: 'stamp', label: 'Stamps', amount: 1, held: 0, available: 1, needed: 10 },
        { unit: 'points', kind: 'point', label: 'Points', amount: 12, held: 0, available: 12, needed: null },
      ],
    });
    const ledger = await api.ask(`/api/v1/members/${id}/ledger`, { token });
    const entries = ledger.body['entries'] as { unit: string; amount: number; explanation: { amount: number }[] }[];
    expect(entries.map(({ unit, amount }) => [unit, amount]).toSorted()).toEqual([
      ['points', 12],
      ['stamps', 1],
    ]);
    for (const entry of entries) {
      expect(entry).toMatchObject({ kind: 'accrual', source: 'order', orderId: String(order['id']), reason: null });
      expect(entry.explanation.reduce((sum, part) => sum + part.amount, 0)).toBe(entry.amount);
    }
    const first = await api.ask(`/api/v1/members/${id}/ledger?limit=1`, { token });
    const second = await api.ask(`/api/v1/members/${id}/ledger?limit=1&cursor=${String(first.body['nextCursor'])}`, {
      token,
    });
    expect([first.body['entries'], second.body['entries']].flat()).toEqual(entries);
    expect(second.body['nextCursor']).toBeNull();
    const passes = await api.ask(`/api/v1/members/${id}/passes`, { token });
    const [pass] = passes.body['passes'] as Record<string, unknown>[];
    expect(pass).toMatchObject({
      wallet: 'apple',
      state: 'active',
      passTypeIdentifier: shop.passTypeIdentifier,
      version: 2,
      seenVersion: 0,
    });
    expect(pass?.['downloadUrl']).toMatch(/^https:\/\/stampwell\.test\/card\/[\w-]{92}\/apple\.pkpass$/);
    expect(pass?.['authenticationToken']).toMatch(/^[\w-]{43}$/);
  });

  it('answer 304 to whoever has the same already', async () => {
    const id = await createdId();
    for (const path of [
      `/api/v1/members/${id}`,
      `/api/v1/members/${id}/balance`,
      `/api/v1/members/${id}/ledger`,
      `/api/v1/members/${id}/passes`,
    ]) {
      const first = await api.ask(path, { token });
      expect(first.headers.etag).toMatch(/^W\/"[\w-]{27}"$/);
      const again = await api.ask(path, { token, headers: { 'if-none-match': first.headers.etag ?? '' } });
      expect([again.status, again.text]).toEqual([304, '']);
      const changed = await api.ask(path, { token, headers: { 'if-none-match': 'W/"something-else"' } });
      expect(changed.status).toBe(200);
    }
  });
});

describe('another shop', () => {
  it('sees none of this shop’s members, whatever it asks', async () => {
    const id = await createdId({ email: 'secret@example.com', shopifyCustomerId: '8001' });
    for (const part of ['', '/balance', '/ledger', '/passes']) {
      const theirs = await api.ask(`/api/v1/members/${id}${part}`, { token: otherToken });
      expect([theirs.status, theirs.body['code']]).toEqual([404, 'member-not-found']);
      const ours = await api.ask(`/api/v1/members/${id}${part}`, { token });
      expect(ours.status).toBe(200);
    }
    for (const query of ['', '?shopifyCustomerId=8001', '?email=secret%40example.com']) {
      const listed = await api.ask(`/api/v1/members${query}`, { token: otherToken });
      expect(listed.body).toEqual({ members: [], nextCursor: null });
    }
  });

  it('cannot enroll into this shop’s program', async () => {
    const answer = await create({ programId: shop.programId }, { token: otherToken });
    expect([answer.status, answer.body['code']]).toEqual([404, 'program-not-found']);
  });

  it('may use the same idempotency key for something else', async () => {
    const key = randomUUID();
    const ours = await create({ externalId: 'same-key' }, { key });
    const theirs = await create({ externalId: 'other-body' }, { key, token: otherToken });
    expect([ours.status, theirs.status]).toEqual([201, 201]);
  });

  it('gets what everybody gets for ids that are none', async () => {
    for (const id of ['nobody', '%00', "' or 1=1", randomUUID(), 'x'.repeat(300)])
      expect((await api.ask(`/api/v1/members/${encodeURIComponent(id)}`, { token })).status).toBe(404);
  });
});

describe('idempotency', () => {
  it('gives the same answer to the same key and inputs, and has one effect', async () => {
    const key = randomUUID();
    const body = { name: 'Nameless Otherwise' };
    const first = await create(body, { key });
    const second = await create(body, { key });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
  });

  it('lets one of fifty equal requests at once have an effect', async () => {
    const [before] = await system.sql<{ count: string }>('select count(*) from member');
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => create({ name: 'Once' }, { key })));
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
    const [after] = await system.sql<{ count: string }>('select count(*) from member');
    expect(Number(after?.count) - Number(before?.count)).toBe(1);
  });

  it('refuses the same key for other inputs', async () => {
    const key = randomUUID();
    await create({ name: 'One' }, { key });
    const answer = await create({ name: 'Two' }, { key });
    expect([answer.status, answer.body['code']]).toEqual([409, 'idempotency-key-reused']);
  });

  it('is demanded of every mutation', async () => {
    for (const headers of [
      {},
      { 'idempotency-key': '' },
      { 'idempotency-key': 'a b' },
      { 'idempotency-key': 'k'.repeat(256) },
    ]) {
      const answer = await api.ask('/api/v1/members', { token, body: {}, headers });
      expect([answer.status, answer.body['code']]).toEqual([400, 'idempotency-key-required']);
    }
  });

  it('frees the key when the request had no effect', async () => {
    const key = randomUUID();
    expect((await create({ programId: randomUUID() }, { key })).status).toBe(404);
    expect((await create({ externalId: 'after-failure' }, { key })).status).toBe(201);
  });

  it('keeps no personal data', async () => {
    await create({ email: 'not-kept@example.com', name: 'Not Kept' });
    const dump = JSON.stringify(
      await system.sql('select key, status, response, inputs_hash::text from api_idempotency'),
    );
    expect(dump).not.toMatch(/not-kept|Not Kept/);
  });
});

describe('scopes', () => {
  it('decide what may be asked', async () => {
    const id = await createdId();
    const matrix: [string, string, string][] = [
      ['GET', '/api/v1/members', 'members:read'],
      ['GET', `/api/v1/members/${id}`, 'members:read'],
      ['POST', '/api/v1/members', 'members:write'],
      ['GET', `/api/v1/members/${id}/balance`, 'ledger:read'],
      ['GET', `/api/v1/members/${id}/ledger`, 'ledger:read'],
      ['GET', `/api/v1/members/${id}/passes`, 'passes:read'],
    ];
    const scopes = ['members:read', 'members:write', 'members:pii', 'ledger:read', 'passes:read', 'passes:secret'];
    for (const scope of scopes) {
      const narrow = await api.tokenOf(shop, scope);
      for (const [method, path, needed] of matrix) {
        const body = method === 'POST' ? { body: { name: scope }, headers: { 'idempotency-key': randomUUID() } } : {};
        const answer = await api.ask(path, { method, token: narrow, ...body });
        const isAllowed = answer.status === 200 || answer.status === 201;
        expect(isAllowed, `${scope} ${method} ${path}`).toBe(scope === needed);
        if (!isAllowed) expect([answer.status, answer.body['code']]).toEqual([403, 'insufficient-scope']);
      }
    }
  });

  it('decide what is shown of a person and of a pass', async () => {
    const id = await createdId({ email: 'shown@example.com', name: 'Shown' });
    const narrow = await api.tokenOf(shop, 'members:read passes:read');
    const member = await api.ask(`/api/v1/members/${id}`, { token: narrow });
    for (const field of ['name', 'email', 'phone']) expect(member.body).not.toHaveProperty(field);
    const passes = await api.ask(`/api/v1/members/${id}/passes`, { token: narrow });
    expect(passes.text).not.toContain('authenticationToken');
  });

  it('taken from a client are gone from its tokens at once, as is a revoked client', async () => {
    const added = await addShop({ domain: shop.shopDomain });
    const theirs = await api.tokenOf(added);
    await system.sql("update api_client set scopes = '{ledger:read}' where id = $1", [added.apiClientId]);
    expect((await api.ask('/api/v1/members', { token: theirs })).status).toBe(403);
    await system.sql('update api_client set revoked_at = now() where id = $1', [added.apiClientId]);
    expect((await api.ask('/api/v1/members', { token: theirs })).status).toBe(401);
  });

  it('are worth nothing once the shop is uninstalled', async () => {
    const added = await addShop({ domain: 'leaving.myshopify.com' });
    const theirs = await api.tokenOf(added);
    await system.sql("update shop set state = 'uninstalled' where id = $1", [added.shopId]);
    expect((await api.ask('/api/v1/members', { token: theirs })).status).toBe(401);
  });
});

describe('requests that are wrong as HTTP', () => {
  it('are answered with a problem each', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const cases: [string, Parameters<ApiServer['ask']>[1], number][] = [
      ['/api/v1/members', { token, body: '{"name":', headers }, 400],
      ['/api/v1/members', { token, body: `{"name":"${'x'.repeat(70_000)}"}`, headers }, 413],
      ['/api/v1/members', { token, method: 'DELETE' }, 405],
      ['/api/v1/members/x/balance', { token, method: 'POST', body: {}, headers }, 405],
      ['/api/v1/openapi.json', { method: 'POST', body: {} }, 405],
      ['/api/v1/nothing', { token }, 404],
      ['/api/v1/members?colour=red', { token }, 422],
      ['/api/v1/members?limit=1000', { token }, 422],
      ['/api/v1/members?limit=2&limit=3', { token }, 400],
      ['/api/v1/members?email=a%40b.de&externalId=1', { token }, 422],
      ['/api/v1/members?cursor=bm9uc2Vuc2U', { token }, 422],
      ['/api/v1/members/x/ledger?cursor=WyI5OTk5OTk5OTk5OTk5OTk5OTk5OSJd', { token }, 422],
    ];
    for (const [path, request, status] of cases) {
      const answer = await api.ask(path, request);
      expect(answer.status, `${path} ${answer.text}`).toBe(status);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(answer.body).toMatchObject({
        status,
        type: expect.any(String),
        title: expect.any(String),
        code: expect.any(String),
      });
      expect(answer.body['instance']).toBe(path.split('?')[0]);
      if (status === 405) expect(answer.headers.allow).toBeTruthy();
    }
  });

  it('are limited per client, with headers that say so', async () => {
    const added = await addShop({ domain: shop.shopDomain });
    const theirs = await api.tokenOf(added);
    const answers = [];
    for (let round = 0; round < 16; round += 1)
      answers.push(
        ...(await Promise.all(Array.from({ length: 100 }, () => api.ask('/api/v1/nothing-there', { token: theirs })))),
      );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([404]));
    const before = await api.ask('/api/v1/members?limit=1', { token: theirs });
    expect(Number(before.headers['ratelimit-limit'])).toBe(1_000);
    let refused = 0;
    for (let round = 0; round < 40 && refused === 0; round += 1) {
      const some = await Promise.all(
        Array.from({ length: 100 }, () => api.ask('/api/v1/members?limit=bad', { token: theirs })),
      );
      const limited = some.filter((answer) => answer.status === 429);
      refused = limited.length;
      for (const answer of limited) expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    }
    expect(refused).toBeGreaterThan(0);
    expect((await api.ask('/api/v1/members?limit=1', { token })).status).toBe(200);
  });
});
