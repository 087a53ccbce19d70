/** Everything a member's card is drawn from, read in one place so that all wallets and pages show the same. */
import { readAvailabilities } from '#app/data/ledger/availability.ts';
import { readExpiringNext } from '#app/data/ledger/expiring.ts';
import { readOffers } from '#app/data/ledger/reward-offers.ts';
import { type Member, readMember } from '#app/data/members/members.ts';
import type { Pass } from '#app/data/cards/passes.ts';
import { readProfiles } from '#app/data/members/profiles.ts';
import { newestCardDesign, newestRuleVersion, type PublishedDesign } from '#app/data/programs/programs.ts';
import { cardCodePurpose } from '#app/data/cards/card-codes.ts';
import { readShop, readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type LocalDate, localDateOf } from '#app/domain/calendar.ts';
import { formatCardCode } from '#app/domain/cards/card-code.ts';
import { buildPassContent, type Expiring, type PassContent } from '#app/domain/cards/pass-content.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { appUrl } from '#app/lib/env.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { sign, type ShopKeys } from '#app/lib/sealed-box.ts';
import { createLinkToken } from '#app/lib/signed-link.ts';

export type CardView = {
  member: Member;
  document: ProgramDocument;
  design: PublishedDesign;
  content: PassContent;
  keys: ShopKeys;
};

const linkMonths = 24;

/** A link's end: the first of a month, about two years on, so that a card's content is the same all month long. */
function linkEnd(from: Date): Date {
  return new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + linkMonths, 1));
}

/** The address of a member's own page. The same for all of a month. */
export function cardUrlOf(keys: ShopKeys, memberId: string, at: Date): string {
  const token = createLinkToken(keys, 'card', { subjectId: memberId, expiresAt: linkEnd(at) });
  return `${appUrl()}/card/${token}`;
}

/**
 * Reads a member's card. With a pass, the links in it date from the pass's own version, so sealing one version twice
 * gives the same. Throws `NotFound`.
 */
export async function readCardView(tx: Tx, memberId: string, card: { pass: Pass | null; at: Date }): Promise<CardView> {
  const member = await readMember(tx, memberId);
  const version = await newestRuleVersion(tx, member.programId);
  if (version === null) throw new NotFound('program-not-live', 'The program is not live');
  const shop = await readShop(tx);
  const design = (await newestCardDesign(tx, member.programId)) ?? {
    number: 0,
    design: starterDesign(shop.name ?? version.document.name),
    googleClassSyncedAt: null,
  };
  const keys = await readShopKeys(tx);
  const profile = (await readProfiles(tx, [member.memberId])).get(member.memberId);
  const balances = await readAvailabilities(tx, [member.memberId]);
  const isVoid = member.state === 'erased' || card.pass?.state === 'void';
  const content = buildPassContent({
    programName: version.document.name,
    design: design.design,
    units: version.document.units,
    balances: balances.map(({ unit, balance, held, available }) => ({ unit, balance, held, available })),
    rewards: version.document.rewards,
    reached: await readReached(tx, member, { document: version.document, at: card.at }),
    expiringNext: await readExpiring(tx, member.memberId, { document: version.document, at: card.at }),
    memberName: profile?.name ?? null,
    locale: member.locale,
    cardUrl: cardUrlOf(keys, member.memberId, card.pass?.lastModified ?? card.at),
    barcodeValue: formatCardCode(member.cardId, (text) => sign(keys, cardCodePurpose, text)),
    isVoid,
  });
  return { member, document: version.document, design, content, keys };
}

type Asked = { document: ProgramDocument; at: Date };

/** How often each reward that is reached instead of paid for can be had, wherever it is given. */
async function readReached(tx: Tx, member: Member, { document, at }: Asked): Promise<Map<string, number>> {
  if (!document.rewards.some((reward) => reward.cost === 0)) return new Map();
  const offers = await readOffers(tx, member, { channel: 'pos', locationId: null, at, rewardId: null });
  return new Map(offers.map(({ reward, timesReady }) => [reward.id, Math.max(0, timesReady)]));
}

async function readExpiring(tx: Tx, memberId: MemberId, { document, at }: Asked): Promise<Expiring | null> {
  const next = await readExpiringNext(tx, memberId, { at, days: document.settings.expiryNoticeDays });
  if (next === null) return null;
  const { timeZone } = await readShop(tx);
  // It is over with the first instant of the next day.
  const lastDay = localDateOf(new Date(next.expiresAt.getTime() - 1), timeZone);
  return { unit: next.unit, amount: next.amount, lastDay: isoDayOf(lastDay) };
}

function isoDayOf({ year, month, day }: LocalDate): string {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}
