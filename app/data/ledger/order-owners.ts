/**
 * Whose an order is: the holder's of the card scanned at the till, else the Shopify customer's, else theirs who claimed it.
 * What the newest news names decides, in whatever order the news came; where it names the same as before, the order stays
 * whose it is.
 */
import { findScannedCard } from '#app/data/cards/scanned-cards.ts';
import { findCustomers, type Member, readMembers, resolveFolded } from '#app/data/members/members.ts';
import type { StoredOrder } from '#app/data/orders/orders.ts';
import { areOthers, readMerged, readMergesOf, readMergeSteps } from '#app/data/members/merged-customers.ts';
import { listPrograms } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { OrderState } from '#app/domain/orders/order.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Whose an order was before its news, and whom the news that was known then named. */
export type FormerOwner = Pick<StoredOrder, 'memberId'> & { named: string };

/** An order as its owner is known, to be kept before news is merged in. */
export function formerOwnerOf({ memberId, state }: StoredOrder): FormerOwner {
  return { memberId, named: namedBy(state) };
}

function namedBy({ latest }: OrderState): string {
  return `${latest?.customerId ?? ''} ${latest?.cardCode ?? ''}`;
}

/** Whether an order names somebody else by now than the news before did. */
export function isRenamed({ state }: StoredOrder, { named }: FormerOwner): boolean {
  return named !== namedBy(state);
}

/** Orders that news may have made another member's, with whose they were until now. */
export type LeftOwners = Map<StoredOrder, MemberId>;

type Known = {
  before: ReadonlyMap<StoredOrder, FormerOwner>;
  /** Orders that are looked at anew although they name the same as before. */
  reopened: ReadonlySet<StoredOrder>;
  claims: ReadonlyMap<StoredOrder, MemberId>;
};

/**
 * Gives every order its member, if there is one. Where customers were folded into one, `followFolds` comes after it. An
 * order of which the newest news names somebody else is looked at anew: those are answered, with whose they were. One of an
 * erased member stays closed with their account. `claims` are members who show now that an order is theirs.
 */
export async function findOwners(
  tx: Tx,
  orders: StoredOrder[],
  { before, reopened, claims }: Known,
): Promise<LeftOwners> {
  const left = await openRenamed(tx, orders, { before, reopened });
  await findNamed(tx, orders.filter((order) => order.memberId === null), left); // prettier-ignore
  await findClaimants(tx, orders.filter((order) => order.memberId === null), claims); // prettier-ignore
  return left;
}

/** Takes orders from their members of which news names somebody else than the news before did. */
async function openRenamed(
  tx: Tx,
  orders: StoredOrder[],
  { before, reopened }: Pick<Known, 'before' | 'reopened'>,
): Promise<LeftOwners> {
  const left: LeftOwners = new Map();
  for (const order of orders) {
    const former = before.get(order);
    if (former?.memberId == null || !(isRenamed(order, former) || reopened.has(order))) continue;
    left.set(order, former.memberId);
  }
  if (left.size === 0) return left;
  const formers = [...new Set(left.values())];
  const closed = new Set(
    (await readMembers(tx, formers)).flatMap((one) => (one.state === 'erased' ? one.memberId : [])),
  );
  for (const [order, memberId] of left) {
    if (closed.has(memberId)) left.delete(order);
    else Object.assign(order, { memberId: null, accountId: null });
  }
  return left;
}

/** Gives orders to those who claimed them, as far as Shopify names nobody who is known to be another person. */
async function findClaimants(tx: Tx, orders: StoredOrder[], claims: ReadonlyMap<StoredOrder, MemberId>): Promise<void> {
  const claimed = orders.flatMap((order) => {
    const claimantId = order.state.claimedBy ?? claims.get(order);
    return claimantId === undefined ? [] : [{ order, claimantId }];
  });
  if (claimed.length === 0) return;
  const claimants = await readMembers(tx, [...new Set(claimed.map(({ claimantId }) => claimantId as MemberId))]);
  const byId = new Map<string, Member>(claimants.map((member) => [member.memberId, member]));
  for (const { order, claimantId } of claimed) {
    const claimant = byId.get(claimantId);
    if (claimant === undefined || claimant.state === 'erased') continue;
    if (await areOthers(tx, order.state.latest?.customerId ?? null, claimant.shopifyCustomerId)) continue;
    order.memberId = claimant.memberId;
    order.state = { ...order.state, claimedBy: claimant.memberId };
  }
}

