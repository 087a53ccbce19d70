/**
 * Benefits of money, given once they are paid for and taken back when the redemption is: exactly once, whatever answer of
 * Shopify's is lost and whichever process dies. A try is noted before it is made. After a try whose end is not known,
 * Shopify's own records are searched for what it may have done; a transaction found there is one reservation's only.
 *
 * The calls to Shopify are handed in by the flows. No transaction is open while they are made.
 */
import { touchPasses } from '#app/data/cards/passes.ts';
import { isUniqueViolation } from '#app/data/database.ts';
import { giveBackRedemption } from '#app/data/ledger/give-back.ts';
import {
  type BenefitResult,
  claimBenefitTry,
  claimCodeShowing,
  endBenefitTry,
  withoutKnown,
} from '#app/data/ledger/reservation-states.ts';
import { findReservation, type Reservation } from '#app/data/ledger/reservations.ts';
import { lockMember, readMember } from '#app/data/members/members.ts';
import { withAccessToken } from '#app/data/shops/sessions.ts';
import { findShopKeys } from '#app/data/shops/shops.ts';
import { addToOutbox } from '#app/data/system/outbox.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { isMoney, type MoneyBenefit } from '#app/domain/programs/reward-gates.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, NotFound, Rejected, Unavailable } from '#app/lib/errors.ts';
import type { ReservationId, ShopId } from '#app/lib/ids.ts';
import { sign } from '#app/lib/sealed-box.ts';

/** What is given to whom. */
export type Gift = {
  benefit: MoneyBenefit;
  customerId: string | null;
  /** Of a gift card: derived from the reservation and never stored. */
  code: string;
  note: string;
  /** Shopify's id of what was given, once it is. */
  reference: string | null;
};

type Caller = { shopDomain: string; accessToken: string };

/** Shopify's part. Every function answers or finds Shopify's ids. */
export type BenefitMeans = {
  refresh: Parameters<typeof withAccessToken>[1];
  /** Throws `Rejected` when Shopify refuses for good. */
  give: (caller: Caller, gift: Gift) => Promise<string>;
  findGiven: (caller: Caller, gift: Gift, since: Date) => Promise<string[]>;
  /** Null when there is no transaction of its own. Throws `Rejected` when it is spent. */
  withdraw: (caller: Caller, gift: Gift) => Promise<string | null>;
  findWithdrawn: (caller: Caller, gift: Gift, since: Date) => Promise<string[]>;
};

export type BenefitOutcome = {
  state: Reservation['benefitState'];
  /** A gift card's code, the one time it is shown. */
  giftCardCode: string | null;
};

/** Longer than a try can take: until then nobody else tries. */
const leaseMs = 60_000;
/** How far two clocks may differ. */
const skewMs = 60_000;
const withdrawAgainMs = 2 * leaseMs;
const codeLength = 16;
const codeAlphabet = '23456789abcdefghjkmnpqrstuvwxyz';

/**
 * Gives what a committed reservation promises, unless it is given already or somebody is at it. A refusal of Shopify's for
 * good takes the redemption back. Safe to repeat. Throws `Unavailable` or `Forbidden` when it is not known to have
 * arrived: the job finishes it.
 */
export async function tryBenefit(shopId: ShopId, reservationId: string, means: BenefitMeans): Promise<void> {
  const claimed = await withShop(shopId, async (tx) => {
    const attempt = { from: ['due' as const], state: 'due' as const, at: new Date(), leaseMs };
    const claim = await claimBenefitTry(tx, reservationId, attempt);
    return claim === null ? null : { ...claim, gift: await readGift(tx, reservationId) };
  });
  if (claimed === null) return;
  const result = await give(shopId, claimed, means);
  await withShop(shopId, (tx) => endGiving(tx, reservationId, result)).catch(asAdopted);
}

type Claimed = { gift: Gift; triedAt: Date | null };

async function give(shopId: ShopId, { gift, triedAt }: Claimed, means: BenefitMeans): Promise<BenefitResult> {
  const given = (reference: string): BenefitResult => {
    return { state: 'given', reference, withdrawalReference: null, problem: null };
  };
  const earlier = await findEarlier(shopId, { gift, triedAt }, { refresh: means.refresh, find: means.findGiven });
  if (earlier !== null) return given(earlier);
  try {
    return given(await withAccessToken(shopId, means.refresh, (caller) => means.give(caller, gift)));
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    return { state: 'refused', reference: null, withdrawalReference: null, problem: error.message };
  }
}

/** What a try before this one did although its answer never came. */
async function findEarlier(
  shopId: ShopId,
  { gift, triedAt }: Claimed,
  { refresh, find }: { refresh: BenefitMeans['refresh']; find: BenefitMeans['findGiven'] },
): Promise<string | null> {
  if (triedAt === null) return null;
  const since = new Date(triedAt.getTime() - skewMs);
  const found = await withAccessToken(shopId, refresh, (caller) => find(caller, gift, since));
  const own = await withShop(shopId, (tx) => withoutKnown(tx, found));
  return own[0] ?? null;
}

async function endGiving(tx: Tx, reservationId: string, result: BenefitResult): Promise<void> {
  const known = await readOne(tx, reservationId);
  await lockMember(tx, known.memberId);
  if (!(await endBenefitTry(tx, reservationId, 'due', result)) || result.state !== 'refused') return;
  await takeRedemptionBack(tx, { reservationId, sourceKey: `reservation-refused:${reservationId}`, actor: 'system' });
}

