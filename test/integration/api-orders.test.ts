import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { defaultProgram } from '#app/domain/programs/default-program.ts';
import { claimCodeOfOrder } from '#app/queries/claim-code-of-order.ts';
import { type ApiTill, openApiTill } from '#test/support/api-till.ts';
import { deliver, drain, orderBody } from '#test/support/factories.ts';

let till: ApiTill;
let historyProgramId: string;

beforeAll(async () => {
  till = await openApiTill();
  historyProgramId = await publishHistoryProgram();
});
afterAll(() => till.close());

/** Rules that look at everything: first orders, daily caps, tiers, channels, markets, a minimum and ratios that must be rounded. */
async function publishHistoryProgram(): Promise<string> {
  const plain = defaultProgram({ shopName: 'History', currency: 'USD' });
  const spend = { kind: 'spend', unit: 'points', rounding: 'nearest-even' };
  const document = {
    ...plain,
    earnRules: [
      {
        ...spend,
        id: 'spend',
        rates: [{ currency: 'USD', amount: 3, perMinor: 170 }],
        conditions: { channels: ['api'] },
      },
      { kind: 'visit', id: 'welcome', unit: 'points', amount: 50, conditions: { firstOrder: true } },
      { kind: 'item', id: 'item', unit: 'stamps', amount: 1, conditions: {}, caps: { perDay: 4 } },
      { kind: 'visit', id: 'market', unit: 'points', amount: 500, conditions: { marketIds: ['12'] } },
      { kind: 'visit', id: 'large', unit: 'points', amount: 7, conditions: { minimumMinor: 2_000 } },
    ],
    tiers: {
      qualifiesBy: { kind: 'orders' },
      window: { kind: 'lifetime' },
      graceDays: 0,
      levels: [{ id: 'gold', name: 'Gold', threshold: 1, multiplier: { times: 3, over: 2 } }],
    },
  };
  const created = await till.post('/programs', { document });
  expect([created.status, created.text]).toEqual([201, created.text]);
  const id = String(created.body['id']);
  const published = await till.post(`/programs/${id}/publish`, {});
  expect([published.status, published.text]).toEqual([201, published.text]);
  return id;
}

const line = {
  productId: '101',
  variantId: '202',
  vendor: 'Bean',
  quantity: 2,
  price: '9.99',
  discount: '1.01',
  tax: '1.50',
};
const cart = { currency: 'USD', taxesIncluded: false, lines: [line, { quantity: 1, price: 5.5 }], shipping: '4.00' };
const now = () => new Date().toISOString();

type Booked = { unit: string; amount: number }[];
const bookedOf = (body: Record<string, unknown>) =>
  Object.fromEntries((body['booked'] as Booked).map(({ unit, amount }) => [unit, amount]));

const submit = (fields: object, sent: { key?: string; token?: string } = {}) =>
  till.post('/orders', { externalId: randomUUID(), ...cart, processedAt: now(), ...fields }, sent);

async function estimated(fields: object) {
  const answer = await till.api.ask('/api/v1/estimates', { token: till.token, body: { cart, ...fields } });
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  const units = answer.body['units'] as {
    unit: string;
    amount: number;
    explanation: { amount: number }[];
    after: unknown;
  }[];
  const amounts = Object.fromEntries(units.flatMap(({ unit, amount }) => (amount === 0 ? [] : [[unit, amount]])));
  return { body: answer.body, units, amounts };
}

