/** An order turns out to be somebody else's: what it brought moves, whole, and in whatever order Shopify's news comes. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { claimOrder } from '#app/flows/members/claim-order.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { claimCodeOfOrder } from '#app/queries/claim-code-of-order.ts';
import { listRuleVersions } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { readLedgerStories } from '#app/queries/ledger-stories.ts';
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
import { redactBody, settleCase } from '#test/support/privacy.ts';
import { cancelled, type OrderOf, refund, saleOf, setClock, tell } from '#test/support/sales.ts';
import { mergeBody, permutations } from '#test/support/merging.ts';

let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
});
afterAll(() => system.close());
afterEach(() => setClockOffsetMs(0));

type Person = Awaited<ReturnType<typeof makeMember>>;

const at = (day: number, hour = 9) => `2026-03-${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00Z`;
const customerOf = (person: Person | null) => (person === null ? null : { id: Number(person.customerId) });
const guest = { customer: null };

/** The order as it is told once it names this customer, or none. */
const named = (order: OrderOf, person: Person | null, day: number): OrderOf => ({
  ...order,
  customer: customerOf(person),
  updated_at: at(day),
});
const pointsOf = async (person: Person) => (await balancesOf(system, person.memberId))['points'];

/** Orders in which these may come: a sixth part of all, the ends among them; the simulator plays the rest. */
function someOrders<Item>(items: readonly Item[]): Item[][] {
  const all = permutations(items);
  return all.filter((_, index) => index % 6 === 0 || index === all.length - 1);
}

