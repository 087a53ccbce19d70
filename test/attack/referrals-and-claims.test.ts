/**
 * Points that nobody should have: referrals that are paid and undone, people who turn out to be one, receipts that are claimed
 * twice. Told by the API and by Shopify's webhooks alone.
 */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { defaultProgram } from '#app/domain/programs/default-program.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { claimCodeOfOrder } from '#app/queries/claim-code-of-order.ts';
import { type ApiTill, openApiTill } from '#test/support/api-till.ts';
import { deliver, drain, type TestShop } from '#test/support/factories.ts';
import { redactBody, casesOf } from '#test/support/privacy.ts';
import { cancelled, type OrderOf, refund, saleOf } from '#test/support/sales.ts';
import { mergeBody } from '#test/support/merging.ts';

let till: ApiTill;
let programId: string;
let home: TestShop;
beforeAll(async () => {
  till = await openApiTill('stampwell_worker');
  programId = await publish();
  const { shopId, shopDomain: domain, programSlug: slug } = till.shop;
  home = { shopId, domain, programId, slug } as TestShop;
});
afterAll(() => till.close());

/** Both sides of a referral get something at once; what is spent brings nothing, so that only referrals are seen. */
async function publish(): Promise<string> {
  const plain = defaultProgram({ shopName: 'Friends', currency: 'USD' });
  const spend = { kind: 'spend', id: 'spend', unit: 'points', rounding: 'floor', conditions: {} };
  const document = {
    ...plain,
    earnRules: [{ ...spend, rates: [{ currency: 'USD', amount: 1, perMinor: 100 }] }],
    referral: {
      friend: { unit: 'stamps', amount: 2 },
      referrer: { unit: 'stamps', amount: 3 },
      pendingDays: 0,
      minimumMinor: 0,
      friendsMax: 2,
    },
  };
  const created = await till.post('/programs', { document });
  expect([created.status, created.text]).toEqual([201, created.text]);
  const id = String(created.body['id']);
  expect((await till.post(`/programs/${id}/publish`, {})).status).toBe(201);
  // As if it had been published long ago.
  await till.system.sql("update rule_version set effective_from = now() - interval '90 days' where program_id = $1", [
    id,
  ]);
  return id;
}

type Someone = { memberId: string; customerId: string };
let customers = 8_900_000_000;

async function join(referralCode: string | null = null, fields: object = {}): Promise<Someone> {
  customers += 1;
  const customerId = String(customers);
  const email = `person-${customerId}@example.com`;
  const memberId = await till.addMember({ programId, shopifyCustomerId: customerId, email, referralCode, ...fields });
  return { memberId, customerId };
}

async function codeOf({ memberId }: Someone): Promise<string> {
  const answer = await till.post(`/members/${memberId}/referral-code`, undefined);
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  return String(answer.body['code']);
}

const agoMs = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const stampsOf = async (...people: Someone[]) =>
  Promise.all(people.map(async ({ memberId }) => (await till.balanceOf(memberId, 'stamps'))['amount'] ?? 0));
const pointsOf = async ({ memberId }: Someone) => (await till.balanceOf(memberId, 'points'))['amount'] ?? 0;

async function tell(topic: string, body: unknown): Promise<void> {
  await deliver(home, topic, body);
  await drain(home);
}

async function buy({ customerId }: Pick<Someone, 'customerId'>, at = agoMs(3)): Promise<OrderOf> {
  const order = saleOf(customerId, { dollars: 10, at });
  await tell('orders/paid', order);
  return order;
}

const becomeOne = (gone: Someone, kept: Someone) =>
  tell('customers/merge', mergeBody(gone.customerId, kept.customerId));

async function erase({ customerId }: Someone): Promise<void> {
  await tell('customers/redact', redactBody(home, { id: Number(customerId) }));
  for (const { id, state } of await casesOf(till.system, home))
    if (state !== 'done') await processCase({ shopId: till.shop.shopId, caseId: id });
}

const refusals = () =>
  till.system.sql<{ refusal: string }>(
    `select refusal from referral where shop_id = $1 and refusal is not null order by created_at, id`,
    [till.shop.shopId],
  );
const lastRefusal = async () => (await refusals()).at(-1)?.refusal;

async function pair(): Promise<{ referrer: Someone; friend: Someone; order: OrderOf }> {
  const referrer = await join();
  const friend = await join(await codeOf(referrer));
  const order = await buy(friend);
  expect(await stampsOf(friend, referrer)).toEqual([2, 3]);
  return { referrer, friend, order };
}

