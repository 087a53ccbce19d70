/** What a referral is worth by now less what is booked for it, and what it says of itself from then on. */
import type { Posting } from '#app/data/ledger/posting.ts';
import type { Case } from '#app/data/ledger/referral-cases.ts';
import type { Referral, ReferralSide } from '#app/data/members/referrals.ts';
import type { ReferralRefusal } from '#app/domain/members/referral.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';

/** Who is paid for a referral by now. */
export type Share = Case & {
  pays: Record<ReferralSide, boolean>;
  refusal: ReferralRefusal | null;
  /** Whether the friend's balances are held. If not, their side is left for when what is due is settled. */
  isFriendHeld: boolean;
};

/** Notes who is paid, and answers what is to be posted for that. */
export function bookReferral(share: Share, at: Date): Posting[] {
  const { referral, sides, terms, refusal } = share;
  const postings: Posting[] = [];
  let isLeft = false;
  for (const side of ['friend', 'referrer'] as const) {
    // An erased member's account is closed: what was booked stays as it was.
    if (sides[side].state === 'erased') continue;
    const pay = share.pays[side] ? terms[side] : null;
    const target = pay === null ? {} : { [pay.unit]: pay.amount };
    const deltas = deltasOf(referral.booked[side] ?? {}, target);
    if (deltas.length > 0 && side === 'friend' && !share.isFriendHeld) isLeft = true;
    else postings.push(...book(share, { side, target, deltas, at }));
  }
  if (postings.length > 0) referral.settlements += 1;
  if (isLeft) Object.assign(referral, { state: 'waiting', refusal: null });
  else Object.assign(referral, { state: refusal === null ? stateOf(share, at) : 'refused', refusal });
  return postings;
}

type Delta = { unit: string; delta: number; amount: number };

function deltasOf(booked: Record<string, number>, target: Record<string, number>): Delta[] {
  const units = [...new Set([...Object.keys(target), ...Object.keys(booked)])];
  return units.flatMap((unit) => {
    const amount = target[unit] ?? 0;
    const delta = amount - (booked[unit] ?? 0);
    return delta === 0 ? [] : { unit, delta, amount };
  });
}

type Booking = { side: ReferralSide; target: Record<string, number>; deltas: Delta[]; at: Date };

function book({ referral, sides, version }: Share, { side, target, deltas, at }: Booking): Posting[] {
  const { referralId, settlements, orderId, dueAt } = referral;
  if (Object.keys(target).length === 0) delete referral.booked[side];
  else referral.booked[side] = target;
  return deltas.map(({ unit, delta, amount }) => ({
    memberId: sides[side].memberId,
    unit,
    delta,
    source: 'referral',
    sourceKey: `referral:${referralId}:${side}:${unit}:${settlements + 1}`,
    owner: { causeId: referralId },
    ruleVersionId: version.versionId,
    settings: version.document.settings,
    inputsHash: fingerprint({ referral: referralId, side, orderId, dueAt: dueAt?.toISOString() ?? null }),
    explanation: { because: `referral-${side}`, parts: partsOf(amount) },
    actor: 'system',
    occurredAt: at,
    availableAt: at,
  }));
}

const partsOf = (amount: number) =>
  amount === 0 ? [] : [{ ruleId: 'referral', lineId: null, eligibleMinor: null, amount }];

function stateOf({ referral }: Share, at: Date): Referral['state'] {
  if (referral.dueAt !== null && referral.dueAt <= at) return 'paid';
  return referral.settlements > 0 && referral.orderId === null ? 'reversed' : 'waiting';
}
