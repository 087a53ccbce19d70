/**
 * Settlement: bringing what is booked for orders to what they should have earned by now.
 *
 * A batch is worked out in memory and written with a handful of statements. `delta = target − booked` is posted when it
 * is not 0, so any order of deliveries, any repetition and any number of settlers end the same.
 */
import { findMembersByCustomers, findMemberByCard, type Member, readMembers } from '#app/data/members/members.ts';
import {
  allocateEntryIds,
  balanceKey,
  type LedgerEntry,
  lockBalances,
  type LotUpdate,
  type NewLot,
  readLots,
  type StoredLot,
  writeLedger,
} from '#app/data/ledger/ledger.ts';
import { lockOrders, type StoredOrder, writeOrders } from '#app/data/orders/orders.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { listRuleVersions, type RuleVersion } from '#app/data/programs/programs.ts';
import { findShopKeys, readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { forgetErasedCustomers } from '#app/data/privacy/erased-customers.ts';
import { cardCodeTag, parseCardCode } from '#app/domain/cards/card-code.ts';
import { settle, type Settlement } from '#app/domain/earning/earning.ts';
import { expiryOf } from '#app/domain/ledger/expiry.ts';
import { planPosting, type PostingPlan } from '#app/domain/ledger/lots.ts';
import { mergeNews } from '#app/domain/orders/order-merge.ts';
import type { OrderNews } from '#app/domain/orders/order.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { equalBytes, sign, type ShopKeys } from '#app/lib/sealed-box.ts';

/** Something that bears on an order: news of it, or a member it is now known to belong to. */
export type OrderChange = { orderId: string; news: OrderNews | null; memberId: MemberId | null };

/** One unit's difference of one order. */
type Delta = {
  order: StoredOrder;
  member: Member;
  version: RuleVersion;
  unit: string;
  delta: number;
  settlement: Settlement;
  ordinal: number;
};

/** What a batch reads and changes while it is worked out. */
type Working = {
  balances: Map<string, number>;
  lots: StoredLot[];
  entries: LedgerEntry[];
  newLots: NewLot[];
  touchedLots: Map<string, StoredLot>;
  timeZone: string;
  bookedAt: Date;
};

/** The purpose under which card codes are signed. */
export const cardCodePurpose = 'card-code';

/**
 * Settles orders in this transaction: merges what is new, finds each order's member and rules, posts the differences and
 * marks the cards stale. Repeating it posts nothing. Answers the members whose balances changed.
 */
export async function settleOrders(tx: Tx, changes: OrderChange[], at: Date): Promise<MemberId[]> {
  if (changes.length === 0) return [];
  const orders = await lockOrders(
    tx,
    changes.map((change) => change.orderId),
  );
  const before = new Map(
    [...orders].map(([orderId, order]) => [orderId, order.isKnown ? JSON.stringify(order) : null]),
  );
  for (const { orderId, news, memberId } of changes) {
    const order = orders.get(orderId);
    if (order === undefined) continue;
    if (news !== null) order.state = mergeNews(order.state, news);
    order.memberId ??= memberId;
  }
  const stored = [...orders.values()];
  await forgetErasedCustomers(tx, stored);
  const members = await findMembers(tx, stored);
  const memberIds = [...members.keys()] as MemberId[];
  const balances = await lockBalances(tx, memberIds);
  const active = new Map((await readMembers(tx, memberIds)).map((member) => [member.memberId, member]));
  const deltas = await planDeltas(tx, stored, active);
  const working: Working = {
    balances: new Map([...balances].map(([key, balance]) => [key, balance.amount])),
    lots: deltas.some((delta) => delta.delta < 0)
      ? await readLots(tx, [...new Set(deltas.map((d) => d.member.memberId))])
      : [],
    entries: [],
    newLots: [],
    touchedLots: new Map(),
    timeZone: deltas.length > 0 ? (await readShop(tx)).timeZone : 'UTC',
    bookedAt: at,
  };
  const entryIds = deltas.length > 0 ? await allocateEntryIds(tx, entriesOf(deltas)) : [];
  for (const delta of deltas) post(working, delta, entryIds);
  await writeLedger(tx, {
    entries: working.entries,
    newLots: working.newLots,
    lotUpdates: [...working.touchedLots.values()].map((lot): LotUpdate => ({
      lotId: lot.lotId,
      remaining: lot.remaining,
      expired: lot.expired,
    })),
    bookedAt: at,
  });
  await writeOrders(
    tx,
    stored.filter((order) => !order.isKnown || before.get(order.state.orderId) !== JSON.stringify(order)),
  );
  const changed = [...new Set(working.entries.map((entry) => entry.memberId))];
  await touchPasses(tx, changed);
  return changed;
}

/** The most entries these differences can become: what is taken back may bring a write-off and an expiry that gives way. */
function entriesOf(deltas: Delta[]): number {
  return deltas.reduce((count, delta) => count + (delta.delta > 0 ? 1 : 3), 0);
}

/** Gives every order its member: the one it has, the card scanned at the till, or the Shopify customer's. */
async function findMembers(tx: Tx, orders: StoredOrder[]): Promise<Map<MemberId, true>> {
  const open = orders.filter((order) => order.memberId === null);
  const customerIds = [...new Set(open.flatMap((order) => order.state.latest?.customerId ?? []))];
  const customers = customerIds.length > 0 ? await findMembersByCustomers(tx, customerIds) : [];
  const byCustomer = new Map(customers.map((member) => [member.shopifyCustomerId, member.memberId]));
  for (const order of open) {
    const { cardCode, customerId } = order.state.latest ?? { cardCode: null, customerId: null };
    if (cardCode !== null) order.memberId = await findCardHolder(tx, cardCode);
    if (customerId !== null) order.memberId ??= byCustomer.get(customerId) ?? null;
  }
  return new Map(orders.flatMap((order) => (order.memberId === null ? [] : [[order.memberId, true]])));
}

async function findCardHolder(tx: Tx, cardCode: string): Promise<MemberId | null> {
  const keys = await findShopKeys(tx);
  const cardId = keys === null ? null : verifiedCardId(keys, cardCode);
  return cardId === null ? null : ((await findMemberByCard(tx, cardId))?.memberId ?? null);
}

/** The card id of a scanned code that this shop signed, or null. */
export function verifiedCardId(keys: ShopKeys, text: string): string | null {
  const code = parseCardCode(text);
  if (code === null) return null;
  const expected = cardCodeTag(sign(keys, cardCodePurpose, code.identity));
  return equalBytes(Buffer.from(expected), Buffer.from(code.tag)) ? code.cardId : null;
}

/** Works out each order's differences and pins its rule version. Erased members and orders before the program earn nothing. */
async function planDeltas(tx: Tx, orders: StoredOrder[], members: Map<MemberId, Member>): Promise<Delta[]> {
  const isAnyMine = orders.some((order) => order.memberId !== null);
  const versions = isAnyMine ? await listRuleVersions(tx) : [];
  return orders.flatMap((order) => {
    const member = order.memberId === null ? undefined : members.get(order.memberId);
    const version = member === undefined ? undefined : versionFor(order, member, versions);
    return member === undefined || version === undefined ? [] : deltasOf(order, member, version);
  });
}

function deltasOf(order: StoredOrder, member: Member, version: RuleVersion): Delta[] {
  if (order.state.latest !== null) order.ruleVersionId = version.versionId;
  // An erased member's account is closed: what was booked stays as it was.
  if (member.state === 'erased') return [];
  const settlement = settle({ order: order.state, document: version.document });
  const targets = new Map(settlement.targets.map((target) => [target.unit, target.amount]));
  const ordinal = order.settlements + 1;
  const deltas: Delta[] = [];
  for (const unit of new Set([...targets.keys(), ...Object.keys(order.booked)])) {
    const delta = (targets.get(unit) ?? 0) - (order.booked[unit] ?? 0);
    if (delta !== 0) deltas.push({ order, member, version, unit, delta, settlement, ordinal });
  }
  if (deltas.length > 0) order.settlements = ordinal;
  return deltas;
}

function versionFor(order: StoredOrder, member: Member, versions: RuleVersion[]): RuleVersion | undefined {
  if (order.ruleVersionId !== null) return versions.find((version) => version.versionId === order.ruleVersionId);
  const processedAt = order.state.latest?.processedAt;
  if (processedAt === undefined) return undefined;
  const madeAt = new Date(processedAt);
  // Newest first: the first one that had begun was in force.
  return versions.find((version) => version.programId === member.programId && version.effectiveFrom <= madeAt);
}

/** Plans one difference against the working balances and lots, and notes what is to be written. */
function post(working: Working, delta: Delta, entryIds: string[]): void {
  const { member, unit } = delta;
  const key = balanceKey(member.memberId, unit);
  const balance = working.balances.get(key) ?? 0;
  const lots = working.lots.filter((lot) => lot.memberId === member.memberId && lot.unit === unit);
  const own = lots.filter((lot) => lot.orderId === delta.order.state.orderId);
  const plan = planPosting({
    delta: delta.delta,
    balance,
    ownLots: own,
    ownExpired: own.reduce((sum, lot) => sum + lot.expired, 0),
    otherLots: lots.filter((lot) => lot.orderId !== delta.order.state.orderId),
    debtPolicy: delta.version.document.settings.debtPolicy,
  });
  working.balances.set(key, balance + plan.booked);
  delta.order.booked[unit] = (delta.order.booked[unit] ?? 0) + delta.delta;
  for (const change of plan.lotChanges) updateLot(working, change.lotId, { remaining: change.remaining });
  giveWay(working, own, plan.expiryGivenWay);
  noteEntries(working, delta, plan, entryIds);
}

function updateLot(working: Working, lotId: string, figures: { remaining?: number; expired?: number }): void {
  const lot = working.lots.find((candidate) => candidate.lotId === lotId);
  if (lot === undefined) return;
  Object.assign(lot, figures);
  working.touchedLots.set(lotId, lot);
}

function giveWay(working: Working, own: StoredLot[], amount: number): void {
  let left = amount;
  for (const lot of own) {
    const given = Math.min(left, lot.expired);
    if (given > 0) updateLot(working, lot.lotId, { expired: lot.expired - given });
    left -= given;
  }
}

function noteEntries(working: Working, delta: Delta, plan: PostingPlan, entryIds: string[]): void {
  const { order, member, version, unit, settlement } = delta;
  const { orderId, latest } = order.state;
  const occurredAt = new Date((delta.delta > 0 ? latest?.processedAt : latest?.updatedAt) ?? working.bookedAt);
  const entryId = takeId(entryIds);
  const isAccrual = delta.delta > 0;
  const entry: LedgerEntry = {
    entryId,
    memberId: member.memberId,
    unit,
    kind: isAccrual ? 'accrual' : 'reversal',
    amount: delta.delta,
    source: 'order',
    sourceKey: `order:${orderId}:${unit}:${delta.ordinal}`,
    orderId,
    ruleVersionId: version.versionId,
    inputsHash: fingerprint({ state: order.state, version: version.versionId }),
    lotId: isAccrual ? entryId : null,
    reverses: null,
    explanation: {
      because: settlement.because,
      parts: settlement.targets.find((target) => target.unit === unit)?.explanation.slice(0, explanationPartsMax) ?? [],
    },
    actor: 'system',
    reason: null,
    occurredAt,
  };
  working.entries.push(entry);
  if (plan.lotRemaining !== null) {
    const expiresAt = expiryOf(version.document.settings.expiry, occurredAt, working.timeZone);
    working.newLots.push({
      lotId: entryId,
      memberId: member.memberId,
      unit,
      orderId,
      amount: delta.delta,
      remaining: plan.lotRemaining,
      availableAt: occurredAt,
      expiresAt,
    });
    // Later orders of the batch may take from it.
    working.lots.push({
      lotId: entryId, memberId: member.memberId, unit, orderId, remaining: plan.lotRemaining, expired: 0,
      accruedAt: occurredAt, expiresAt,
    }); // prettier-ignore
  }
  const counter = (kind: 'adjustment' | 'expiration', amount: number, reason: string): void => {
    if (amount === 0) return;
    working.entries.push({
      ...entry,
      entryId: takeId(entryIds),
      kind,
      amount,
      sourceKey: `${entry.sourceKey}:${reason}`,
      lotId: null,
      reverses: entryId,
      explanation: null,
      reason,
    });
  };
  counter('adjustment', plan.writtenOff, 'written-off');
  counter('expiration', plan.expiryGivenWay, 'expired-before');
}

/** Explanations of huge orders keep their first parts; the target itself counts all lines. */
const explanationPartsMax = 100;

function takeId(entryIds: string[]): string {
  const id = entryIds.shift();
  if (id === undefined) throw new Error('Broken invariant: not enough entry ids were allocated');
  return id;
}
