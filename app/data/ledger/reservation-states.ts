/** What becomes of a reservation, written down. Every change names the state it starts from, so that none happens twice. */
import type { BenefitState, Reservation } from '#app/data/ledger/reservations.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { ReservationId } from '#app/lib/ids.ts';

export type NewReservation = Pick<
  Reservation,
  | 'reservationId'
  | 'memberId'
  | 'programId'
  | 'ruleVersionId'
  | 'rewardId'
  | 'unit'
  | 'cost'
  | 'channel'
  | 'locationId'
  | 'cart'
  | 'staff'
  | 'idempotencyKey'
  | 'inputsHash'
  | 'benefit'
  | 'discountCode'
  | 'createdAt'
  | 'expiresAt'
>;

/** Adds a reservation in state 'reserved'. The caller holds the balance and has raised what is held. */
export async function insertReservation(tx: Tx, reservation: NewReservation): Promise<void> {
  await tx.query(
    `insert into reservation (shop_id, id, member_id, program_id, rule_version_id, reward_id, unit, cost, state, channel,
       location_id, cart, staff, idempotency_key, inputs_hash, benefit, discount_code, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'reserved', $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
    [
      tx.shopId,
      reservation.reservationId,
      reservation.memberId,
      reservation.programId,
      reservation.ruleVersionId,
      reservation.rewardId,
      reservation.unit,
      reservation.cost,
      reservation.channel,
      reservation.locationId,
      reservation.cart,
      reservation.staff,
      reservation.idempotencyKey,
      reservation.inputsHash,
      JSON.stringify(reservation.benefit),
      reservation.discountCode,
      reservation.createdAt,
      reservation.expiresAt,
    ],
  );
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
    benefitState: BenefitState;
    at: Date;
  },
): Promise<boolean> {
  const rows = await tx.query(
    `update reservation set state = $3, order_id = $4, entry_id = $5::bigint, settled_at = $6, benefit_state = $8,
       committed_at = case $3::text when 'committed' then $6::timestamptz end
     where shop_id = $1 and id = $2 and state = $7 and committed_at is null returning id`,
    [
      tx.shopId,
      reservationId,
      outcome.state,
      outcome.orderId,
      outcome.entryId,
      outcome.at,
      outcome.from,
      outcome.benefitState,
    ],
  );
  return rows.length === 1;
}

/**
 * Notes that so much of a committed reservation's cost came back in all; when it came back whole, it counts as released.
 * False when it was not committed any more, or more came back already. Hold the balances.
 */
export async function recordGivenBack(
  tx: Tx,
  reservationId: ReservationId,
  back: { givenBack: number; isWhole: boolean; at: Date },
): Promise<boolean> {
  const rows = await tx.query(
    `update reservation set given_back = $3,
       state = case when $4::boolean then 'released' else state end,
       settled_at = case when $4::boolean then $5::timestamptz else settled_at end
     where shop_id = $1 and id = $2 and state = 'committed' and given_back <= $3 returning id`,
    [tx.shopId, reservationId, back.givenBack, back.isWhole, back.at],
  );
  return rows.length === 1;
}

/** Ties a spent reservation that no sale carried so far to the one that does. Safe to repeat. */
export async function bindToOrder(tx: Tx, reservationId: ReservationId, orderId: string): Promise<void> {
  await tx.query(
    `update reservation set order_id = $3
     where shop_id = $1 and id = $2 and state = 'committed' and order_id is null`,
    [tx.shopId, reservationId, orderId],
  );
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
       and committed_at is null returning id`,
    [tx.shopId, reservationId, fresh.discountCode, fresh.createdAt, fresh.expiresAt],
  );
  return rows.length === 1;
}

/** Remembers Shopify's id of the discount that carries the reservation's code. Safe to repeat. */
export async function writeDiscountId(tx: Tx, reservationId: ReservationId, discountId: string): Promise<void> {
  await tx.query('update reservation set discount_id = $3 where shop_id = $1 and id = $2', [
    tx.shopId,
    reservationId,
    discountId,
  ]);
}

/**
 * Takes the next try of giving or withdrawing a benefit of money: nobody else tries for the length of a lease. Null when
 * there is nothing to try in this state, or somebody is at it. `triedAt` is when it was tried before, or null; all by the
 * clock of the machine.
 */
export async function claimBenefitTry(
  tx: Tx,
  reservationId: string,
  attempt: { from: BenefitState[]; state: BenefitState; at: Date; leaseMs: number },
): Promise<{ triedAt: Date | null } | null> {
  const [row] = await tx.query<{ tried_at: Date | null }>(
    `select case when benefit_state = $4 then benefit_tried_at end as tried_at from reservation
     where shop_id = $1 and id = $2 and benefit_state = any($3)
       and (benefit_state <> $4 or benefit_tried_at is null or benefit_tried_at <= $5) for update`,
    [tx.shopId, reservationId, attempt.from, attempt.state, new Date(attempt.at.getTime() - attempt.leaseMs)],
  );
  if (row === undefined) return null;
  await tx.query('update reservation set benefit_state = $3, benefit_tried_at = $4 where shop_id = $1 and id = $2', [
    tx.shopId,
    reservationId,
    attempt.state,
    attempt.at,
  ]);
  return { triedAt: row.tried_at };
}

export type BenefitResult = {
  state: BenefitState;
  /** Null leaves what is known. */
  reference: string | null;
  withdrawalReference: string | null;
  problem: string | null;
};

/**
 * Ends a try. False when the benefit was not in state `from` any more. Throws a unique violation when the transaction is
 * another reservation's already.
 */
export async function endBenefitTry(
  tx: Tx,
  reservationId: string,
  from: BenefitState,
  result: BenefitResult,
): Promise<boolean> {
  const rows = await tx.query(
    `update reservation set benefit_state = $4, benefit_reference = coalesce($5, benefit_reference),
       withdrawal_reference = coalesce($6, withdrawal_reference), benefit_problem = $7
     where shop_id = $1 and id = $2 and benefit_state = $3 returning id`,
    [tx.shopId, reservationId, from, result.state, result.reference, result.withdrawalReference, result.problem],
  );
  return rows.length === 1;
}

/** Whether a gift card's code may be shown now; once told yes, never again. */
export async function claimCodeShowing(tx: Tx, reservationId: ReservationId, at: Date): Promise<boolean> {
  const rows = await tx.query(
    `update reservation set code_shown_at = $3
     where shop_id = $1 and id = $2 and benefit_state = 'given' and code_shown_at is null returning id`,
    [tx.shopId, reservationId, at],
  );
  return rows.length === 1;
}

/** Of these transactions of Shopify's, those that are no reservation's yet, in the same order. */
export async function withoutKnown(tx: Tx, references: string[]): Promise<string[]> {
  const rows = await tx.query<{ reference: string }>(
    `select benefit_reference as reference from reservation where shop_id = $1 and benefit_reference = any($2)
     union all select withdrawal_reference from reservation where shop_id = $1 and withdrawal_reference = any($2)`,
    [tx.shopId, references],
  );
  const known = new Set(rows.map((row) => row.reference));
  return references.filter((reference) => !known.has(reference));
}
