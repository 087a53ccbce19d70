/** What news of an order must not take away, or give to the wrong one: while people are erased, restricted or joining. */
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { currentCode } from '#app/data/cards/rotating-codes.ts';
import { lockCase } from '#app/data/privacy/cases.ts';
import { findMembers, rememberErased } from '#app/data/privacy/erasure-steps.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { cardNoteName } from '#app/contracts/card-note.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { expectBalanced } from '#test/support/extensions.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { openCase, redactBody } from '#test/support/privacy.ts';
import { saleOf, tell } from '#test/support/sales.ts';
import { mergeBody } from '#test/support/merging.ts';

let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
});
afterAll(() => system.close());

const at = (day: number) => `2026-03-${String(day).padStart(2, '0')}T09:00:00Z`;
const pointsOf = async ({ memberId }: Awaited<ReturnType<typeof makeMember>>) =>
  (await balancesOf(system, memberId))['points'];

it('a card that was scanned goes on counting while the customer of the order is being erased, and afterwards', async () => {
  const holder = await makeMember(shop);
  const code = await withShop(shop.shopId, async (tx) => {
    const [row] = await tx.query<{ card_id: string }>('select card_id from member where shop_id = $1 and id = $2', [
      shop.shopId,
      holder.memberId,
    ]);
    return currentCode(await readShopKeys(tx), row?.card_id ?? '', new Date(at(1)));
  });
  const customerId = '918273645001';
  const sale = saleOf(customerId, { dollars: 50, at: at(1), note_attributes: [{ name: cardNoteName, value: code }] });
  await tell(shop, sale);
  const caseId = await openCase(system, shop, 'customers/redact', redactBody(shop, { id: Number(customerId) }));
  await withShop(shop.shopId, async (tx) => {
    const found = await lockCase(tx, caseId);
    if (found === null) throw new Error('the case is gone');
    await findMembers(tx, found);
    await rememberErased(tx, found);
  });
  await tell(shop, { ...sale, updated_at: at(2) });
  expect(await pointsOf(holder)).toBe(50);
  await processCase({ shopId: shop.shopId, caseId });
  await tell(shop, { ...sale, updated_at: at(3) });
  expect(await pointsOf(holder)).toBe(50);
});

it('a restricted member keeps what they have when it is told again, and gets nothing new by any name', async () => {
  const [gone, kept] = [await makeMember(shop), await makeMember(shop)];
  const sale = saleOf(gone.customerId, { dollars: 40, at: at(1) });
  await tell(shop, sale);
  await system.sql('update member set restricted_at = now() where id = $1', [kept.memberId]);
  await deliver(shop, 'customers/merge', mergeBody(gone.customerId, kept.customerId));
  await drain(shop);
  for (const [day, { customerId }] of [
    [2, kept],
    [3, gone],
  ] as const)
    // prettier-ignore
    await tell(shop, { ...sale, customer: { id: Number(customerId) }, updated_at: at(day) });
  for (const { customerId } of [gone, kept]) await tell(shop, saleOf(customerId, { dollars: 7, at: at(4) }));
  expect(await pointsOf(kept)).toBe(40);
});

it('other sales of whom an order is not any more are settled by the calendar of the shop', async () => {
  const document = makeDocument();
  const [rule] = document.earnRules;
  if (rule === undefined) throw new Error('the sample program has no rule');
  const own = await makeShop({
    ...document,
    earnRules: [{ ...rule, caps: { perMember: 50 } }],
    settings: { ...document.settings, expiry: { mode: 'rolling', months: 12 } },
  });
  await system.sql("update shop set time_zone = 'Pacific/Auckland' where id = $1", [own.shopId]);
  const member = await makeMember(own);
  const sale = saleOf(member.customerId, { dollars: 50, at: at(1) });
  await tell(own, sale, saleOf(member.customerId, { dollars: 40, at: at(2) }));
  await tell(own, { ...sale, customer: null, updated_at: at(3) });
  expect(await pointsOf(member)).toBe(40);
  const lots = await system.sql('select expires_at from lot where shop_id = $1 and remaining > 0', [own.shopId]);
  expect(lots).toEqual([{ expires_at: new Date('2027-03-02T11:00:00Z') }]);
  await expectBalanced(own.shopId);
});

it('an order that comes to name another customer while one joins is not given to them', async () => {
  const [customerId, other] = ['918273645011', '918273645012'];
  const sale = saleOf(customerId, { dollars: 40, at: at(1) });
  await tell(shop, sale);
  const naming = new pg.Client({ connectionString: system.url });
  await naming.connect();
  await naming.query('begin');
  await naming.query(
    'update order_state set customer_id = $2, state = replace(state::text, $3, $2)::json where order_id = $1',
    [String(sale['id']), other, customerId],
  );
  const joining = makeMember(shop, { shopifyCustomerId: customerId });
  const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await expect.poll(() => system.sql(waiting), { timeout: 20_000 }).toHaveLength(1);
  await naming.query('commit');
  await naming.end();
  expect(await pointsOf(await joining)).toBe(0);
});