describe('an order that names another customer than before', () => {
  it('is theirs in full and the other’s not at all, in whatever order the news comes', async () => {
    const finals = new Set<string>();
    for (const order of someOrders([0, 1, 2, 3])) {
      const [first, second, third] = [await makeMember(shop), await makeMember(shop), await makeMember(shop)];
      const sale = saleOf(first.customerId, { dollars: 50, at: at(1) });
      const told = [
        () => tell(shop, sale),
        () => tell(shop, named(sale, second, 2)),
        () => refund(shop, sale, { dollars: 20, at: at(3) }),
        () => tell(shop, named(sale, third, 4)),
      ];
      for (const index of order) await told[index]?.();
      finals.add([await pointsOf(first), await pointsOf(second), await pointsOf(third)].join());
    }
    expect([...finals]).toEqual(['0,0,30']);
    await expectBalanced(shop.shopId);
  });

  it('is nobody’s once it names none, somebody’s once it names one, and both tell why', async () => {
    const [first, second] = [await makeMember(shop), await makeMember(shop)];
    const sale = saleOf(first.customerId, { dollars: 50, at: at(1), order_number: 17 });
    await tell(shop, sale);
    await tell(shop, named(sale, null, 2));
    expect([await pointsOf(first), await pointsOf(second)]).toEqual([0, 0]);
    await tell(shop, named(sale, second, 3), named(sale, second, 3));
    expect([await pointsOf(first), await pointsOf(second)]).toEqual([0, 50]);
    const titles = ({ memberId }: Person) =>
      withShop(shop.shopId, async (tx) => {
        const page = { before: null, limit: 10, versions: await listRuleVersions(tx) };
        const { entries } = await readLedgerStories(tx, memberId, page);
        return entries.filter(({ unit }) => unit === 'points').map(({ title, balance }) => [title, balance]);
      });
    expect(await titles(first)).toEqual([
      ['Order #17 is another customer’s', { before: 50, target: 0 }],
      ['Earned by order #17', { before: 0, target: 50 }],
    ]);
    expect(await titles(second)).toEqual([['Earned by order #17', { before: 0, target: 50 }]]);
    // A refund takes it from whose it is now.
    await refund(shop, sale, { dollars: 50, at: at(4) });
    expect([await pointsOf(first), await pointsOf(second)]).toEqual([0, 0]);
  });

  it('comes back to whom it was of, and goes on being settled', async () => {
    const [first, second] = [await makeMember(shop), await makeMember(shop)];
    const sale = saleOf(first.customerId, { dollars: 50, at: at(1) });
    for (const news of [sale, named(sale, second, 2), named(sale, first, 3)]) await tell(shop, news);
    expect([await pointsOf(first), await pointsOf(second)]).toEqual([50, 0]);
    await tell(shop, cancelled(named(sale, first, 3), at(5)));
    expect([await pointsOf(first), await pointsOf(second)]).toEqual([0, 0]);
    await expectBalanced(shop.shopId);
  });

  it.each([
    ['carry', -50],
    ['write-off', 0],
  ] as const)('leaves a debt or a loss with who has spent it, as the program says: %s', async (debtPolicy, left) => {
    const document = makeDocument();
    const own = await makeShop({ ...document, settings: { ...document.settings, debtPolicy } });
    const [first, second] = [await makeMember(own), await makeMember(own)];
    const sale = saleOf(first.customerId, { dollars: 50, at: at(1) });
    await tell(own, sale);
    await system.sql(
      `with spent as (
         insert into ledger_entry (shop_id, member_id, unit, kind, amount, source, source_key, actor, occurred_at, booked_at)
         values ($1, $2, 'points', 'redemption', -50, 'reward', 'spent', 'test', now(), now()) returning 1),
       emptied as (update lot set remaining = 0, consumed = 50 where shop_id = $1 and member_id = $2 and unit = 'points')
       update balance set amount = 0, spent = 50 where shop_id = $1 and member_id = $2 and unit = 'points'`,
      [own.shopId, first.memberId],
    );
    await tell(own, named(sale, second, 2));
    expect([await pointsOf(first), await pointsOf(second)]).toEqual([left, 50]);
    await expectBalanced(own.shopId);
  });

  it('changes what looks back at it with both, in whatever order the news comes', async () => {
    const [rule] = makeDocument().earnRules;
    if (rule === undefined) throw new Error('the sample program has no rule');
    const welcome = {
      kind: 'visit',
      id: 'welcome',
      unit: 'points',
      amount: 30,
      conditions: { firstOrder: true },
    } as const;
    const own = await makeShop(makeDocument({ earnRules: [{ ...rule, caps: { perMember: 60 } }, welcome] }));
    const finals = new Set<string>();
    for (const order of someOrders([0, 1, 2, 3])) {
      const [first, second] = [await makeMember(own), await makeMember(own)];
      const sale = saleOf(first.customerId, { dollars: 50, at: at(1) });
      const told = [
        sale,
        saleOf(first.customerId, { dollars: 40, at: at(2) }),
        saleOf(second.customerId, { dollars: 40, at: at(3) }),
        named(sale, second, 4),
      ];
      for (const index of order) await tell(own, told[index] ?? sale);
      finals.add([await pointsOf(first), await pointsOf(second)].join());
    }
    // The one has a first order of 40 left; the other's first was of 50, and 10 more is all there is for one member.
    expect([...finals]).toEqual(['70,90']);
    await expectBalanced(own.shopId);
  });

  it('counts by the rules of the program its new owner is in', async () => {
    const [first, second] = [await makeMember(shop), await makeMember(shop)];
    const sale = saleOf(first.customerId, { dollars: 50, at: at(1) });
    await tell(shop, sale);
    const [row] = await system.sql<{ rule_version_id: string | null }>(
      'select rule_version_id from order_state where order_id = $1',
      [String(sale['id'])],
    );
    await tell(shop, named(sale, null, 2));
    const unowned = 'select rule_version_id, booked, member_id from order_state where order_id = $1';
    expect(await system.sql(unowned, [String(sale['id'])])).toEqual([
      { rule_version_id: null, booked: {}, member_id: null },
    ]);
    await tell(shop, named(sale, second, 3));
    expect(await system.sql(unowned, [String(sale['id'])])).toMatchObject([
      { rule_version_id: row?.rule_version_id, member_id: second.memberId },
    ]);
  });

  it('stays with the account of somebody who was erased, and brings their id back nowhere', async () => {
    const [first, second] = [await makeMember(shop), await makeMember(shop)];
    const sale = saleOf(first.customerId, { dollars: 50, at: at(1) });
    await tell(shop, sale);
    await settleCase(system, shop, 'customers/redact', redactBody(shop, { id: Number(first.customerId) }));
    await tell(shop, named(sale, second, 2));
    expect([await pointsOf(first), await pointsOf(second)]).toEqual([50, 0]);
  });

  it('keeps the name of no customer it was of before', async () => {
    const [first, second] = [await makeMember(shop), await makeMember(shop)];
    const sale = saleOf(first.customerId, { dollars: 50, at: at(1) });
    await tell(shop, sale, { ...named(sale, second, 2), financial_status: 'partially_paid' });
    const [kept] = await system.sql<{ state: string }>(
      'select state::text as state from order_state where order_id = $1',
      [String(sale['id'])],
    );
    expect(kept?.state).not.toContain(first.customerId);
    expect(await pointsOf(second)).toBe(50);
  });
});

