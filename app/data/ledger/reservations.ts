/** Reservations, read: what a member spends, held for one sale, then committed or released. */
import type { Tx } from '#app/data/tenancy.ts';
import type { Benefit } from '#app/domain/programs/rewards.ts';
import type { MemberId, ProgramId, ReservationId, RuleVersionId } from '#app/lib/ids.ts';

/** Of a benefit of money: 'due' is paid for and not known to have arrived. All others stay 'none'. */
export type BenefitState = 'none' | 'due' | 'given' | 'refused' | 'withdrawing' | 'withdrawn';

export type Reservation = {
  reservationId: ReservationId;
  memberId: MemberId;
  programId: ProgramId;
  /** The terms it was made under; null for those older than this column. */
  ruleVersionId: RuleVersionId | null;
  rewardId: string;
  unit: string;
  /** 0 for what is given for reaching something. */
  cost: number;
  state: 'reserved' | 'committed' | 'released';
  channel: string;
  /** As the caller says: where, for which cart or till transaction, and who served. */
  locationId: string | null;
  cart: string | null;
  staff: string | null;
  idempotencyKey: string;
  inputsHash: Buffer;
  /** What was promised; null for those older than this column. */
  benefit: Benefit | null;
  benefitState: BenefitState;
  /** When it was last tried, by the clock of the machine. */
  benefitTriedAt: Date | null;
  /** Shopify's id of the store credit transaction or gift card, and of the one that took it back. */
  benefitReference: string | null;
  withdrawalReference: string | null;
  benefitProblem: string | null;
  /** When a gift card's code was shown; it is shown once. */
  codeShownAt: Date | null;
  discountCode: string | null;
  discountId: string | null;
  /** The sale that carries it. */
  orderId: string | null;
  /** The redemption; null when it cost nothing. */
  entryId: string | null;
  /** Of the cost, what came back so far. */
  givenBack: number;
  createdAt: Date;
  expiresAt: Date;
  /** Set once, when it is spent; stays when it is taken back. */
  committedAt: Date | null;
};

type ReservationRow = {
  id: ReservationId;
  member_id: MemberId;
  program_id: ProgramId;
  rule_version_id: RuleVersionId | null;
  reward_id: string;
  unit: string;
  cost: number;
  state: Reservation['state'];
  channel: string;
  location_id: string | null;
  cart: string | null;
  staff: string | null;
  idempotency_key: string;
  inputs_hash: Buffer;
  benefit: Benefit | null;
  benefit_state: BenefitState;
  benefit_tried_at: Date | null;
  benefit_reference: string | null;
  withdrawal_reference: string | null;
  benefit_problem: string | null;
  code_shown_at: Date | null;
  discount_code: string | null;
  discount_id: string | null;
  order_id: string | null;
  entry_id: string | null;
  given_back: number;
  created_at: Date;
  expires_at: Date;
  committed_at: Date | null;
};

const columns = `id, member_id, program_id, rule_version_id, reward_id, unit, cost, state, channel, location_id, cart, staff,
  idempotency_key, inputs_hash, benefit, benefit_state, benefit_tried_at, benefit_reference, withdrawal_reference,
  benefit_problem, code_shown_at, discount_code, discount_id, order_id, entry_id::text, given_back, created_at, expires_at,
  committed_at`;

function toReservation(row: ReservationRow): Reservation {
  return {
    reservationId: row.id,
    memberId: row.member_id,
    programId: row.program_id,
    ruleVersionId: row.rule_version_id,
    rewardId: row.reward_id,
    unit: row.unit,
    cost: row.cost,
    state: row.state,
    channel: row.channel,
    locationId: row.location_id,
    cart: row.cart,
    staff: row.staff,
    idempotencyKey: row.idempotency_key,
    inputsHash: row.inputs_hash,
    benefit: row.benefit,
    benefitState: row.benefit_state,
    benefitTriedAt: row.benefit_tried_at,
    benefitReference: row.benefit_reference,
    withdrawalReference: row.withdrawal_reference,
    benefitProblem: row.benefit_problem,
    codeShownAt: row.code_shown_at,
    discountCode: row.discount_code,
    discountId: row.discount_id,
    orderId: row.order_id,
    entryId: row.entry_id,
    givenBack: row.given_back,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    committedAt: row.committed_at,
  };
}

/** The reservation made under an idempotency key, or null. */
export async function findReservationByKey(tx: Tx, idempotencyKey: string): Promise<Reservation | null> {
  const [row] = await tx.query<ReservationRow>(
    `select ${columns} from reservation where shop_id = $1 and idempotency_key = $2`,
    [tx.shopId, idempotencyKey],
  );
  return row === undefined ? null : toReservation(row);
}

/** One reservation, unlocked, or null: tells whose balances to lock before it is read again. */
export async function findReservation(tx: Tx, reservationId: string): Promise<Reservation | null> {
  const [row] = await tx.query<ReservationRow>(`select ${columns} from reservation where shop_id = $1 and id = $2`, [
    tx.shopId,
    reservationId,
  ]);
  return row === undefined ? null : toReservation(row);
}

/** Several reservations as they are by now, in member and id order. */
export async function readReservations(tx: Tx, reservationIds: string[]): Promise<Reservation[]> {
  const rows = await tx.query<ReservationRow>(
    `select ${columns} from reservation where shop_id = $1 and id = any($2) order by member_id, id`,
    [tx.shopId, reservationIds],
  );
  return rows.map(toReservation);
}

/** Open reservations that are over at an instant, of one member or all, the oldest first; at most 1,000. */
export async function findExpiredReservations(
  tx: Tx,
  over: { at: Date; memberId: MemberId | null },
): Promise<Reservation[]> {
  const rows = await tx.query<ReservationRow>(
    `select ${columns} from reservation
     where shop_id = $1 and state = 'reserved' and expires_at <= $2 and ($3::uuid is null or member_id = $3)
     order by expires_at, id limit 1000`,
    [tx.shopId, over.at, over.memberId],
  );
  return rows.map(toReservation);
}

/**
 * Reservations with these discount codes of which no order is known; at most 1,000. Released ones too: a code that an order
 * carries was used before it could be switched off, or its order was told late.
 */
export async function findReservationsByCode(tx: Tx, discountCodes: string[]): Promise<Reservation[]> {
  const rows = await tx.query<ReservationRow>(
    `select ${columns} from reservation
     where shop_id = $1 and discount_code = any($2)
       and (state in ('reserved', 'released') and committed_at is null or state = 'committed' and order_id is null)
     order by member_id, id limit 1000`,
    [tx.shopId, discountCodes],
  );
  return rows.map(toReservation);
}

/** Spent reservations that these orders carry and of which something can still come back, in member and id order. */
export async function findCarriedReservations(tx: Tx, orderIds: string[]): Promise<Reservation[]> {
  const rows = await tx.query<ReservationRow>(
    `select ${columns} from reservation where shop_id = $1 and order_id = any($2) and state = 'committed'
     order by member_id, id limit 1000`,
    [tx.shopId, orderIds],
  );
  return rows.map(toReservation);
}

/** The member's newest reservation since an instant that was not released, or null. */
export async function findNewestReservation(tx: Tx, memberId: MemberId, since: Date): Promise<Reservation | null> {
  const [row] = await tx.query<ReservationRow>(
    `select ${columns} from reservation where shop_id = $1 and member_id = $2 and created_at >= $3 and state <> 'released'
     order by created_at desc, id desc limit 1`,
    [tx.shopId, memberId, since],
  );
  return row === undefined ? null : toReservation(row);
}