describe('an estimate', () => {
  it('is what the same cart earns as an order, sale after sale', async () => {
    const memberId = await till.addMember({ programId: historyProgramId });
    const seen = [];
    for (let sale = 0; sale < 3; sale += 1) {
      const { amounts, units, body } = await estimated({ memberId });
      expect(body).toMatchObject({ memberId, programId: historyProgramId, because: 'earned', isExact: true });
      for (const { amount, explanation } of units)
        expect(explanation.reduce((sum, part) => sum + part.amount, 0)).toBe(amount);
      const ordered = await submit({ memberId });
      expect([ordered.status, ordered.text]).toEqual([200, ordered.text]);
      expect(bookedOf(ordered.body)).toEqual(amounts);
      seen.push(amounts);
      for (const { unit, after } of units) {
        const { amount, available } = await till.balanceOf(memberId, unit);
        expect(after).toMatchObject({ balance: amount, available });
      }
    }
    // 2 × 9.99 − 1.01 + 5.50 = 24.47, and 3 × 24.47 ÷ 1.70 = 43.18; the tier counts from the second sale on.
    expect(seen).toEqual([{ points: 43 + 50 + 7, stamps: 3 }, { points: 65 + 10, stamps: 1 }, { points: 65 + 10 }]);
  });

  it('of nobody in particular is that of a newcomer, and says nothing of a balance', async () => {
    const { body, units, amounts } = await estimated({ programId: till.shop.programId });
    expect(body['memberId']).toBeNull();
    expect(amounts).toEqual({ points: 24, stamps: 1 });
    expect(units.map(({ after }) => after)).toEqual([null, null]);
  });

  it('refuses other shops’ members, other programs, unknown fields and money it cannot count', async () => {
    const memberId = await till.addMember();
    const ask = (body: object, token = till.token) => till.api.ask('/api/v1/estimates', { token, body });
    expect((await ask({ cart, memberId }, till.strangerToken)).status).toBe(404);
    expect((await ask({ cart, memberId, programId: historyProgramId })).body['code']).toBe('program-mismatch');
    expect((await ask({ cart, memberId }, await till.api.tokenOf(till.shop, 'members:read'))).status).toBe(403);
    const withPrice = (price: string) => ({ cart: { ...cart, lines: [{ quantity: 1, price }] } });
    for (const body of [{ cart, surprise: 1 }, withPrice('1.005'), withPrice('99999999999999999.00'), withPrice('-1')])
      expect((await ask(body)).status).toBe(422);
  });
});

