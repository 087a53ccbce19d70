/** Whose an order is: the member it has, the card scanned at the till, or the Shopify customer's. */
import { findScannedCard } from '#app/data/cards/scanned-cards.ts';
import { findCustomers, type Member, readMembers } from '#app/data/members/members.ts';
import type { StoredOrder } from '#app/data/orders/orders.ts';
import { listPrograms } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Gives every order its member, if there is one. Where customers were folded into one, `followFolds` comes after it. */
export async function findOwners(tx: Tx, orders: StoredOrder[]): Promise<void> {
  const open = orders.filter((order) => order.memberId === null);
  const customerIds = [...new Set(open.flatMap((order) => order.state.latest?.customerId ?? []))];
  const known = customerIds.length > 0 ? await findCustomers(tx, customerIds) : [];
  // A restricted member's data is kept and not used: their orders wait unclaimed until the restriction is lifted.
  const customers = known.filter((member) => member.restrictedAt === null);
  const byCustomer = new Map(await oneForEach(tx, customers));
  for (const order of open) {
    const { cardCode = null, customerId = null, processedAt } = order.state.latest ?? {};
    if (cardCode !== null && processedAt !== undefined)
      order.memberId = await findCardHolder(tx, { code: cardCode, scannedAt: new Date(processedAt) });
    if (customerId !== null) order.memberId ??= byCustomer.get(customerId) ?? null;
  }
}

/**
 * The member each customer's orders belong to. One who joined several programs earns in the oldest of them that is live; to
 * earn in another, they show its card at the till.
 */
async function oneForEach(tx: Tx, customers: Member[]): Promise<[string | null, MemberId][]> {
  const isPlain = new Set(customers.map((member) => member.shopifyCustomerId)).size === customers.length;
  const ranks = isPlain ? new Map<string, number>() : await rankPrograms(tx);
  const rankOf = ({ programId }: Member) => ranks.get(programId) ?? Number.POSITIVE_INFINITY;
  // Of several entries of one customer a map keeps the last.
  const worstFirst = isPlain ? customers : customers.toSorted((one, two) => rankOf(two) - rankOf(one) || 0);
  return worstFirst.map((member) => [member.shopifyCustomerId, member.memberId]);
}

async function rankPrograms(tx: Tx): Promise<Map<string, number>> {
  const programs = await listPrograms(tx);
  const live = programs.filter((program) => program.state === 'live');
  return new Map(live.map((program, index) => [program.programId, index]));
}

/** Whose card it was at the time of the sale. By a card that was frozen or replaced before, nobody collects. */
async function findCardHolder(tx: Tx, scan: { code: string; scannedAt: Date }): Promise<MemberId | null> {
  const card = await findScannedCard(tx, scan);
  return card.kind === 'good' ? card.member.memberId : null;
}

/**
 * Reads these members, and passes orders of those that were folded on to whom they were folded into; a sale made before
 * still counts as whose it was. Answers everybody who owns an order now. Hold the balances of `memberIds`.
 */
export async function followFolds(
  tx: Tx,
  orders: StoredOrder[],
  memberIds: MemberId[],
): Promise<Map<MemberId, Member>> {
  const members = new Map((await readMembers(tx, memberIds)).map((member) => [member.memberId, member]));
  let isFollowed = false;
  for (const order of orders) {
    const owner = order.memberId === null ? undefined : members.get(order.memberId);
    if (owner?.foldedInto == null) continue;
    const madeAt = order.state.latest?.processedAt;
    if (madeAt !== undefined && owner.foldedAt !== null && new Date(madeAt) < owner.foldedAt)
      order.accountId ??= owner.memberId;
    order.memberId = owner.foldedInto;
    isFollowed = true;
  }
  if (!isFollowed) return members;
  const next = [...new Set(orders.flatMap((order) => order.memberId ?? []))];
  return followFolds(tx, orders, next);
}
