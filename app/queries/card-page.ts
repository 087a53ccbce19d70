/** A shopper's own card page. */
import { openCardLink } from '#app/data/cards/card-links.ts';
import { currentCode } from '#app/data/cards/rotating-codes.ts';
import { readCardView } from '#app/data/cards/card-view.ts';
import { type ListedEntry, listEntries } from '#app/data/ledger/ledger-audit.ts';
import { readMember } from '#app/data/members/members.ts';
import { readShop, readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { formatMinor } from '#app/domain/money.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import { type Language, languageOfTag } from '#app/domain/members/languages.ts';
import type { Unit } from '#app/domain/programs/program.ts';
import { changeIn, countedIn } from '#app/domain/programs/unit-words.ts';
import { now } from '#app/lib/clock.ts';
import { type FriendInvitation, readFriendInvitation } from '#app/queries/friend-invitation.ts';
import { type MemberStandingPage, readStanding } from '#app/queries/member-standing.ts';
import { env } from '#app/lib/env.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

/** What the card says beside the balances on it. */
export type CardStanding = Pick<MemberStandingPage, 'units' | 'rewards'> & {
  /** Null without tiers. `progress` of the way to the next is 0 … 1; `missing` is for people, `missingOrders` to be counted. */
  tier: {
    name: string | null;
    progress: number;
    next: { name: string; missing: string | null; missingOrders: number | null } | null;
  } | null;
};

export type CardPage = {
  content: PassContent;
  design: CardDesign;
  /** Null where a wallet is not configured. */
  links: { apple: string | null; google: string | null };
  standing: CardStanding;
  activity: ShownActivity[];
  timeZone: string;
  invitation: FriendInvitation | null;
  /** Who froze the card; null while it is good. */
  frozenBy: 'member' | 'staff' | null;
};

/** What happened at once, newest first; `words` are the changes in the reader's language. */
export type ShownActivity = { id: string; kind: ListedEntry['kind']; words: string[]; occurredAt: Date };

const entriesMax = 16;

/** Whose card a signed link opens. Throws `Forbidden` for a bad or expired one. */
export async function cardOwner(token: string): Promise<{ shopId: ShopId; memberId: MemberId }> {
  return openCardLink(token, now());
}

/** The code of this half minute of the card behind a signed link. Throws `Forbidden` for a bad or expired one. */
export async function cardCode(token: string): Promise<{ code: string; language: Language }> {
  const { shopId, memberId } = await openCardLink(token, now());
  return withShop(shopId, async (tx) => {
    const { cardId, locale } = await readMember(tx, memberId);
    const code = currentCode(await readShopKeys(tx), cardId, new Date());
    return { code, language: languageOfTag(locale) ?? 'en' };
  });
}

/** The card behind a signed link. Throws `Forbidden` for a bad or expired one. */
export async function cardPage(token: string): Promise<CardPage> {
  const { shopId, memberId } = await openCardLink(token, now());
  const { APPLE_PASS_CERTIFICATE_FILE, GOOGLE_ISSUER_ID } = env();
  return withShop(shopId, async (tx) => {
    const view = await readCardView(tx, memberId, { pass: null, at: now() });
    const language = languageOfTag(view.content.locale) ?? 'en';
    const shop = await readShop(tx);
    const standing = await readStanding(tx, view.member, now());
    const entries = await listEntries(tx, memberId, { before: null, limit: entriesMax });
    return {
      // What is open to a screen is open to a camera: the page has a code of this half minute, good for one scan, by the real clock.
      content: { ...view.content, barcodeValue: currentCode(view.keys, view.member.cardId, new Date()) },
      design: view.design.design,
      links: {
        apple: APPLE_PASS_CERTIFICATE_FILE === undefined ? null : `/card/${token}/apple.pkpass`,
        google: GOOGLE_ISSUER_ID === undefined ? null : `/card/${token}/google`,
      },
      standing: toCardStanding(standing, { locale: view.content.locale, currency: shop.currency ?? 'USD' }),
      activity: toActivity(entries, { units: view.document.units, language }),
      timeZone: shop.timeZone,
      frozenBy: view.member.state === 'frozen' ? (view.member.frozenBy ?? 'staff') : null,
      invitation: await readFriendInvitation(tx, view, {
        currency: shop.currency ?? 'USD',
        language,
      }),
    };
  });
}

type Naming = { units: Unit[]; language: Language };

/** An order that earns stamps and points is two entries, but one thing that happened. */
function toActivity(entries: ListedEntry[], { units, language }: Naming): ShownActivity[] {
  const shown: ShownActivity[] = [];
  for (const { entryId, kind, unit: unitId, amount, occurredAt } of entries) {
    const unit = units.find(({ id }) => id === unitId) ?? { kind: 'point' as const, label: unitId };
    const words = changeIn(language, amount, unit);
    const last = shown.at(-1);
    if (last !== undefined && last.kind === kind && last.occurredAt.getTime() === occurredAt.getTime())
      last.words.push(words);
    else shown.push({ id: entryId, kind, words: [words], occurredAt });
  }
  return shown;
}

type Reader = { locale: string; currency: string };

function toCardStanding({ units, rewards, tier }: MemberStandingPage, reader: Reader): CardStanding {
  if (tier === null) return { units, rewards, tier: null };
  const { name, next, qualifiesBy, level } = tier;
  const span = (level.to ?? 0) - level.from;
  const progress = span <= 0 ? 1 : Math.min(1, Math.max(0, (tier.progress - level.from) / span));
  if (next === null) return { units, rewards, tier: { name, progress, next } };
  const missing = missingFor(qualifiesBy, { missing: next.missing, units, ...reader });
  const missingOrders = qualifiesBy.kind === 'orders' ? next.missing : null;
  return { units, rewards, tier: { name, progress, next: { name: next.name, missing, missingOrders } } };
}

/** What is missing to the next tier, unless it is a number of orders. */
function missingFor(
  qualifiesBy: NonNullable<MemberStandingPage['tier']>['qualifiesBy'],
  { missing, units, locale, currency }: Pick<MemberStandingPage, 'units'> & Reader & { missing: number },
): string | null {
  if (qualifiesBy.kind === 'orders') return null;
  if (qualifiesBy.kind === 'spend') return formatMinor({ minor: missing, currency, locale });
  const unit = units.find((candidate) => candidate.unit === qualifiesBy.unit);
  return countedIn(languageOfTag(locale) ?? 'en', missing, unit ?? { kind: 'point', label: qualifiesBy.unit });
}
