/** Freezing and replacing cards through the API. */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { cardCodeOf } from '#test/support/extensions.ts';
import { type ApiTill, openApiTill } from '#test/support/api-till.ts';
import type { TestShop } from '#test/support/factories.ts';
import { cardAuditOf, passesOf } from '#test/support/lost-cards.ts';

let till: ApiTill;
let memberId: string;

beforeAll(async () => {
  till = await openApiTill();
});
afterAll(() => till.close());
beforeEach(async () => {
  memberId = await till.addMember();
});

type Change = 'freeze' | 'unfreeze' | 'reissue';
const change = (which: Change, sent: { key?: string; token?: string } = {}) =>
  till.post(`/members/${memberId}/card/${which}`, undefined, sent);
const statusNow = async () => (await till.get(`/members/${memberId}`)).body['status'];
const stamps = (reference = randomUUID()) => till.post(`/members/${memberId}/stamps`, { count: 1, reference });

describe('a card through the API', () => {
  it('is frozen and unfrozen, and says how it is', async () => {
    const frozen = await change('freeze');
    expect([frozen.status, frozen.body]).toMatchObject([200, { memberId, status: 'frozen' }]);
    expect((await stamps()).body).toMatchObject({ code: 'card-frozen' });
    expect((await change('freeze')).body).toEqual(frozen.body);
    expect((await change('unfreeze')).body).toMatchObject({ status: 'active', cardUrl: frozen.body['cardUrl'] });
    expect((await stamps()).status).toBe(201);
    expect(await cardAuditOf(till.system, memberId)).toEqual([
      `card.freeze by api:${till.shop.apiClientId}: staff`,
      `card.unfreeze by api:${till.shop.apiClientId}: staff`,
    ]);
  });

  it('is not frozen again by a request that is only sent again', async () => {
    const key = randomUUID();
    await change('freeze', { key });
    await change('unfreeze');
    expect((await change('freeze', { key })).status).toBe(200);
    expect(await statusNow()).toBe('active');
  });

  it('is replaced once per key, also when asked at once, and keeps telling of its passes', async () => {
    const { cardUrl } = (await till.get(`/members/${memberId}`)).body;
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 4 }, () => change('reissue', { key })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body['cardUrl'])).size).toBe(1);
    expect(answers[0]?.body['cardUrl']).not.toBe(cardUrl);
    expect((await till.get(`/members/${memberId}`)).body['cardUrl']).toBe(answers[0]?.body['cardUrl']);
    expect((await passesOf(till.system, memberId)).map(({ state }) => state)).toEqual(['void', 'active']);
    const { passes } = (await till.get(`/members/${memberId}/passes`)).body as { passes: Record<string, unknown>[] };
    expect(passes.map(({ state }) => state)).toEqual(['active', 'void']);
    await change('reissue');
    expect(await passesOf(till.system, memberId)).toHaveLength(3);
  });

  it('cannot be changed by another shop, without the scope, without a key, or of nobody', async () => {
    for (const which of ['freeze', 'unfreeze', 'reissue'] as const) {
      expect((await change(which, { token: till.strangerToken })).status).toBe(404);
      const reader = await till.api.tokenOf(till.shop, 'members:read');
      expect((await change(which, { token: reader })).status).toBe(403);
      const path = `/api/v1/members/${memberId}/card/${which}`;
      expect((await till.api.ask(path, { method: 'POST', token: till.token })).status).toBe(400);
      expect((await till.post(`/members/${randomUUID()}/card/${which}`, undefined)).status).toBe(404);
      expect((await till.post(`/members/nobody/card/${which}`, undefined)).status).toBe(404);
    }
    expect(await statusNow()).toBe('active');
    expect(await cardAuditOf(till.system, memberId)).toEqual([]);
  });

  it('is refused as the owner of a sale while it is frozen, and for ever once replaced', async () => {
    const shop = { ...till.shop, domain: '', slug: '' } as unknown as TestShop;
    const cardCode = await cardCodeOf(shop, memberId);
    const order = (code = cardCode) => ({ ...sale(), cardCode: code });
    await change('freeze');
    expect((await till.post('/orders', order())).body).toMatchObject({ status: 409, code: 'card-frozen' });
    await change('unfreeze');
    await change('reissue');
    expect((await till.post('/orders', order())).body).toMatchObject({ status: 409, code: 'card-replaced' });
    const newCode = await cardCodeOf(shop, memberId);
    expect((await till.post('/orders', order(newCode))).status).toBeLessThan(300);
  });
});

/** As another point of sale tells of it, just made. */
function sale(): Record<string, unknown> {
  const lines = [{ productId: '101', quantity: 1, price: '12.00' }];
  return {
    externalId: randomUUID(),
    currency: 'USD',
    taxesIncluded: false,
    processedAt: new Date().toISOString(),
    lines,
  };
}
