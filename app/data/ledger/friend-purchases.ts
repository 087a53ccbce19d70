/** What a friend bought, told apart by the names they had: under which they were brought, and under which others became them. */
import { listFolded, type Member } from '#app/data/members/members.ts';
import { firstNameOf, readMergesOf, readMergeSteps } from '#app/data/members/merged-customers.ts';
import { readFormerCustomers } from '#app/data/orders/former-customers.ts';
import { readOrdersOf } from '#app/data/orders/member-orders.ts';
import type { StoredOrder } from '#app/data/orders/orders.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type BecameOne, becameOneBy } from '#app/domain/members/became-one.ts';
import type { Bought } from '#app/domain/members/referral.ts';
import type { MemberId } from '#app/lib/ids.ts';

export type Purchases = {
  /** All of them, as seen by one of the accounts. */
  boughtAs: (accountId: MemberId) => Bought[];
  /** When accounts of theirs became one. */
  becameOne: BecameOne;
};

/** What the friend bought, to be seen by accounts they were brought as. */
export async function readPurchases(tx: Tx, friend: Member, broughtAs: MemberId[]): Promise<Purchases> {
  const orders = await readOrdersOf(tx, [friend.memberId]);
  const folded = await listFolded(tx, [friend.memberId]);
  const becameOne = becameOneBy(stepsOf(folded));
  const accounts = [friend, ...folded].filter(({ memberId }) => broughtAs.includes(memberId));
  const strange = await readStrange(tx, accounts, orders);
  const boughtAs = (accountId: MemberId) =>
    orders.map((order): Bought => {
      const soldTo = accountOf(order);
      const isOwn = soldTo === accountId;
      const since = isOwn ? (strange.get(order) ?? null) : (becameOne(soldTo ?? '', accountId) ?? new Date(0));
      return { order: order.state, since };
    });
  return { boughtAs, becameOne };
}

const accountOf = ({ accountId, memberId }: StoredOrder) => accountId ?? memberId;

/** How members who were folded lead on. */
export const stepsOf = (folded: Member[]) =>
  folded.flatMap(({ memberId: id, foldedInto: into, foldedAt: at }) =>
    into === null || at === null ? [] : { id, into, at },
  );

/**
 * Orders of these accounts that were made as a customer who was no member, before or after they became one; with when that
 * was. What names, or named once, the customer as whom the member was first known is their own.
 */
async function readStrange(tx: Tx, accounts: Member[], orders: StoredOrder[]): Promise<Map<StoredOrder, Date>> {
  const firstNames = await readFirstNames(tx, accounts);
  const asked = orders.flatMap((order) => {
    const name = order.state.latest?.customerId ?? null;
    const own = firstNames.get(accountOf(order) ?? '') ?? null;
    const isOwn = name === null || own === null || name === own || order.state.latest?.cardCode != null;
    return isOwn ? [] : { order, name, own };
  });
  if (asked.length === 0) return new Map();
  const former = await readFormerCustomers(
    tx,
    asked.map(({ order }) => order.state.orderId),
  );
  const steps = [];
  for (const name of new Set(asked.flatMap(({ name: one, own }) => [one, own])))
    for (const { goneId, intoId, mergedAt } of await readMergeSteps(tx, name))
      steps.push({ id: goneId, into: intoId, at: mergedAt });
  const becameOne = becameOneBy(steps);
  return new Map(
    asked.flatMap(({ order, name, own }): [StoredOrder, Date][] => {
      const { orderId } = order.state;
      const wasOwn = former.some((one) => one.orderId === orderId && one.customerId === own);
      const since = wasOwn ? null : becameOne(name, own);
      return since === null ? [] : [[order, since]];
    }),
  );
}

/** As which customer each was known before they were merged into others. */
async function readFirstNames(tx: Tx, accounts: Member[]): Promise<Map<string, string | null>> {
  const merges = await readMergesOf(
    tx,
    accounts.map(({ memberId }) => memberId),
  );
  return new Map(accounts.map((member) => [member.memberId, firstNameOf(member, merges)]));
}