describe('a referral that was paid is taken back', () => {
  const undoings: [string, (order: OrderOf) => Promise<void>][] = [
    ['the friend’s order is cancelled', (order) => tell('orders/cancelled', cancelled(order, agoMs(1)))],
    ['it is refunded whole', (order) => refund(home, order, { dollars: 10, at: agoMs(1) })],
    ['it is edited to nothing', (order) => tell('orders/updated', { ...order, updated_at: agoMs(1), line_items: [] })],
    ['it turns out to be another customer’s', (order) => tell('orders/updated', { ...order, updated_at: agoMs(1), customer: { id: 4_711 } })],
    ['it turns out to be nobody’s', (order) => tell('orders/updated', { ...order, updated_at: agoMs(1), customer: null })],
    ['it turns out to be a test', (order) => tell('orders/updated', { ...order, updated_at: agoMs(1), test: true })],
  ]; // prettier-ignore
  it.each(undoings)('when %s', async (_name, undo) => {
    const { referrer, friend, order } = await pair();
    await undo(order);
    expect(await stampsOf(friend, referrer)).toEqual([0, 0]);
    // Told again, nothing more is taken; another order brings it back, once.
    await undo(order);
    await buy(friend);
    await buy(friend);
    expect(await stampsOf(friend, referrer)).toEqual([2, 3]);
  });

  it('also from the referrer of a friend who was erased meanwhile', async () => {
    const { referrer, friend, order } = await pair();
    await erase(friend);
    expect(await stampsOf(referrer)).toEqual([3]);
    await tell('orders/cancelled', cancelled(order, agoMs(1)));
    expect(await stampsOf(referrer)).toEqual([0]);
  });

  it('also when the friend, the referrer or both were folded into others', async () => {
    const { referrer, friend, order } = await pair();
    const [first, second] = [await join(), await join()];
    await becomeOne(friend, first);
    await becomeOne(referrer, second);
    expect(await stampsOf(first, second)).toEqual([2, 3]);
    await tell('orders/cancelled', cancelled(order, agoMs(1)));
    expect(await stampsOf(first, second)).toEqual([0, 0]);
  });
});

describe('a referral pays nobody', () => {
  it('when both become one person before the friend buys', async () => {
    const referrer = await join();
    const friend = await join(await codeOf(referrer));
    await becomeOne(friend, referrer);
    await buy(referrer);
    expect(await stampsOf(referrer)).toEqual([0]);
    expect(await lastRefusal()).toBe('self');
  });

  it('when members who become one make it a ring', async () => {
    const first = await join();
    const second = await join(await codeOf(first));
    const alias = await join();
    const third = await join(await codeOf(alias));
    // Who brought the third turns out to be whom the first brought, and the third brings the first under another name.
    const mask = await join(await codeOf(third));
    await becomeOne(alias, second);
    await becomeOne(mask, first);
    for (const person of [first, second, third]) await buy(person);
    const paid = await stampsOf(first, second, third);
    expect(paid).not.toEqual([5, 5, 5]);
    expect(['ring', 'mutual', 'self']).toContain(await lastRefusal());
  });

  it('for a friend who had bought here under the name they are folded into', async () => {
    const known = await join();
    await till.system.sql("update member set enrolled_at = now() - interval '50 days' where id = $1", [known.memberId]);
    await buy(known, agoMs(60 * 24 * 40));
    const referrer = await join();
    const friend = await join(await codeOf(referrer));
    await becomeOne(friend, known);
    await buy(known);
    expect(await stampsOf(known, referrer)).toEqual([0, 0]);
    expect(await lastRefusal()).toBe('not-new');
  });

  it('a second time for one friend with two names', async () => {
    const [one, other] = [await join(), await join()];
    const friend = await join(await codeOf(one));
    const alias = await join(await codeOf(other));
    await becomeOne(alias, friend);
    await buy(friend);
    expect(await stampsOf(friend, one, other)).toEqual([2, 3, 0]);
    expect(await lastRefusal()).toBe('second');
  });

  it('more often than the most, by a referrer of two names', async () => {
    const [referrer, alias] = [await join(), await join()];
    const codes = [await codeOf(referrer), await codeOf(alias)];
    for (const code of codes) await buy(await join(code));
    await becomeOne(alias, referrer);
    expect(await stampsOf(referrer)).toEqual([6]);
    for (const code of codes) await buy(await join(code));
    expect(await stampsOf(referrer)).toEqual([6]);
    expect(await lastRefusal()).toBe('friends-max');
  });

  it('for a friend who was erased before the order counts', async () => {
    const referrer = await join();
    const friend = await join(await codeOf(referrer));
    await erase(friend);
    await buy(friend);
    expect(await stampsOf(referrer)).toEqual([0]);
  });
});

