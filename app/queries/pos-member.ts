/** A member as the till shows them: what they have, what they may redeem, and what may still be taken back. */
import type { PosBalance, PosMember, PosReward, PosUndoable } from '#app/contracts/pos.ts';
import { newestCardDesign } from '#app/data/cards/card-designs.ts';
import { findNewestHandEntry, type HandEntry, undoWindowMs } from '#app/data/ledger/hand-entries.ts';
import { type Availability, readAvailability } from '#app/data/ledger/availability.ts';
import { readMember } from '#app/data/members/members.ts';
import { readProfiles } from '#app/data/members/profiles.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { findNewestReservation, type Reservation } from '#app/data/ledger/reservations.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { PrivacyMode } from '#app/domain/cards/card-design.ts';
import { shownName } from '#app/domain/cards/pass-content.ts';
import type { Language } from '#app/domain/members/languages.ts';
import type { ProgramDocument, Unit } from '#app/domain/programs/program.ts';
import { describeBenefit } from '#app/domain/programs/program-sentences.ts';
import { changeIn, countedIn, unitName } from '#app/domain/programs/unit-words.ts';
import { type MemberReward, readRewardsFor } from '#app/queries/rewards-for-member.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { MemberId, ProgramId, ShopId } from '#app/lib/ids.ts';

const textLengthMax = 120;

/**
 * Units are called as the till's language calls them, unless the merchant renamed them; rewards have the merchant's own names.
 * Throws `NotFound` for unknown and erased members, and those of other shops.
 */
export async function posMember(
  { shopId, language }: { shopId: ShopId; language: Language },
  memberId: string,
): Promise<PosMember> {
  return withShop(shopId, async (tx) => {
    const member = await readMember(tx, memberId);
    const version = await newestRuleVersion(tx, member.programId);
    if (member.state === 'erased' || version === null) throw new NotFound('member-not-found', 'No such member');
    const { document } = version;
    const balances = toBalances(document.units, await readAvailability(tx, member.memberId), language);
    const offered = await readRewardsFor(tx, member.memberId, { channel: 'pos', locationId: null, at: now() });
    const profile = (await readProfiles(tx, [member.memberId])).get(member.memberId);
    return {
      memberId: member.memberId,
      // The till shows no more of a name than the card that was scanned.
      displayName:
        shownName(profile?.name ?? null, await privacyOf(tx, member.programId))?.slice(0, textLengthMax) ?? null,
      status: member.state,
      shopifyCustomerId: member.shopifyCustomerId,
      balances,
      rewards: toRewards(offered, document.units, language),
      lastEntry: await lastUndoable(tx, member.memberId, { document, language }),
    };
  });
}

async function privacyOf(tx: Tx, programId: ProgramId): Promise<PrivacyMode> {
  return (await newestCardDesign(tx, programId))?.design.privacy ?? 'first-name';
}

function toBalances(units: Unit[], figures: Map<string, Availability>, language: Language): PosBalance[] {
  return units.map((unit) => {
    const { balance, available } = figures.get(unit.id) ?? { balance: 0, available: 0 };
    return {
      unit: unit.id,
      kind: unit.kind,
      label: unitName(language, unit),
      collected: balance,
      available,
      needed: unit.kind === 'stamp' ? unit.stampsNeeded : null,
    };
  });
}

function toRewards(rewards: MemberReward[], units: Unit[], language: Language): PosReward[] {
  return rewards.map((reward) => ({
    rewardId: reward.rewardId,
    name: reward.name,
    unit: reward.unit,
    cost: reward.cost,
    costLabel: countedIn(language, reward.cost, namedUnit(units, reward.unit)),
    affordable: reward.isAvailable,
    discountLabel: describeBenefit(reward.benefit).slice(0, textLengthMax),
  }));
}

type Shown = { document: ProgramDocument; language: Language };

async function lastUndoable(tx: Tx, memberId: MemberId, shown: Shown): Promise<PosUndoable | null> {
  const since = new Date(now().getTime() - undoWindowMs);
  const entry = await findNewestHandEntry(tx, memberId, since);
  const reservation = await findNewestReservation(tx, memberId, since);
  const isEntryNewer = entry !== null && (reservation === null || entry.bookedAt > reservation.createdAt);
  if (isEntryNewer) return undoableEntry(entry, shown);
  const newest = reservation === null ? null : undoableReservation(reservation, shown.document);
  return newest ?? (entry === null ? null : undoableEntry(entry, shown));
}

/** A unit that is gone from the program is called by its id. */
function namedUnit(units: Unit[], unitId: string): Pick<Unit, 'kind' | 'label'> {
  return units.find(({ id }) => id === unitId) ?? { kind: 'point', label: unitId };
}

function undoableEntry(entry: HandEntry, { document, language }: Shown): PosUndoable {
  const unit = namedUnit(document.units, entry.unit);
  return {
    kind: 'entry',
    id: entry.entryId,
    label: changeIn(language, entry.amount, unit),
    undoableUntil: new Date(entry.bookedAt.getTime() + undoWindowMs).toISOString(),
  };
}

/** A reward that a sale carried is given back with the sale, not here. */
function undoableReservation(reservation: Reservation, document: ProgramDocument): PosUndoable | null {
  const isCarried = reservation.discountCode !== null || reservation.orderId !== null;
  if (reservation.state === 'committed' && isCarried) return null;
  const handedOverUntil = new Date(reservation.createdAt.getTime() + undoWindowMs);
  return {
    kind: 'reservation',
    id: reservation.reservationId,
    label: document.rewards.find((reward) => reward.id === reservation.rewardId)?.name ?? reservation.rewardId,
    undoableUntil: (reservation.state === 'reserved' ? reservation.expiresAt : handedOverUntil).toISOString(),
  };
}
