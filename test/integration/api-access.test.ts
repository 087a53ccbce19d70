import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';

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
    expect([answer.status, answer.body['code']]).toEqual([409, 'idempotency-mismatch']);
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
      const answers = await Promise.all(
        matrix.map(([method, path]) => {
          const body = { body: { name: scope }, headers: { 'idempotency-key': randomUUID() } };
          return api.ask(path, { method, token: narrow, ...(method === 'POST' && body) });
        }),
      );
      const told = answers.map((answer) => answer.body['code'] ?? (answer.status < 300 ? 'allowed' : answer.status));
      const due = matrix.map(([, , needed]) => (scope === needed ? 'allowed' : 'insufficient-scope'));
      expect([scope, told]).toEqual([scope, due]);
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
      ['/api/v1/members?cursor=bm9uc2Vuc2U', { token }, 400],
      ['/api/v1/members?cursor=', { token }, 400],
      [`/api/v1/members?cursor=${'W'.repeat(3_000)}`, { token }, 400],
      ['/api/v1/members/x/ledger?cursor=WyI5OTk5OTk5OTk5OTk5OTk5OTk5OSJd', { token }, 400],
      ['/api/v1/members', { token, body: { referralCode: 'half \ud800' }, headers }, 422],
      ['/api/v1/members', { token, body: { referralCode: 'nul \0' }, headers }, 422],
      ['/api/v1/members/x', { token }, 404],
    ];
    for (const [path, request, status] of cases) {
      const answer = await api.ask(path, request);
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(answer.body).toMatchObject({
        type: expect.stringContaining('urn:'),
        title: expect.any(String),
        status,
        code: expect.any(String),
        detail: expect.any(String),
        instance: path.split('?')[0],
      });
      expect(answer.headers.allow !== undefined).toBe(status === 405);
    }
  });

  it('are limited per client, with headers that say so', async () => {
    const theirs = await api.tokenOf(await addShop({ domain: shop.shopDomain }));
    const before = await api.ask('/api/v1/members?limit=1', { token: theirs });
    expect(Number(before.headers['ratelimit-limit'])).toBe(1_000);
    expect(Number(before.headers['ratelimit-remaining'])).toBe(999);
    const limited = [];
    // While the clock stands still nothing comes back, however slowly this machine asks.
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      for (let round = 0; round < 40 && limited.length === 0; round += 1) {
        const asked = Array.from({ length: 100 }, () => api.ask('/api/v1/members?limit=bad', { token: theirs }));
        limited.push(...(await Promise.all(asked)).filter((answer) => answer.status === 429));
      }
    } finally {
      vi.useRealTimers();
    }
    expect(limited[0]?.body['code']).toBe('rate-limited');
    expect(limited[0]?.headers).toMatchObject({ 'retry-after': '1', 'ratelimit-remaining': '0' });
    expect((await api.ask('/api/v1/members?limit=1', { token })).status).toBe(200);
  });
});