describe('a guest’s receipt', () => {
  const guestSale = async (at = agoMs(5)) => {
    const order: OrderOf = { ...saleOf('1', { dollars: 10, at }), customer: null };
    await tell('orders/paid', order);
    const code = await claimCodeOfOrder(till.shop.shopId, String(order['id']), new Date());
    return { order, code: code?.code ?? '' };
  };
  const claim = ({ memberId }: Someone, code: string, key: string = randomUUID()) =>
    till.post(`/members/${memberId}/claims`, { code }, { key });
  const guest = () => join(null, { shopifyCustomerId: null });

  it('is one person’s, under whatever keys and names it is claimed', async () => {
    const { order, code } = await guestSale();
    const [one, other] = [await guest(), await guest()];
    const key = randomUUID();
    const answers = await Promise.all([one, other, one, other].map((person) => claim(person, code)));
    const [winner, loser] = answers[0]?.status === 200 ? [one, other] : [other, one];
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '200', '409', '409']);
    expect([await pointsOf(winner), await pointsOf(loser)]).toEqual([10, 0]);
    expect((await claim(winner, code, key)).status).toBe(200);
    expect((await claim(winner, `${code}X`, key)).status).toBe(409);
    expect(
      (await till.post(`/members/${winner.memberId}/claims`, { code }, { token: till.strangerToken })).status,
    ).toBe(404);
    // Given back, it is nobody's gain.
    await tell('orders/cancelled', cancelled(order, agoMs(1)));
    expect(await pointsOf(winner)).toBe(0);
    expect((await claim(loser, code)).status).toBe(409);
  });

  it('brings nothing once it was refunded, and takes nothing below what it brought', async () => {
    const { order, code } = await guestSale();
    const late = await guestSale();
    const [one, other] = [await guest(), await guest()];
    await tell('orders/cancelled', cancelled(order, agoMs(1)));
    await claim(one, code);
    expect(await pointsOf(one)).toBe(0);
    await claim(other, late.code);
    await tell('refunds/create', {
      id: 77, order_id: late.order['id'], created_at: agoMs(1), refund_line_items: [],
      transactions: [{ kind: 'refund', status: 'success', amount: '99.00', currency: 'USD' }],
    }); // prettier-ignore
    expect(await pointsOf(other)).toBe(0);
  });

  it('stays with an account that was erased: nobody claims it again', async () => {
    const { code } = await guestSale();
    const [owner, thief] = [await join(), await guest()];
    expect((await claim(owner, code)).status).toBe(200);
    await erase(owner);
    expect((await claim(thief, code)).status).toBe(409);
    expect((await claim(owner, code)).status).toBe(404);
    expect(await pointsOf(thief)).toBe(0);
  });

  it('moves with its claimer into whom they become, and goes where Shopify names the buyer', async () => {
    const { order, code } = await guestSale();
    const [claimer, kept, buyer] = [await join(), await join(), await join()];
    expect((await claim(claimer, code)).status).toBe(200);
    await becomeOne(claimer, kept);
    expect((await claim(kept, code)).status).toBe(200);
    expect(await pointsOf(kept)).toBe(10);
    await tell('orders/updated', { ...order, updated_at: agoMs(1), customer: { id: Number(buyer.customerId) } });
    expect([await pointsOf(kept), await pointsOf(buyer)]).toEqual([0, 10]);
    expect((await claim(kept, code)).status).toBe(409);
  });

  it('is no first order of a friend that lies before they joined', async () => {
    const { code } = await guestSale(agoMs(60 * 24 * 20));
    const referrer = await join();
    const friend = await join(await codeOf(referrer));
    expect((await claim(friend, code)).status).toBe(200);
    expect(await pointsOf(friend)).toBe(10);
    expect(await stampsOf(friend, referrer)).toEqual([0, 0]);
    expect(await lastRefusal()).toBe('not-new');
  });
});

it('leaves every balance equal to its entries and lots', async () => {
  expect((await verifyBalances({ shopId: till.shop.shopId })).imbalances).toEqual([]);
});
