/** Everything a member's card is drawn from, read in one place so that all wallets and pages show the same. */
import { readNews } from '#app/data/campaigns/news.ts';
import { readAvailabilities } from '#app/data/ledger/availability.ts';
import { readOffers } from '#app/data/ledger/reward-offers.ts';
import { type Member, readMember } from '#app/data/members/members.ts';
import { readActivity, readExpiring, readTier } from '#app/data/cards/card-standing.ts';
import type { Pass } from '#app/data/cards/passes.ts';
import { readProfiles } from '#app/data/members/profiles.ts';
import { type CarriedDesign, designOfPass } from '#app/data/cards/card-designs.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { cardCodePurpose } from '#app/data/cards/card-codes.ts';
import { readShop, readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { formatCardCode } from '#app/domain/cards/card-code.ts';
import { buildPassContent, type PassContent, type PassInput } from '#app/domain/cards/pass-content.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { appUrl, systemMark } from '#app/lib/env.ts';
import { NotFound } from '#app/lib/errors.ts';
import { sign, type ShopKeys } from '#app/lib/sealed-box.ts';
import { createLinkToken } from '#app/lib/signed-link.ts';

export type CardView = {
  member: Member;
  document: ProgramDocument;
  design: CarriedDesign;
  content: PassContent;
  keys: ShopKeys;
};

const linkMonths = 24;

/** A link's end: the first of a month, about two years on, so that a card's content is the same all month long. */
function linkEnd(from: Date): Date {
  return new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + linkMonths, 1));
}

/** The address of a member's own page. The same for all of a month, until the card is replaced. */
export function cardUrlOf(keys: ShopKeys, member: Pick<Member, 'memberId' | 'cardGeneration'>, at: Date): string {
  const { memberId: subjectId, cardGeneration: generation } = member;
  const token = createLinkToken(keys, 'card', { subjectId, expiresAt: linkEnd(at), generation });
  return `${appUrl()}/card/${token}`;
}

/** The address of a member's preferences: as long-lived as that of the card, and replaced with it. */
export function preferencesUrlOf(
  keys: ShopKeys,
  member: Pick<Member, 'memberId' | 'cardGeneration'>,
  at: Date,
): string {
  const { memberId: subjectId, cardGeneration: generation } = member;
  const token = createLinkToken(keys, 'preferences', { subjectId, expiresAt: linkEnd(at), generation });
  return `${appUrl()}/preferences/${token}`;
}

/**
 * Reads a member's card. With a pass, the links in it date from the pass's own version, so sealing one version twice
 * gives the same. Throws `NotFound`.
 */
export async function readCardView(tx: Tx, memberId: string, card: { pass: Pass | null; at: Date }): Promise<CardView> {
  const member = await readMember(tx, memberId);
  const version = await newestRuleVersion(tx, member.programId);
  if (version === null) throw new NotFound('program-not-live', 'The program is not live');
  const design = await readDesign(tx, member, { pass: card.pass, document: version.document });
  const keys = await readShopKeys(tx);
  const profile = (await readProfiles(tx, [member.memberId])).get(member.memberId);
  const balances = await readAvailabilities(tx, [member.memberId]);
  const isVoid = member.state === 'erased' || card.pass?.state === 'void';
  const asked = { document: version.document, at: card.at };
  const since = card.pass?.lastModified ?? card.at;
  const cardUrl = cardUrlOf(keys, member, since);
  const content = buildPassContent({
    programName: version.document.name,
    design: design.design,
    units: version.document.units,
    balances: balances.map(({ unit, balance, held, available }) => ({ unit, balance, held, available })),
    rewards: version.document.rewards,
    designNumber: design.number,
    reached: await readReached(tx, member, asked),
    expiringNext: await readExpiring(tx, member.memberId, asked),
    // A void card shows nothing of the person, so nothing more is read for it.
    ...(isVoid ? {} : await readLife(tx, member, asked)),
    memberName: profile?.name ?? null,
    locale: member.locale,
    cardUrl,
    preferencesUrl: preferencesUrlOf(keys, member, since),
    // The code of the card that replaced a void one is not for whoever holds the old one.
    barcodeValue: formatCardCode((isVoid ? card.pass?.serial : null) ?? member.cardId, (text) =>
      sign(keys, cardCodePurpose, text),
    ),
    isVoid,
    isFrozen: member.state === 'frozen',
    isQuiet: isQuiet(card.pass),
    systemMark: systemMark(),
  });
  return { member, document: version.document, design, content, keys };
}

/** The design the pass carries; before the first is published, the one a shop starts with. */
async function readDesign(
  tx: Tx,
  { programId }: Member,
  { pass, document }: { pass: Pass | null; document: ProgramDocument },
): Promise<CarriedDesign> {
  const carried = await designOfPass(tx, programId, pass?.passId ?? null);
  if (carried !== null) return carried;
  const { name } = await readShop(tx);
  return { number: 0, design: starterDesign(name ?? document.name), isCandidate: false };
}

type Asked = { document: ProgramDocument; at: Date };

/** What happens with the member beside their balances. */
async function readLife(tx: Tx, member: Member, asked: Asked): Promise<Pick<PassInput, 'tier' | 'activity' | 'news'>> {
  return {
    tier: await readTier(tx, member.memberId, asked),
    activity: await readActivity(tx, member.memberId),
    news: await readNews(tx, member),
  };
}

/** How often each reward that is reached instead of paid for can be had, wherever it is given. */
async function readReached(tx: Tx, member: Member, { document, at }: Asked): Promise<Map<string, number>> {
  if (!document.rewards.some((reward) => reward.cost === 0)) return new Map();
  const offers = await readOffers(tx, member, { channel: 'pos', locationId: null, at, rewardId: null });
  return new Map(offers.map(({ reward, timesReady }) => [reward.id, Math.max(0, timesReady)]));
}

/** Whether the version came about without anything to say. */
function isQuiet(pass: Pass | null): boolean {
  return pass !== null && pass.quietVersion === pass.version;
}
