/** A guest's sale is claimed with the code on its receipt. */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { claimOrder, type ClaimedOrder } from '#app/flows/members/claim-order.ts';
import { claimCodeOfOrder } from '#app/queries/claim-code-of-order.ts';
import { action, loader } from '#app/routes/card.$token.tsx';
import { signUpLimits } from '#app/web/sign-up-limits.ts';
import { expectBalanced } from '#test/support/extensions.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeMember,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';

let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
});
afterAll(() => system.close());

const dayMs = 24 * 3_600_000;
const soldAt = new Date(Date.now() - 60 * dayMs);
const endsAt = new Date(soldAt.getTime() + 30 * dayMs);

async function sell(overrides: Record<string, unknown> = {}): Promise<string> {
  const at = soldAt.toISOString();
  const order = orderBody({ created_at: at, processed_at: at, updated_at: at, ...overrides });
  await deliver(shop, 'orders/paid', order);
  await drain(shop);
  return String(order['id']);
}

async function codeOf(orderId: string, at: Date = soldAt): Promise<string> {
  return (await claimCodeOfOrder(shop.shopId, orderId, at))?.code ?? '';
}

function claim(code: string, memberId: string, at: Date = soldAt): Promise<ClaimedOrder> {
  return claimOrder({ shopId: shop.shopId, code, memberId: memberId as never, actor: 'shopper', at });
}

describe('a sale of a guest', () => {
  it('goes to the member who claims it, once, with points dated by the sale', async () => {
    const orderId = await sell();
    const code = await codeOf(orderId);
    const { memberId } = await makeMember(shop);
    expect(await claim(code.toLowerCase().replaceAll('-', ' '), memberId)).toEqual({ kind: 'claimed', orderId });
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
    const entries = await system.sql('select distinct occurred_at from ledger_entry where member_id = $1', [memberId]);
    expect(entries).toEqual([{ occurred_at: soldAt }]);
    // Sent twice, as pages do: the same answer, nothing more.
    expect(await claim(code, memberId)).toEqual({ kind: 'claimed', orderId });
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
    const other = await makeMember(shop);
    expect(await claim(code, other.memberId)).toEqual({ kind: 'taken' });
    expect(await balancesOf(system, other.memberId)).toEqual({ points: 0, stamps: 0 });
    expect(await codeOf(orderId)).toBe('');
    const records = await system.sql('select actor from audit_record where object = $1', [`order:${orderId}`]);
    expect(records).toEqual([{ actor: 'shopper' }]);
  });

  it('is given to one of many who claim it at once', async () => {
    const orderId = await sell();
    const code = await codeOf(orderId);
    const members = await Promise.all(Array.from({ length: 8 }, () => makeMember(shop)));
    const answers = await Promise.all(members.map(({ memberId }) => claim(code, memberId)));
    expect(answers.map(({ kind }) => kind).toSorted()).toEqual([
      'claimed',
      ...Array.from({ length: 7 }, () => 'taken'),
    ]);
    const entries = await system.sql('select 1 as one from ledger_entry where order_id = $1', [orderId]);
    expect(entries).toHaveLength(2);
  });

  it('can be claimed to the last moment of 30 days, and not a moment later', async () => {
    const first = await sell();
    const second = await sell();
    const { memberId } = await makeMember(shop);
    expect(await claimCodeOfOrder(shop.shopId, first, soldAt)).toMatchObject({ expiresAt: endsAt });
    const late = await codeOf(second);
    expect(await claim(await codeOf(first), memberId, endsAt)).toMatchObject({ kind: 'claimed' });
    expect(await claim(late, memberId, new Date(endsAt.getTime() + 1))).toEqual({ kind: 'expired' });
    expect(await codeOf(second, new Date(endsAt.getTime() + 1))).toBe('');
  });

  it('goes on being settled: a refund after the claim takes back what it brought', async () => {
    const orderId = await sell();
    const { memberId } = await makeMember(shop);
    await claim(await codeOf(orderId), memberId);
    const transactions = [{ kind: 'refund', status: 'success', amount: '12.00', currency: 'USD' }];
    await deliver(shop, 'refunds/create', { id: 5, order_id: orderId, created_at: soldAt.toISOString(), transactions });
    await drain(shop);
    expect(await balancesOf(system, memberId)).toEqual({ points: 0, stamps: 0 });
  });
});

