/** What is wrong once everything was told: whatever differs from what should have come of it. */
import type { MemberId } from '#app/lib/ids.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { joiningId, whoIs } from '#test/simulate/cast.ts';
import { lotProblems } from '#test/simulate/lot-problems.ts';
import { simulatedReward, type World } from '#test/simulate/world.ts';
import type { TestSystem } from '#test/support/factories.ts';

export type Played = {
  world: World;
  system: TestSystem;
  toldEvents: ReadonlySet<string>;
  spent: ReadonlyMap<MemberId, number>;
  nowMs: number;
};

type Booked = Record<string, number>;

export async function problemsOf(played: Played): Promise<string[]> {
  const { world, system } = played;
  const { shopId } = world.shop;
  const { imbalances } = await verifyBalances({ shopId });
  const left = await system.sql<{ state: string; problem: string | null }>(
    "select state, problem from inbox where shop_id = $1 and state <> 'done'",
    [shopId],
  );
  const isForgiving = world.told.versions.every(({ settings }) => settings.debtPolicy === 'write-off');
  const owing = await system.sql('select unit, amount from balance where shop_id = $1 and amount < 0', [shopId]);
  return [
    ...imbalances.map((imbalance) => JSON.stringify(imbalance)),
    ...left.map(({ state, problem }) => `a delivery is left ${state}: ${problem}`),
    ...(isForgiving ? owing : []).map((row) => `a debt although debts are written off: ${JSON.stringify(row)}`),
    ...(await orderProblems(played)),
    ...(await eventProblems(played)),
    ...(await strayEntries(played)),
    ...(await balanceProblems(played)),
    ...(await foldProblems(played)),
    ...(await lotProblems(played)),
  ];
}

/** The member a customer is in the end. */
function memberOf({ members, merges }: World, customer: string | null | undefined): MemberId | null {
  if (customer == null) return null;
  return members.get(whoIs(customer, merges)) ?? null;
}

/** The member each of them is in the end. */
function survivorsOf(world: World): Map<MemberId, MemberId> {
  return new Map([...world.members].map(([customer, memberId]) => [memberId, memberOf(world, customer) ?? memberId]));
}

async function orderProblems({ world, system }: Played): Promise<string[]> {
  const orders = await system.sql<{ order_id: string; member_id: MemberId | null; booked: Booked }>(
    'select order_id, member_id, booked from order_state where shop_id = $1',
    [world.shop.shopId],
  );
  return orders.flatMap(({ order_id: id, member_id: memberId, booked }) => [
    ...differences(`order ${id}`, world.sums[`order ${id}`] ?? {}, booked),
    ...(memberId === memberOf(world, world.owners.get(id))
      ? []
      : [`order ${id} is another’s than its newest news says`]),
  ]);
}

async function eventProblems({ world, system, toldEvents }: Played): Promise<string[]> {
  const events = await system.sql<{
    kind: string;
    event_key: string;
    member_id: MemberId;
    account_id: MemberId;
    booked: Booked;
  }>('select kind, event_key, member_id, account_id, booked from member_event where shop_id = $1', [world.shop.shopId]);
  const customers = new Map([...world.members].map(([customer, memberId]) => [memberId, customer]));
  const expected = toldEvents.size + world.members.size;
  return [
    ...(events.length === expected ? [] : [`${events.length} events were kept, ${expected} happened`]),
    ...events.flatMap(({ kind, event_key: key, member_id: memberId, account_id: accountId, booked }) => {
      const toldId = key.split(':').at(-1) ?? key;
      const id = kind === 'sign-up' ? joiningId(customers.get(accountId) ?? '') : toldId;
      const isTheirs = memberId === memberOf(world, world.tellers.get(id));
      return [
        ...differences(`event ${id}`, world.sums[`event ${id}`] ?? {}, booked),
        ...(isTheirs ? [] : [`event ${id} is another’s`]),
      ];
    }),
  ];
}

/** Whoever an order is not of has nothing left of it, and whose it is has all that is booked for it. */
async function strayEntries({ world, system }: Played): Promise<string[]> {
  const rows = await system.sql<{
    order_id: string;
    member_id: MemberId;
    owner: MemberId;
    booked: Booked;
    left: Booked;
  }>(
    `select e.order_id, e.member_id, o.member_id as owner, o.booked, jsonb_object_agg(e.unit, e.amount) as left
     from (
       select order_id, member_id, unit, sum(amount)::int as amount from ledger_entry
       where shop_id = $1 and source = 'order' and kind in ('accrual', 'reversal') group by order_id, member_id, unit
     ) e join order_state o on o.shop_id = $1 and o.order_id = e.order_id
     group by e.order_id, e.member_id, o.member_id, o.booked`,
    [world.shop.shopId],
  );
  const survivors = survivorsOf(world);
  const holders = Map.groupBy(rows, (row) => `${row.order_id} ${survivors.get(row.member_id) ?? row.member_id}`);
  return [...holders].flatMap(([holder, parts]) => {
    const [order] = parts;
    const isTheirs = order !== undefined && holder === `${order.order_id} ${order.owner}`;
    return differences(`of order, for ${holder},`, isTheirs ? order.booked : {}, total(parts.map(({ left }) => left)));
  });
}