/**
 * Takes back what was given, and then the redemption. Safe to repeat, also after a crash. Throws `Conflict` when it is
 * spent, when it is only on its way, or while another try is going on; `Unavailable` when Shopify does not answer: the job
 * finishes it.
 */
export async function withdrawBenefit(
  shopId: ShopId,
  asked: { reservationId: ReservationId; actor: string },
  means: BenefitMeans,
): Promise<void> {
  const { reservationId, actor } = asked;
  const claimed = await withShop(shopId, async (tx) => {
    const attempt = { from: ['given' as const, 'withdrawing' as const], state: 'withdrawing' as const };
    const claim = await claimBenefitTry(tx, reservationId, { ...attempt, at: new Date(), leaseMs });
    if (claim === null) return null;
    const runAt = new Date(Date.now() + withdrawAgainMs);
    await addToOutbox(tx, [{ job: 'withdraw-benefit', payload: { shopId, reservationId, actor }, runAt }]);
    return { ...claim, gift: await readGift(tx, reservationId) };
  });
  if (claimed === null) return refuseWithdrawal(shopId, reservationId);
  const earlier = await findEarlier(shopId, claimed, { refresh: means.refresh, find: means.findWithdrawn });
  const reference = earlier ?? (await withdraw(shopId, { reservationId, gift: claimed.gift }, means));
  const result: BenefitResult = { state: 'withdrawn', reference: null, withdrawalReference: reference, problem: null };
  await withShop(shopId, async (tx) => {
    const known = await readOne(tx, reservationId);
    await lockMember(tx, known.memberId);
    if (await endBenefitTry(tx, reservationId, 'withdrawing', result))
      await takeRedemptionBack(tx, { reservationId, sourceKey: `reservation-undo:${reservationId}`, actor });
  }).catch(asAdopted);
}

async function withdraw(
  shopId: ShopId,
  { reservationId, gift }: { reservationId: ReservationId; gift: Gift },
  means: BenefitMeans,
): Promise<string | null> {
  try {
    return await withAccessToken(shopId, means.refresh, (caller) => means.withdraw(caller, gift));
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    const kept = { state: 'given', reference: null, withdrawalReference: null, problem: error.message } as const;
    await withShop(shopId, (tx) => endBenefitTry(tx, reservationId, 'withdrawing', kept));
    throw new Conflict('benefit-used', 'A benefit of money could not be taken back', {
      cause: error,
      publicMessage: 'The store credit or gift card has been used already, so this reward cannot be taken back.',
    });
  }
}

async function refuseWithdrawal(shopId: ShopId, reservationId: string): Promise<void> {
  const { benefitState } = await withShop(shopId, (tx) => readOne(tx, reservationId));
  if (benefitState === 'withdrawn' || benefitState === 'refused') return;
  throw new Conflict('benefit-pending', 'A benefit of money is being given or taken back', {
    publicMessage: 'This reward is still on its way. Please try again in a minute.',
  });
}

type TakingBack = { reservationId: string; sourceKey: string; actor: string };

async function takeRedemptionBack(tx: Tx, { reservationId, sourceKey, actor }: TakingBack): Promise<void> {
  const reservation = await readOne(tx, reservationId);
  const back = { reservation, givenBack: reservation.cost, isWhole: true, sourceKey, actor, at: now() };
  if (await giveBackRedemption(tx, back)) await touchPasses(tx, [reservation.memberId]);
}

async function readOne(tx: Tx, reservationId: string): Promise<Reservation> {
  const reservation = await findReservation(tx, reservationId);
  if (reservation === null) throw new NotFound('reservation-not-found', 'There is no such reservation');
  return reservation;
}

async function readGift(tx: Tx, reservationId: string): Promise<Gift> {
  const reservation = await readOne(tx, reservationId);
  if (!isMoney(reservation.benefit)) throw new Error('Broken invariant: a benefit that is no money was to be given');
  const { shopifyCustomerId: customerId } = await readMember(tx, reservation.memberId);
  return {
    benefit: reservation.benefit,
    customerId,
    code: (await giftCardCode(tx, reservationId)) ?? '',
    note: `Stampwell reward ${reservationId}`,
    reference: reservation.benefitReference,
  };
}

/** Null when the shop's keys are gone. */
async function giftCardCode(tx: Tx, reservationId: string): Promise<string | null> {
  const keys = await findShopKeys(tx);
  if (keys === null) return null;
  const bytes = sign(keys, 'gift-card-code/1', reservationId).subarray(0, codeLength);
  return [...bytes].map((byte) => codeAlphabet.charAt(byte % codeAlphabet.length)).join('');
}

/** What became of a benefit. Of a gift card whoever asks first is told the code, and nobody after them. */
export async function readBenefitOutcome(tx: Tx, reservationId: ReservationId): Promise<BenefitOutcome> {
  const { benefit, benefitState: state } = await readOne(tx, reservationId);
  const isShown = benefit?.kind === 'gift-card' && (await claimCodeShowing(tx, reservationId, now()));
  return { state, giftCardCode: isShown ? await giftCardCode(tx, reservationId) : null };
}

/** Another reservation took the transaction for its own, so this one's is still to be made. */
function asAdopted(error: unknown): never {
  const isAdopted =
    isUniqueViolation(error, 'reservation_benefit') || isUniqueViolation(error, 'reservation_withdrawal');
  if (!isAdopted) throw error;
  throw new Unavailable('benefit-adopted', 'The transaction is another reservation’s', { cause: error });
}
