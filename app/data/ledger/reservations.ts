/** Reservations: what a member spends, held for one sale, then committed or released. */
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId, ProgramId, ReservationId } from '#app/lib/ids.ts';

export type Reservation = {
  reservationId: ReservationId;
  memberId: MemberId;
  programId: ProgramId;
  rewardId: string;
  unit: string;
  cost: number;
  state: 'reserved' | 'committed' | 'released';
  channel: string;
  idempotencyKey: string;
  inputsHash: Buffer;
  discountCode: string | null;
  discountId: string | null;
  orderId: string | null;
  entryId: string | null;
  createdAt: Date;
  expiresAt: Date;
};

type ReservationRow = {
  id: ReservationId;
  member_id: MemberId;
  program_id: ProgramId;
  reward_id: string;
  unit: string;
  cost: number;
  state: Reservation['state'];
  channel: string;
  idempotency_key: string;
  inputs_hash: Buffer;
  discount_code: string | null;
  discount_id: string | null;
  order_id: string | null;
  entry_id: string | null;
  created_at: Date;
  expires_at: Date;
};

const columns = `id, member_id, program_id, reward_id, unit, cost, state, channel, idempotency_key, inputs_hash, discount_code,
  discount_id, order_id, entry_id::text, created_at, expires_at`;

function toReservation(row: ReservationRow): Reservation {
  return {
    reservationId: row.id,
    memberId: row.member_id,
    programId: row.program_id,
    rewardId: row.reward_id,
    unit: row.unit,
    cost: row.cost,
    state: row.state,
    channel: row.channel,
    idempotencyKey: row.idempotency_key,
    inputsHash: row.inputs_hash,
    discountCode: row.discount_code,
    discountId: row.discount_id,
    orderId: row.order_id,
    entryId: row.entry_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

/** Adds a reservation in state 'reserved'. The caller holds the balance and has raised what is held. */
export async function insertReservation(
  tx: Tx,
  reservation: Omit<Reservation, 'state' | 'discountId' | 'orderId' | 'entryId'>,
): Promise<void> {
  await tx.query(
    `insert into reservation (shop_id, id, member_id, program_id, reward_id, unit, cost, state, channel, idempotency_key,
       inputs_hash, discount_code, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, 'reserved', $8, $9, $10, $11, $12, $13)`,
    [
      tx.shopId,
      reservation.reservationId,
      reservation.memberId,
      reservation.programId,
      reservation.rewardId,
      reservation.unit,
      reservation.cost,
      reservation.channel,
      reservation.idempotencyKey,
      reservation.inputsHash,
      reservation.discountCode,
      reservation.createdAt,
      reservation.expiresAt,
    ],
  );
}

/** The reservation made under an idempotency key, or null. */
export async function findReservationByKey(tx: Tx, idempotencyKey: string): Promise<Reservation | null> {
  const [row] = await tx.query<ReservationRow>(
    `select ${columns} from reservation where shop_id = $1 and idempotency_key = $2`,
    [tx.shopId, idempotencyKey],
  );
  return row === undefined ? null : toReservation(row);
}

/** One reservation, unlocked, or null: tells whose balances to lock before `lockReservation`. */
export async function findReservation(tx: Tx, reservationId: string): Promise<Reservation | null> {
  const [row] = await tx.query<ReservationRow>(`select ${columns} from reservation where shop_id = $1 and id = $2`, [
    tx.shopId,
    reservationId,
  ]);
  return row === undefined ? null : toReservation(row);
}

/** Open reservations that are over at an instant, the oldest first; at most 1,000. */
export async function findExpiredReservations(tx: Tx, at: Date): Promise<Reservation[]> {
  const rows = await tx.query<ReservationRow>(
    `select ${columns} from reservation where shop_id = $1 and state = 'reserved' and expires_at <= $2
     order by expires_at, id limit 1000`,
    [tx.shopId, at],
  );
  return rows.map(toReservation);
}

/**
 * Unspent reservations with these discount codes; at most 1,000. Released ones too: a code that an order carries was used
 * before it could be switched off, or its order was told late.
 */
export async function findUnspentReservations(tx: Tx, discountCodes: string[]): Promise<Reservation[]> {
  const rows = await tx.query<ReservationRow>(
    `select ${columns} from reservation
     where shop_id = $1 and discount_code = any($2) and state in ('reserved', 'released') and entry_id is null
     order by member_id, id limit 1000`,
    [tx.shopId, discountCodes],
  );
  return rows.map(toReservation);
}

/** Ends a reservation that is in state `from`. False when it was not in it any more. Hold the member's balances. */
export async function settleReservation(
  tx: Tx,
  reservationId: ReservationId,
  outcome: {
    from: 'reserved' | 'released';
    state: 'committed' | 'released';
    orderId: string | null;
    entryId: string | null;
    at: Date;
  },
): Promise<boolean> {
  const rows = await tx.query(
    `update reservation set state = $3, order_id = $4, entry_id = $5::bigint, settled_at = $6
     where shop_id = $1 and id = $2 and state = $7 and entry_id is null returning id`,
    [tx.shopId, reservationId, outcome.state, outcome.orderId, outcome.entryId, outcome.at, outcome.from],
  );
  return rows.length === 1;
}

/** Marks a committed reservation released again (undo). False when it was not committed. Hold the balances. */
export async function undoReservation(tx: Tx, reservationId: ReservationId, at: Date): Promise<boolean> {
  const rows = await tx.query(
    `update reservation set state = 'released', settled_at = $3
     where shop_id = $1 and id = $2 and state = 'committed' returning id`,
    [tx.shopId, reservationId, at],
  );
  return rows.length === 1;
}

/**
 * Opens a reservation again that was given up because its discount could not be made: the same call may be tried again
 * under the same key. False when it was not that. Hold the member's balances and raise what is held.
 */
export async function reopenReservation(
  tx: Tx,
  reservationId: ReservationId,
  fresh: { discountCode: string; createdAt: Date; expiresAt: Date },
): Promise<boolean> {
  const rows = await tx.query(
    `update reservation set state = 'reserved', discount_code = $3, created_at = $4, expires_at = $5, settled_at = null
     where shop_id = $1 and id = $2 and state = 'released' and discount_code is not null and discount_id is null
       and entry_id is null returning id`,
    [tx.shopId, reservationId, fresh.discountCode, fresh.createdAt, fresh.expiresAt],
  );
  return rows.length === 1;
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

/** Remembers Shopify's id of the discount that carries the reservation's code. Safe to repeat. */
export async function writeDiscountId(tx: Tx, reservationId: ReservationId, discountId: string): Promise<void> {
  await tx.query('update reservation set discount_id = $3 where shop_id = $1 and id = $2', [
    tx.shopId,
    reservationId,
    discountId,
  ]);
}