/** What everybody has in the end, out of what they should have earned and what they spent. */
async function balanceProblems({ world, system, spent }: Played): Promise<string[]> {
  const { shopId } = world.shop;
  const survivors = survivorsOf(world);
  // When something expires or is forgiven depends on what was told when; that it was booked once is the verifier's.
  const others = await system.sql<{ member_id: MemberId; unit: string; amount: number }>(
    `select member_id, unit, sum(amount)::int as amount from ledger_entry
     where shop_id = $1 and (kind = 'expiration' or reason in ('written-off', 'written-off-made-good')) group by member_id, unit`,
    [shopId],
  );
  const balances = await system.sql<{ member_id: MemberId; amounts: Booked }>(
    'select member_id, jsonb_object_agg(unit, amount) as amounts from balance where shop_id = $1 group by member_id',
    [shopId],
  );
  return balances.flatMap(({ member_id: memberId, amounts }) => {
    const isThem = (other: MemberId) => survivors.get(other) === memberId;
    const times = [...spent].reduce((sum, [other, count]) => (isThem(other) ? sum + count : sum), 0);
    const expected = total([
      ...earnedBy(world, memberId),
      { [world.rewardUnit]: -times * simulatedReward.cost },
      ...others.filter((row) => isThem(row.member_id)).map(({ unit, amount }) => ({ [unit]: amount })),
    ]);
    return differences(`in the end member ${memberId}`, expected, amounts);
  });
}

function earnedBy(world: World, memberId: MemberId): Booked[] {
  const orders = [...world.owners].flatMap(([id, owner]) => (memberOf(world, owner) === memberId ? `order ${id}` : []));
  const events = [...world.tellers].flatMap(([id, as]) => (memberOf(world, as) === memberId ? `event ${id}` : []));
  return [...orders, ...events].map((id) => world.sums[id] ?? {});
}

/** Whoever became another has nothing left, leads to that other, and gave exactly what that one got. */
async function foldProblems({ world, system }: Played): Promise<string[]> {
  const { shopId } = world.shop;
  const survivors = survivorsOf(world);
  const folded = await system.sql<{ id: MemberId; folded_into: MemberId | null }>(
    'select id, folded_into from member where shop_id = $1',
    [shopId],
  );
  const into = new Map(folded.map((member) => [member.id, member.folded_into]));
  const lastOf = (id: MemberId): MemberId => {
    const next = into.get(id) ?? null;
    return next === null ? id : lastOf(next);
  };
  const gone = folded.map(({ id }) => id).filter((id) => survivors.get(id) !== id);
  const left = await system.sql<{ what: string; member_id: string }>(
    `select 'lot' as what, member_id from lot where shop_id = $1 and member_id = any($2) union
     select 'held', member_id from balance where shop_id = $1 and member_id = any($2) and (held <> 0 or spent <> 0) union
     select 'reservation', member_id from reservation where shop_id = $1 and member_id = any($2) union
     select 'event', member_id from member_event where shop_id = $1 and member_id = any($2) union
     select 'undecided', member_id from reservation where shop_id = $1 and state = 'reserved'`,
    [shopId, gone],
  );
  const moved = await system.sql<{ unit: string; amount: number }>(
    `select unit, sum(amount)::int as amount from ledger_entry where shop_id = $1 and source = 'merge' group by unit`,
    [shopId],
  );
  return [
    ...folded.flatMap(({ id }) => (lastOf(id) === survivors.get(id) ? [] : [`member ${id} leads to another`])),
    ...left.map(({ what, member_id: memberId }) => `member ${memberId} has a ${what} left`),
    ...moved.flatMap(({ unit, amount }) => (amount === 0 ? [] : [`merges brought ${amount} ${unit}`])),
  ];
}

function total(parts: Booked[]): Booked {
  const sums: Booked = {};
  for (const part of parts) for (const [unit, amount] of Object.entries(part)) sums[unit] = (sums[unit] ?? 0) + amount;
  return sums;
}

function differences(what: string, expected: Booked, booked: Booked): string[] {
  return [...new Set([...Object.keys(expected), ...Object.keys(booked)])].flatMap((unit) => {
    const [should, is] = [expected[unit] ?? 0, booked[unit] ?? 0];
    return should === is ? [] : [`${what} has ${is} ${unit}, and should have ${should}`];
  });
}