describe('an order of another point of sale', () => {
  it('follows what is told of it: a refund, older news and a cancellation', async () => {
    const memberId = await till.addMember();
    const externalId = 'sale-1';
    const processedAt = now();
    const at = (second: number) => new Date(Date.parse(processedAt) + second).toISOString();
    const tell = async (fields: object) => {
      const answer = await submit({ externalId, memberId, processedAt, ...fields });
      expect([answer.status, answer.text]).toEqual([200, answer.text]);
      return bookedOf(answer.body);
    };
    expect(await tell({ updatedAt: at(1) })).toEqual({ points: 24, stamps: 1 });
    const refunds = [{ id: 'r1', createdAt: at(2), lines: [{ lineId: '2', quantity: 1 }] }];
    expect(await tell({ updatedAt: at(2), refunds })).toEqual({ points: 18, stamps: 1 });
    expect(await tell({ updatedAt: at(1), cancelledAt: at(1) })).toEqual({ points: 18, stamps: 1 });
    expect(await tell({ updatedAt: at(3), refunds, cancelledAt: at(3) })).toEqual({});
    expect(await till.balanceOf(memberId, 'points')).toMatchObject({ amount: 0 });
    const read = await till.get(`/orders/${externalId}`);
    expect(read.body).toMatchObject({ externalId, memberId, updatedAt: at(3), isSettled: true, booked: [] });
    expect(read.body['orderId']).toBe(`api-${till.shop.apiClientId}-${externalId}`);
  });

  it('counts once for twenty equal calls at once, and a key is for one order', async () => {
    const memberId = await till.addMember();
    const key = randomUUID();
    const order = { externalId: 'sale-2', memberId, processedAt: now() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit(order, { key })));
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
    expect(await till.balanceOf(memberId, 'points')).toMatchObject({ amount: 24 });
    const other = await submit({ ...order, externalId: 'sale-3' }, { key });
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency-mismatch']);
    expect((await till.get('/orders/sale-3')).status).toBe(404);
  });

  it('counts once when twenty calls with keys of their own tell the same', async () => {
    const memberId = await till.addMember();
    const order = { externalId: 'sale-4', memberId, processedAt: now() };
    await Promise.all(Array.from({ length: 20 }, () => submit(order)));
    expect(await till.balanceOf(memberId, 'stamps')).toMatchObject({ amount: 1 });
  });

  it('stays whose it was, and in its currency', async () => {
    const memberId = await till.addMember();
    const order = { externalId: 'sale-5', processedAt: now() };
    await submit({ ...order, memberId });
    const taken = await submit({ ...order, memberId: await till.addMember() });
    expect([taken.status, taken.body['code']]).toEqual([409, 'order-taken']);
    const foreign = await submit({ ...order, memberId, currency: 'EUR' });
    expect([foreign.status, foreign.body['code']]).toEqual([409, 'order-currency-changed']);
    expect(await till.balanceOf(memberId, 'points')).toMatchObject({ amount: 24 });
  });

  it('is kept without a member, and theirs once their card or customer is named', async () => {
    const order = { externalId: 'sale-6', processedAt: now() };
    const first = await submit(order);
    expect(first.body).toMatchObject({ memberId: null, booked: [] });
    const memberId = await till.addMember({ shopifyCustomerId: '88001' });
    const second = await submit({ ...order, shopifyCustomerId: '88001' });
    expect(second.body['memberId']).toBe(memberId);
    expect(bookedOf(second.body)).toEqual({ points: 24, stamps: 1 });
    const forged = await submit({ cardCode: 'L1.AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAA' });
    expect([forged.status, forged.body['code']]).toEqual([404, 'member-not-found']);
  });

  it('gives back the reward it carried when it is cancelled', async () => {
    const memberId = await till.addMember();
    await till.post(`/members/${memberId}/stamps`, { count: 10, reference: randomUUID() });
    const held = await till.post(`/members/${memberId}/reservations`, { rewardId: 'free-coffee' });
    const order = { externalId: 'sale-7', memberId, processedAt: now(), reservationIds: [held.body['reservationId']] };
    await submit(order);
    expect(await till.balanceOf(memberId, 'stamps')).toMatchObject({ amount: 1, held: 0 });
    await submit({ ...order, cancelledAt: now() });
    expect(await till.balanceOf(memberId, 'stamps')).toMatchObject({ amount: 10, held: 0 });
  });

  it('is refused when it does not add up, names no line, or has not happened yet', async () => {
    const memberId = await till.addMember();
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
    const cases: [object, string][] = [
      [{ total: '1.00' }, 'total'],
      [{ refunds: [{ id: 'r', createdAt: now(), lines: [{ lineId: '9', quantity: 1 }] }] }, 'refunds.0.lines.0.lineId'],
      [{ processedAt: tomorrow }, 'processedAt'],
      [{ currency: 'XXX' }, 'currency'],
      [{ surprise: 1 }, ''],
    ];
    for (const [fields, path] of cases) {
      const answer = await submit({ memberId, ...fields });
      expect([answer.status, answer.body['code']]).toEqual([422, 'invalid-input']);
      expect((answer.body['errors'] as { path: string }[]).map((issue) => issue.path)).toContain(path);
    }
    expect((await submit({ memberId, total: '29.97' })).body['code']).toBeUndefined();
    expect((await submit({ memberId }, { token: till.strangerToken })).status).toBe(404);
    const token = await till.api.tokenOf(till.shop, 'orders:read');
    expect((await submit({ memberId }, { token })).status).toBe(403);
  });
});

describe('a receipt', () => {
  it('is claimed once, and told apart from none and somebody else’s', async () => {
    const body = orderBody();
    await deliver({ domain: till.shop.shopDomain }, 'orders/paid', body);
    await drain(till.shop);
    const orderId = String(body['id']);
    const code = (await claimCodeOfOrder(till.shop.shopId, orderId, new Date()))?.code;
    const memberId = await till.addMember();
    const key = randomUUID();
    const claims = await Promise.all(
      Array.from({ length: 20 }, () => till.post(`/members/${memberId}/claims`, { code }, { key })),
    );
    for (const claim of claims) expect([claim.status, claim.body]).toEqual([200, { memberId, orderId }]);
    expect(await till.balanceOf(memberId, 'points')).toMatchObject({ amount: 12 });
    const other = await till.post(`/members/${await till.addMember()}/claims`, { code });
    expect([other.status, other.body['code']]).toEqual([409, 'claim-taken']);
    const unknown = await till.post(`/members/${memberId}/claims`, { code: 'AAAA-BBBB-CCCC' });
    expect([unknown.status, unknown.body['code']]).toEqual([404, 'claim-unknown']);
    expect((await till.post(`/members/${memberId}/claims`, { code }, { token: till.strangerToken })).status).toBe(404);
  });
});
