import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ledgerSchema, memberListSchema, passListSchema } from '#app/contracts/api.ts';
import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import { deliver, drain, openTestSystem, orderBody, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let api: ApiServer;
let shop: AddedShop;
let token: string;

beforeAll(async () => {
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  system = await openTestSystem('stampwell_web');
  api = await startApi();
  shop = await addShop({ domain: 'bean-there.myshopify.com' });
  token = await api.tokenOf(shop);
});
afterAll(async () => {
  await api.close();
  await system.close();
});

const create = (body: unknown) =>
  api.ask('/api/v1/members', {
    token,
    body,
    headers: { 'idempotency-key': randomUUID() },
  });

async function createdId(body: Record<string, unknown> = {}): Promise<string> {
  const answer = await create({ externalId: randomUUID(), ...body });
  expect(answer.status).toBe(201);
  return String(answer.body['id']);
}

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
      const { members, nextCursor } = memberListSchema.parse(page.body);
      expect(members.length).toBeLessThanOrEqual(2);
      seen.push(...members.map((member) => member.id));
      cursor = nextCursor ?? '';
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
        {
          unit: 'stamps',
          kind: 'stamp',
          label: 'Stamps',
          amount: 1,
          held: 0,
          pending: 0,
          available: 1,
          collected: 1,
          needed: 10,
        },
        {
          unit: 'points',
          kind: 'point',
          label: 'Points',
          amount: 12,
          held: 0,
          pending: 0,
          available: 12,
          collected: 12,
          needed: null,
        },
      ],
    });
    const ledger = await api.ask(`/api/v1/members/${id}/ledger`, { token });
    const { entries } = ledgerSchema.parse(ledger.body);
    expect(Object.fromEntries(entries.map(({ unit, amount }) => [unit, amount]))).toEqual({ points: 12, stamps: 1 });
    expect(entries).toHaveLength(2);
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
    const [pass] = passListSchema.parse(passes.body).passes;
    expect(pass).toMatchObject({
      wallet: 'apple',
      state: 'active',
      passTypeIdentifier: shop.passTypeIdentifier,
      version: 2,
      seenVersion: 0,
    });
    expect(pass?.downloadUrl).toMatch(/^https:\/\/stampwell\.test\/card\/[\w-]{92}\/apple\.pkpass$/);
    expect(pass?.authenticationToken).toMatch(/^[\w-]{43}$/);
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
      expect(first.headers.etag).toMatch(/^(W\/"[\w-]{27}"|"[\w-]{27}\.[\w-]{27}")$/);
      const again = await api.ask(path, { token, headers: { 'if-none-match': first.headers.etag ?? '' } });
      expect([again.status, again.text]).toEqual([304, '']);
      const changed = await api.ask(path, { token, headers: { 'if-none-match': 'W/"something-else"' } });
      expect(changed.status).toBe(200);
    }
  });
});
