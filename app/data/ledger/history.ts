/** Everything a member did, read for rules that look at more than the order at hand. */
import { readEventsOf, type StoredEvent } from '#app/data/ledger/member-events.ts';
import { readRules, type Rules } from '#app/data/ledger/rules-in-force.ts';
import { listFolded } from '#app/data/members/members.ts';
import { readPinnedFacts } from '#app/data/orders/order-facts.ts';
import { readOrdersOf } from '#app/data/orders/member-orders.ts';
import type { StoredOrder } from '#app/data/orders/orders.ts';
import { readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type AccountItem, type Fold, joinAccounts } from '#app/domain/earning/accounts.ts';
import type { HistoryEvent, HistoryOrder, MemberHistory } from '#app/domain/earning/history.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** The history of one member as it is known now; orders that wait for facts or have no rules are left out. */
export async function readHistory(tx: Tx, memberId: MemberId): Promise<MemberHistory> {
  return (await readHistories(tx, [memberId])).get(memberId) ?? { orders: [], events: [] };
}

/** The histories of these members; see `readHistory`. */
export async function readHistories(tx: Tx, memberIds: MemberId[]): Promise<Map<MemberId, MemberHistory>> {
  const rules = await readRules(tx);
  const { timeZone } = await readShop(tx);
  const done = [...(await readOrdersOf(tx, memberIds)), ...(await readEventsOf(tx, memberIds))];
  const folds = await readFolds(tx, done);
  const byMember = Map.groupBy(done, (subject) => subject.memberId);
  const historyFor = (memberId: MemberId) =>
    joinAccounts(
      (byMember.get(memberId) ?? []).flatMap((subject) => accountItem(subject, rules, timeZone) ?? []),
      folds,
    );
  return new Map(memberIds.map((memberId) => [memberId, historyFor(memberId)]));
}

/** The folds that bear on these orders and events; nothing is read where each was made by the member who has it. */
export async function readFolds(tx: Tx, subjects: (StoredOrder | StoredEvent)[]): Promise<Fold[]> {
  const moved = subjects.filter(({ accountId, memberId }) => accountId !== null && accountId !== memberId);
  const memberIds = [...new Set(moved.flatMap(({ memberId }) => memberId ?? []))];
  if (memberIds.length === 0) return [];
  return (await listFolded(tx, memberIds)).flatMap(({ memberId, foldedInto, foldedAt }) =>
    foldedInto === null || foldedAt === null ? [] : [{ accountId: memberId, intoId: foldedInto, at: foldedAt }],
  );
}

/** An order or event as part of its member's history, by the account it was made under; see `historyOrder`. */
export function accountItem(subject: StoredOrder | StoredEvent, rules: Rules, timeZone: string): AccountItem | null {
  const accountId = subject.accountId ?? subject.memberId;
  const item = 'event' in subject ? historyEvent(subject, rules) : historyOrder(subject, rules, timeZone);
  if (accountId === null || item === null) return null;
  return { accountId, at: 'event' in subject ? subject.event.occurredAt : saleTimeOf(subject), item };
}

function saleTimeOf({ state }: StoredOrder): Date {
  return new Date(state.latest?.processedAt ?? 0);
}

/** An order as part of a history, or null while nothing is settled of it. */
function historyOrder(order: StoredOrder, rules: Rules, timeZone: string): HistoryOrder | null {
  const version = order.ruleVersionId === null ? undefined : rules.byId.get(order.ruleVersionId);
  if (version === undefined || order.needsFetch) return null;
  return { state: order.state, document: version.document, facts: readPinnedFacts(order, timeZone) };
}

/** An event as part of a history, or null when no rules were in force. */
function historyEvent({ event, ruleVersionId, facts }: StoredEvent, rules: Rules): HistoryEvent | null {
  const version = ruleVersionId === null ? undefined : rules.byId.get(ruleVersionId);
  return version === undefined ? null : { event, document: version.document, facts };
}