/** Gives orders to whom the newest news names; `left` are those that were somebody's until now. */
async function findNamed(tx: Tx, open: StoredOrder[], left: ReadonlyMap<StoredOrder, MemberId>): Promise<void> {
  const customerIds = [...new Set(open.flatMap((order) => order.state.latest?.customerId ?? []))];
  const known = customerIds.length > 0 ? await findNamedMembers(tx, customerIds) : [];
  const restricted = await findRestricted(tx, known);
  const ranked = Map.groupBy(await rankNamed(tx, known), (one) => one.customerId);
  // A restricted member's data is kept and not used: what they have stays theirs, what is new waits unclaimed until the
  // restriction is lifted.
  const isOpenTo = (order: StoredOrder, memberId: MemberId) =>
    !restricted.has(memberId) || restricted.get(memberId) === left.get(order);
  for (const order of open) {
    const { cardCode = null, customerId, processedAt } = order.state.latest ?? {};
    if (cardCode !== null && processedAt !== undefined)
      order.memberId = await findCardHolder(tx, { code: cardCode, scannedAt: new Date(processedAt) });
    const named = bestAt(new Date(processedAt ?? 0), ranked.get(customerId ?? ''));
    if (named !== undefined && isOpenTo(order, named)) order.memberId ??= named;
  }
}

/**
 * Of those ranked, whose a sale of an instant is: who came with a merge was somebody else when an older one was made. One made
 * before anybody came is of who came first.
 */
function bestAt(soldAt: Date, ranked: Ranked[] = []): MemberId | undefined {
  const firstCome = () => ranked.toSorted((one, two) => Number(one.since) - Number(two.since))[0];
  const best = ranked.find(({ since }) => since === null || since <= soldAt) ?? firstCome();
  return best?.member.memberId;
}

/** Those of these members who are restricted by now, with whom they were folded into or themselves. */
async function findRestricted(tx: Tx, named: Named[]): Promise<Map<MemberId, MemberId>> {
  const restricted = new Map<MemberId, MemberId>();
  for (const { member } of named) {
    const [keeper = member] = member.foldedInto === null ? [member] : await resolveFolded(tx, [member]);
    if (keeper.restrictedAt !== null) restricted.set(member.memberId, keeper.memberId);
  }
  return restricted;
}

/** A member, the customer whose orders may be theirs, and the name they bear: that customer's or one it was merged into. */
export type Named = { customerId: string; name: string; member: Member };

/**
 * The members of these customers, those that were folded as they are: who is known as them, or was until the customer was
 * merged away. Where nobody was, who was known as the first of those it was merged into as whom anybody was.
 */
export async function findNamedMembers(tx: Tx, customerIds: string[]): Promise<Named[]> {
  const named = (await findCustomers(tx, customerIds)).flatMap((member): Named[] => {
    const { shopifyCustomerId: name } = member;
    return name === null ? [] : [{ customerId: name, name, member }];
  });
  const present = new Set(named.flatMap(({ customerId, member }) => (member.foldedInto === null ? customerId : [])));
  const gone = await readMerged(tx, customerIds.filter((id) => !present.has(id))); // prettier-ignore
  if (gone.size === 0) return named;
  const others = named.filter(({ customerId }) => !gone.has(customerId));
  for (const customerId of gone.keys()) others.push(...(await findOnTheWay(tx, customerId)));
  return others;
}

async function findOnTheWay(tx: Tx, customerId: string): Promise<Named[]> {
  const merges = await readMergeSteps(tx, customerId);
  const names = [customerId, ...merges.map(({ intoId }) => intoId)];
  for (const [index, name] of names.entries()) {
    const went = await readMembers(tx, merges[index]?.memberIds ?? []);
    const members = [...(await findCustomers(tx, [name])), ...went.filter(({ state }) => state !== 'erased')];
    if (members.length > 0) return members.map((member) => ({ customerId, name, member }));
  }
  return [];
}

/** A member of a customer, and since when where they came with one who was merged into that customer. */
type Ranked = Named & { since: Date | null };

/**
 * The members each customer's orders may belong to, the best first. One who joined several programs earns in the oldest of
 * them that is live; to earn in another, they show its card at the till.
 */
async function rankNamed(tx: Tx, named: Named[]): Promise<Ranked[]> {
  const isPlain = new Set(named.map(({ customerId }) => customerId)).size === named.length;
  if (isPlain) return named.map((one) => ({ ...one, since: null }));
  const ranks = await rankPrograms(tx);
  const rankOf = ({ member: { programId } }: Named) => ranks.get(programId) ?? Number.POSITIVE_INFINITY;
  const merges = await readMergesOf(tx, named.map(({ member }) => member.memberId)); // prettier-ignore
  const sinceOf = ({ name, member }: Named) =>
    merges.find(({ intoId, memberIds }) => intoId === name && memberIds.includes(member.memberId))?.mergedAt ?? null;
  const bestFirst = named.toReversed().toSorted((one, two) => rankOf(one) - rankOf(two) || 0);
  return bestFirst.map((one) => ({ ...one, since: sinceOf(one) }));
}

async function rankPrograms(tx: Tx): Promise<Map<string, number>> {
  const programs = await listPrograms(tx);
  const live = programs.filter((program) => program.state === 'live');
  return new Map(live.map((program, index) => [program.programId, index]));
}

/** Whose card it was at the time of the sale. By a card that was frozen or replaced before, nobody collects. */
async function findCardHolder(tx: Tx, scan: { code: string; scannedAt: Date }): Promise<MemberId | null> {
  const card = await findScannedCard(tx, scan);
  return card.kind === 'good' ? card.holder.memberId : null;
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