describe('a code', () => {
  it('that is mistyped, made up, of another shop or of no order is not known', async () => {
    const { memberId } = await makeMember(shop);
    const orderId = await sell();
    const code = await codeOf(orderId);
    const home = shop;
    shop = await makeShop();
    await deliver(shop, 'orders/paid', { ...orderBody(), id: Number(orderId), processed_at: soldAt.toISOString() });
    await drain(shop);
    const stranger = await codeOf(orderId);
    shop = home;
    expect(stranger).not.toBe(code);
    for (const wrong of [`${code.slice(0, -1)}${code.endsWith('2') ? '3' : '2'}`, 'ABCD-EFGH-JKMN-PQRS', '', stranger])
      expect(await claim(wrong, memberId)).toEqual({ kind: 'unknown' });
    await system.sql('delete from order_state where order_id = $1 and shop_id = $2', [orderId, shop.shopId]);
    expect(await claim(code, memberId)).toEqual({ kind: 'unknown' });
  });

  it('of a sale that another customer made is taken; of one’s own it is good', async () => {
    const buyer = await makeMember(shop);
    const customerId = '91827364';
    const orderId = await sell({ customer: { id: Number(customerId) } });
    const code = await codeOf(orderId);
    expect(await claim(code, buyer.memberId)).toEqual({ kind: 'taken' });
    const { memberId } = await makeMember(shop);
    await system.sql('update member set shopify_customer_id = null where id = $1', [memberId]);
    expect(await claim(code, memberId)).toMatchObject({ kind: 'claimed' });
  });

  it('is made for no test order, no cancelled one, and none that is a member’s', async () => {
    const { customerId } = await makeMember(shop);
    const orders = [
      await sell({ test: true }),
      await sell({ cancelled_at: soldAt.toISOString() }),
      await sell({ customer: { id: Number(customerId) } }),
      '404',
    ];
    expect(await Promise.all(orders.map((orderId) => codeOf(orderId)))).toEqual(['', '', '', '']);
  });

  it('is of no use to a member who is gone', async () => {
    const orderId = await sell();
    const { memberId } = await makeMember(shop);
    await system.sql("update member set state = 'erased' where id = $1", [memberId]);
    await expect(claim(await codeOf(orderId), memberId)).rejects.toMatchObject({ code: 'member-not-found' });
    await expect(claim(await codeOf(orderId), randomUUID())).rejects.toMatchObject({ code: 'member-not-found' });
  });
});

describe('the form on the card’s page', () => {
  const tokenOf = (cardUrl: string) => cardUrl.split('/').at(-1) ?? '';

  async function send(
    cardUrl: string,
    code: string,
    address = '203.0.113.7',
  ): Promise<{ status: number; answer: unknown }> {
    const token = tokenOf(cardUrl);
    const request = new Request(`http://localhost/card/${token}`, {
      method: 'POST',
      body: new URLSearchParams({ code }),
    });
    const call = { request, params: { token }, context: { clientAddress: address } } as unknown as Parameters<
      typeof action
    >[0];
    const sent = await action(call);
    return { status: sent.init?.status ?? 200, answer: sent.data.answer };
  }

  it('puts the purchase on the card and says so, or says why not', async () => {
    const at = new Date().toISOString();
    const orderId = await sell({ created_at: at, processed_at: at, updated_at: at });
    const { memberId, cardUrl } = await makeMember(shop);
    const code = await codeOf(orderId, new Date());
    expect(await send(cardUrl, 'nonsense')).toEqual({ status: 422, answer: 'unknown' });
    expect(await send(cardUrl, code)).toEqual({ status: 200, answer: 'claimed' });
    expect(await balancesOf(system, memberId)).toEqual({ points: 12, stamps: 1 });
    const other = await makeMember(shop);
    expect(await send(other.cardUrl, code)).toEqual({ status: 409, answer: 'taken' });
    expect(await send(other.cardUrl, await codeOf(await sell(), soldAt))).toEqual({ status: 410, answer: 'expired' });
    const token = tokenOf(cardUrl);
    const request = new Request(`http://localhost/card/${token}`);
    const page = await loader({ request, params: { token }, context: { clientAddress: '' } });
    expect(page).toMatchObject({ receiptAction: `/card/${token}` });
  });

  it('is no place to try codes: a card has a few attempts', async () => {
    const { cardUrl } = await makeMember(shop);
    for (let attempt = 0; attempt < signUpLimits.receiptsPerCard.points; attempt += 1)
      expect((await send(cardUrl, `code-${attempt}`, '203.0.113.8')).answer).toBe('unknown');
    expect(await send(cardUrl, 'one more', '203.0.113.8')).toEqual({ status: 429, answer: 'too-many' });
  });

  it('is not there for a link that is not genuine', async () => {
    const { cardUrl } = await makeMember(shop);
    const forged = cardUrl.replace(/.$/, (last) => (last === 'A' ? 'E' : 'A'));
    await expect(send(forged, 'x')).rejects.toMatchObject({ status: 403 });
  });
});

it('leaves every balance equal to its entries and lots', async () => {
  await expectBalanced(shop.shopId);
});