describe('an order that its buyer claimed with the code on the receipt', () => {
  const claim = async (order: OrderOf, { memberId }: Person) => {
    const code = (await claimCodeOfOrder(shop.shopId, String(order['id']), new Date(at(1))))?.code ?? '';
    return claimOrder({
      shopId: shop.shopId,
      code,
      memberId,
      actor: 'shopper',
      at: new Date(at(1)),
    });
  };
  const nameless = async (person: Person) => {
    await system.sql('update member set shopify_customer_id = null where id = $1', [person.memberId]);
    return person;
  };

  it('stays theirs while Shopify names nobody else, through a name and back', async () => {
    const [claimer, stranger] = [await nameless(await makeMember(shop)), await makeMember(shop)];
    const sale = saleOf('1', { dollars: 50, at: at(1), ...guest });
    await tell(shop, sale);
    expect(await claim(sale, claimer)).toMatchObject({ kind: 'claimed' });
    await tell(shop, { ...sale, updated_at: at(2) });
    expect(await pointsOf(claimer)).toBe(50);
    await tell(shop, named(sale, stranger, 3));
    expect([await pointsOf(claimer), await pointsOf(stranger)]).toEqual([0, 50]);
    await tell(shop, named(sale, null, 4));
    expect([await pointsOf(claimer), await pointsOf(stranger)]).toEqual([50, 0]);
    await expectBalanced(shop.shopId);
  });

  it('is not theirs once Shopify names a customer they are not, member or none, before the claim or after', async () => {
    const unknown = { customerId: '987654321001' } as Person;
    for (const isNamedFirst of [true, false]) {
      const claimer = await makeMember(shop);
      const sale = saleOf('1', { dollars: 50, at: at(1), ...guest });
      await tell(shop, sale);
      const rename = () => tell(shop, named(sale, unknown, 2));
      const claimed = () => claim(sale, claimer);
      for (const step of isNamedFirst ? [rename, claimed] : [claimed, rename]) await step();
      expect(await pointsOf(claimer)).toBe(0);
    }
  });

  it('is theirs when the name Shopify adds is their own', async () => {
    const claimer = await makeMember(shop);
    const sale = saleOf('1', { dollars: 50, at: at(1), ...guest });
    await tell(shop, sale);
    expect(await claim(sale, claimer)).toMatchObject({ kind: 'claimed' });
    await tell(shop, named(sale, claimer, 2));
    expect(await pointsOf(claimer)).toBe(50);
    const entries = await system.sql('select 1 as one from ledger_entry where order_id = $1', [String(sale['id'])]);
    expect(entries).toHaveLength(2);
  });
});

describe('an order of customers that Shopify made one', () => {
  const merge = async (own: TestShop, gone: Person, kept: Person) => {
    await deliver(own, 'customers/merge', mergeBody(gone.customerId, kept.customerId));
    await drain(own);
  };

  it('ends as theirs who is left, whether it names them before or after, and keeps the facts of its sale', async () => {
    const [rule] = makeDocument().earnRules;
    if (rule === undefined) throw new Error('the sample program has no rule');
    const own = await makeShop(makeDocument({ earnRules: [{ ...rule, caps: { perMember: 50 } }] }));
    setClock(at(10));
    const [gone, kept] = [await makeMember(own), await makeMember(own)];
    const sale = saleOf(gone.customerId, { dollars: 40, at: at(1) });
    await tell(own, sale, saleOf(kept.customerId, { dollars: 40, at: at(2) }));
    await merge(own, gone, kept);
    await tell(own, named(sale, kept, 11));
    // Each was under the most for one member when it was made.
    expect([await pointsOf(gone), await pointsOf(kept)]).toEqual([0, 80]);
    const entries = await system.sql("select 1 as one from ledger_entry where shop_id = $1 and kind = 'reversal'", [
      own.shopId,
    ]);
    expect(entries).toEqual([]);
    await expectBalanced(own.shopId);
  });

  it('that named the one who is left before they were made one ends as theirs too', async () => {
    const own = await makeShop();
    const [gone, kept] = [await makeMember(own), await makeMember(own)];
    const sale = saleOf(gone.customerId, { dollars: 40, at: at(1) });
    for (const news of [sale, named(sale, kept, 2)]) await tell(own, news);
    await merge(own, gone, kept);
    await tell(own, { ...named(sale, kept, 2), updated_at: at(3) });
    expect([await pointsOf(gone), await pointsOf(kept)]).toEqual([0, 40]);
    await expectBalanced(own.shopId);
  });
});
