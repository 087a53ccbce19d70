import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readCaseAnswer } from '#app/data/privacy/cases.ts';
import { withShop } from '#app/data/tenancy.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { openSubjectCase } from '#app/flows/privacy/open-case.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
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
import { openCase, redactBody, settleCase } from '#test/support/privacy.ts';
import { findInDatabase } from '#test/support/whole-database.ts';

let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
});
afterAll(() => system.close());

const rounds = 25;

/** Deliveries of every kind that name the customer. */
async function deliverNews(customer: { id: number; email: string }): Promise<void> {
  const order = orderBody({ customer });
  for (const topic of ['orders/paid', 'orders/updated']) await deliver(shop, topic, order);
  await deliver(shop, 'orders/paid', orderBody({ customer }));
  await deliver(shop, 'customers/update', { ...customer, first_name: `Racer-${customer.id}`, verified_email: true });
}

describe('an order and a customer update that race with the erasure of their person', () => {
  it.each(['member', 'customer who never joined'])(
    'experiment 9 leave no customer id and no name of a %s anywhere, whoever comes first',
    async (kind) => {
      const customers: string[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const customer = {
          id: 830_000_000 + round + (kind === 'member' ? 0 : 1_000),
          email: `racer-${round}-${kind.length}@example.com`,
        };
        customers.push(String(customer.id), `Racer-${customer.id}`, customer.email);
        if (kind === 'member')
          await makeMember(shop, { shopifyCustomerId: String(customer.id), email: customer.email });
        const caseId = await openCase(system, shop, 'customers/redact', redactBody(shop, customer));
        await deliverNews(customer);
        const erase = processCase({ shopId: shop.shopId, caseId });
        await Promise.all([erase, drain(shop), drain(shop), drain(shop)]);
        await deliverNews(customer);
        await drain(shop);
      }
      expect(await findInDatabase(system, customers)).toEqual([]);
      expect(await system.sql(`select 1 from inbox where state <> 'done' and shop_id = $1`, [shop.shopId])).toEqual([]);
      expect(
        await system.sql(`select 1 from member_profile p join member m on m.id = p.member_id where m.state = 'erased'`),
      ).toEqual([]);
      expect((await verifyBalances({ shopId: shop.shopId })).imbalances).toEqual([]);
    },
  );

  it('experiment 9 and a settlement held up in the middle lets the erasure wait for it', async () => {
    // Nobody's member: no balance is locked that would make the erasure wait.
    const customer = { id: 831_000_000, email: 'slow@example.com' };
    const caseId = await openCase(system, shop, 'customers/redact', redactBody(shop, customer));
    await deliverNews(customer);
    // Whoever stores an order takes a while over it, so that all of the erasure would fit in between.
    await system.sql(
      `create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.4); return new; end $$`,
    );
    await system.sql('create trigger dawdle before insert on order_state for each statement execute function dawdle()');
    const settling = drain(shop);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await Promise.all([settling, processCase({ shopId: shop.shopId, caseId })]);
    await system.sql('drop function dawdle cascade');
    expect(await findInDatabase(system, [String(customer.id), customer.email])).toEqual([]);
  });
});

describe('somebody who was erased', () => {
  it('L22 may join again, is a new member with nothing, and earns from then on', async () => {
    const customer = { id: 832_000_000, email: 'back-again@example.com' };
    const first = await makeMember(shop, { shopifyCustomerId: String(customer.id), email: customer.email });
    await deliverNews(customer);
    await drain(shop);
    await settleCase(system, shop, 'customers/redact', redactBody(shop, customer));
    const again = await enrollMember({
      shopId: shop.shopId, programId: shop.programId, via: 'link', profile: { email: customer.email },
      shopifyCustomerId: String(customer.id), locale: 'en', consents: [], wordingVersion: '1', source: 'test',
    }); // prettier-ignore
    expect(again.kind).toBe('enrolled');
    expect(again.memberId).not.toBe(first.memberId);
    expect(await balancesOf(system, again.memberId)).toEqual({ points: 0, stamps: 0 });
    await deliver(shop, 'orders/paid', orderBody({ customer }));
    await drain(shop);
    expect(await balancesOf(system, again.memberId)).toEqual({ points: 12, stamps: 1 });
    await settleCase(system, shop, 'customers/redact', redactBody(shop, customer));
    expect(await findInDatabase(system, [String(customer.id), customer.email])).toEqual([]);
  });
});

describe('what somebody asked for that is under way when they are erased', () => {
  /** Makes every statement of a kind take a while, so that all of an erasure would fit in between. */
  async function dawdling(trigger: string, work: () => Promise<void>): Promise<void> {
    await system.sql(
      `create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.5); return new; end $$`,
    );
    await system.sql(`create trigger dawdle before ${trigger} execute function dawdle()`);
    await work();
    await system.sql('drop function dawdle cascade');
  }

  async function eraseMeanwhile(memberId: string, caseId: string): Promise<void> {
    const { caseId: erasure } = await openSubjectCase({
      shopId: shop.shopId, memberId, kind: 'erasure', origin: 'shopper', actor: 'shopper',
    }); // prettier-ignore
    const working = processCase({ shopId: shop.shopId, caseId });
    await new Promise((resolve) => setTimeout(resolve, 150));
    await Promise.all([working, processCase({ shopId: shop.shopId, caseId: erasure })]);
    const [row] = await system.sql(`select state from member where id = $1`, [memberId]);
    expect(row).toEqual({ state: 'erased' });
  }

  it('W17 experiment 9 a correction brings no profile back', async () => {
    const { memberId } = await makeMember(shop, { name: 'Wettlauf Alt' });
    const details = { name: 'Wettlauf Neu' };
    const asked = { shopId: shop.shopId, memberId, kind: 'rectification' as const, origin: 'shopper' as const };
    const { caseId } = await openSubjectCase({ ...asked, actor: 'shopper', details });
    await dawdling('insert on member_profile for each statement', () => eraseMeanwhile(memberId, caseId));
    expect(await system.sql('select 1 from member_profile where member_id = $1', [memberId])).toEqual([]);
  });

  it('W17 experiment 9 a copy of their data does not outlast them', async () => {
    const { memberId, customerId } = await makeMember(shop, { name: 'Wettlauf Kopie' });
    const caseId = await openCase(system, shop, 'customers/data_request', redactBody(shop, { id: Number(customerId) }));
    const closing = `update of state on erasure_case for each row when (new.kind = 'access' and new.state = 'closed')`;
    await dawdling(closing, () => eraseMeanwhile(memberId, caseId));
    expect(await withShop(shop.shopId, (tx) => readCaseAnswer(tx, caseId))).toBeNull();
  });
});
