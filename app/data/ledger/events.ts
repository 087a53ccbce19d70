/** Events of members: recorded once, counted by the rules in force when they happened, and taken back when revoked. */
import { lockHistory, readRules, type Rules, versionInForce } from '#app/data/ledger/rules-in-force.ts';
import {
  findEventByKey,
  insertEvent,
  readEventsOf,
  revokeEvent as markRevoked,
  type StoredEvent,
} from '#app/data/ledger/member-events.ts';
import { lockBalances } from '#app/data/ledger/ledger.ts';
import { settleTogether } from '#app/data/ledger/settle-together.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { listFolded, type Member } from '#app/data/members/members.ts';
import { readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type MemberEvent, type OrderFacts, plainFacts } from '#app/domain/earning/facts.ts';
import { eventFactsNeeded } from '#app/domain/orders/facts-needed.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import { type MemberId, newId } from '#app/lib/ids.ts';

export type NewEvent = {
  member: Member;
  /** As whom it was told, where that one was folded into `member`. */
  toldAs?: string;
  kind: MemberEvent['kind'];
  /** Only for custom events. */
  name: string | null;
  /** Unique for the member: the same event told again is the same event. */
  eventKey: string;
  occurredAt: Date;
  actor: string;
};

/** The key of an event that somebody told us of: theirs never meet our own. */
export const toldKey = (eventKey: string): string => `told:${eventKey}`;

export type RecordedEvent = {
  /** 'differs': the key was used for another event. */
  kind: 'recorded' | 'repeated' | 'differs';
  eventId: string;
};

/**
 * Records an event of a member and pins its rules and facts; `settleEvents` books what it is worth. The same again changes
 * nothing. Hold the shop's history.
 */
export async function recordEvent(tx: Tx, recorded: NewEvent, at: Date): Promise<RecordedEvent> {
  const { member, kind, name, eventKey, occurredAt, actor } = recorded;
  const inputsHash = fingerprint({ kind, name });
  const { accountId, isShared } = await accountAt(tx, recorded);
  const find = () =>
    findEventByKey(tx, { memberId: member.memberId, accountId: isShared ? null : accountId }, eventKey);
  const earlier = await find();
  if (earlier !== null) return repeated(earlier, inputsHash);
  const rules = await readRules(tx);
  const version = versionInForce(rules, member.programId, occurredAt);
  const event: MemberEvent = { eventId: newId(), kind, name, occurredAt, isRevoked: false };
  const stored: StoredEvent = {
    event,
    memberId: member.memberId,
    accountId,
    eventKey,
    inputsHash,
    ruleVersionId: version?.versionId ?? null,
    facts: await lookUpFacts(tx, member, version === null ? null : eventFactsNeeded(version.document)),
    booked: {},
    settlements: 0,
    actor,
  };
  if (await insertEvent(tx, stored, at)) return { kind: 'recorded', eventId: event.eventId };
  // Told twice at once: the other one was first.
  const other = await find();
  return other === null ? { kind: 'differs', eventId: event.eventId } : repeated(other, inputsHash);
}

/**
 * Whose event it was when it happened: of a member who was folded only later it was theirs. `isShared`: everybody who is the
 * member now was so then, and a key is looked for among all their events.
 */
async function accountAt(
  tx: Tx,
  { member, toldAs, occurredAt }: NewEvent,
): Promise<{ accountId: MemberId; isShared: boolean }> {
  const folded = await listFolded(tx, [member.memberId]);
  const wasApart = ({ foldedAt }: Member) => foldedAt === null || occurredAt < foldedAt;
  let account = folded.find(({ memberId }) => memberId === toldAs) ?? member;
  while (account !== member && !wasApart(account)) {
    const into = account.foldedInto;
    account = folded.find(({ memberId }) => memberId === into) ?? member;
  }
  return { accountId: account.memberId, isShared: !folded.some(wasApart) };
}

function repeated(earlier: StoredEvent, inputsHash: Buffer): RecordedEvent {
  return { kind: earlier.inputsHash.equals(inputsHash) ? 'repeated' : 'differs', eventId: earlier.event.eventId };
}

async function lookUpFacts(
  tx: Tx,
  member: Member,
  needs: ReturnType<typeof eventFactsNeeded> | null,
): Promise<OrderFacts> {
  const { timeZone } = await readShop(tx);
  return { ...plainFacts(timeZone), memberTags: needs?.memberTags === true ? (member.tags ?? []) : [] };
}

/**
 * Books what these events of a member are worth by now, and what they change about the member's other events and orders.
 * Repeating it posts nothing. Answers whether anything was posted.
 */
export async function settleEvents(
  tx: Tx,
  settled: { memberId: MemberId; eventIds: string[]; at: Date },
): Promise<boolean> {
  const rules: Rules = await lockHistory(tx);
  const { memberId, eventIds, at } = settled;
  // Two who settle the same event take turns, and the second sees what the first booked.
  await lockBalances(tx, [memberId]);
  const events = (await readEventsOf(tx, [memberId])).filter(({ event }) => eventIds.includes(event.eventId));
  const changed = await settleTogether(tx, {
    rules,
    orders: [],
    before: new Map(),
    left: new Map(),
    recounted: [],
    events,
    beside: [],
    at,
  });
  await touchPasses(tx, changed);
  return changed.length > 0;
}

/** Takes an event back, and what it brought. Safe to repeat. */
export async function revokeEvent(tx: Tx, revoked: { memberId: MemberId; eventId: string; at: Date }): Promise<void> {
  await lockHistory(tx);
  await markRevoked(tx, revoked.eventId);
  await settleEvents(tx, { memberId: revoked.memberId, eventIds: [revoked.eventId], at: revoked.at });
}
