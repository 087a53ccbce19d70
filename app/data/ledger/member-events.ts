/** What happened to members apart from orders, as stored: each counts by the rules in force then. */
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberEvent, OrderFacts } from '#app/domain/earning/facts.ts';
import type { MemberId, RuleVersionId } from '#app/lib/ids.ts';

export type StoredEvent = {
  event: MemberEvent;
  memberId: MemberId;
  /** Whose it was when it happened: differs from the member once that one was folded into another. */
  accountId: MemberId;
  eventKey: string;
  inputsHash: Buffer;
  /** Null before the program's first version: it counts for nothing. */
  ruleVersionId: RuleVersionId | null;
  facts: OrderFacts;
  booked: Record<string, number>;
  settlements: number;
  /** Who told of it. */
  actor: string;
};

type EventRow = {
  id: string;
  member_id: MemberId;
  account_id: MemberId;
  kind: MemberEvent['kind'];
  name: string | null;
  event_key: string;
  inputs_hash: Buffer;
  occurred_at: Date;
  rule_version_id: RuleVersionId | null;
  facts: OrderFacts;
  booked: Record<string, number>;
  settlements: number;
  is_revoked: boolean;
  actor: string;
};

const columns = `id, member_id, account_id, kind, name, event_key, inputs_hash, occurred_at, rule_version_id, facts, booked,
  settlements, is_revoked, actor`;

function toEvent(row: EventRow): StoredEvent {
  return {
    event: {
      eventId: row.id,
      kind: row.kind,
      name: row.name,
      occurredAt: row.occurred_at,
      isRevoked: row.is_revoked,
    },
    memberId: row.member_id,
    accountId: row.account_id,
    eventKey: row.event_key,
    inputsHash: row.inputs_hash,
    ruleVersionId: row.rule_version_id,
    facts: row.facts,
    booked: row.booked,
    settlements: row.settlements,
    actor: row.actor,
  };
}

/** Adds an event. False when the member has one under this key. */
export async function insertEvent(tx: Tx, stored: StoredEvent, at: Date): Promise<boolean> {
  const { event } = stored;
  const rows = await tx.query(
    `insert into member_event (shop_id, id, member_id, account_id, kind, name, event_key, inputs_hash, occurred_at,
       rule_version_id, facts, actor, recorded_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     on conflict (shop_id, account_id, event_key) do nothing returning id`,
    [
      tx.shopId,
      event.eventId,
      stored.memberId,
      stored.accountId,
      event.kind,
      event.name,
      stored.eventKey,
      stored.inputsHash,
      event.occurredAt,
      stored.ruleVersionId,
      JSON.stringify(stored.facts),
      stored.actor,
      at,
    ],
  );
  return rows.length === 1;
}

/** The member's event under a key, or null; of one account, or (null) whoever they were then. */
export async function findEventByKey(
  tx: Tx,
  { memberId, accountId }: { memberId: MemberId; accountId: MemberId | null },
  eventKey: string,
): Promise<StoredEvent | null> {
  const [row] = await tx.query<EventRow>(
    `select ${columns} from member_event where shop_id = $1 and member_id = $2 and event_key = $3 and account_id = coalesce($4, account_id)
     order by recorded_at, id limit 1`,
    [tx.shopId, memberId, eventKey, accountId],
  );
  return row === undefined ? null : toEvent(row);
}

/** The member's newest event of a kind, or null. */
export async function findNewestEvent(
  tx: Tx,
  memberId: MemberId,
  kind: MemberEvent['kind'],
): Promise<StoredEvent | null> {
  const [row] = await tx.query<EventRow>(
    `select ${columns} from member_event where shop_id = $1 and member_id = $2 and kind = $3
     order by occurred_at desc, id desc limit 1`,
    [tx.shopId, memberId, kind],
  );
  return row === undefined ? null : toEvent(row);
}

/** All events of these members, by time. */
export async function readEventsOf(tx: Tx, memberIds: MemberId[]): Promise<StoredEvent[]> {
  const rows = await tx.query<EventRow>(
    `select ${columns} from member_event where shop_id = $1 and member_id = any($2) order by occurred_at, id`,
    [tx.shopId, memberIds],
  );
  return rows.map(toEvent);
}

/** Takes an event back: it is as if it had never happened. Settle the member afterwards. Safe to repeat. */
export async function revokeEvent(tx: Tx, eventId: string): Promise<void> {
  await tx.query('update member_event set is_revoked = true where shop_id = $1 and id = $2', [tx.shopId, eventId]);
}

/** Stores what is booked for events by now. */
export async function writeBookedEvents(tx: Tx, events: StoredEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    `update member_event set booked = e.booked, settlements = e.settlements
     from unnest($2::uuid[], $3::jsonb[], $4::int[]) as e(id, booked, settlements)
     where member_event.shop_id = $1 and member_event.id = e.id`,
    [
      tx.shopId,
      events.map(({ event }) => event.eventId),
      events.map(({ booked }) => JSON.stringify(booked)),
      events.map(({ settlements }) => settlements),
    ],
  );
}

/** Replaces what others called these members' events, and what was looked up about the person. Safe to repeat. */
export async function anonymizeEvents(tx: Tx, memberIds: MemberId[]): Promise<void> {
  await tx.query(
    `update member_event set event_key = id::text, facts = jsonb_set(facts, '{memberTags}', '[]', false)
     where shop_id = $1 and (member_id = any($2) or account_id = any($2))`,
    [tx.shopId, memberIds],
  );
}
