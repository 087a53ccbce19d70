/**
 * What a member's card says, before either wallet's format. Apple and Google passes are both drawn from this, so
 * the two can never disagree. Two equal contents look the same on the phone: a version only rises when this changes.
 *
 * It does not seal, sign or send anything, and it holds no secret: the barcode is identity only.
 */
import {
  type BalanceInput,
  balancesOf,
  type CardBalances,
  noBalances,
  type ReadyReward,
  type StampCard,
} from '#app/domain/cards/card-balances.ts';
import type { CardDesign, PrivacyMode } from '#app/domain/cards/card-design.ts';
import { formatChange, formatDay, formatWhole, knownLocale, phrasesFor } from '#app/domain/cards/card-phrases.ts';
import { cleanText, isolated, lineOfText } from '#app/domain/cards/card-text.ts';
import { designTexts, type FieldText, type LinkText } from '#app/domain/cards/card-texts.ts';
import { largeTextContrastMin, readableColor, textContrastMin } from '#app/domain/cards/color.ts';
import { languageOfTag } from '#app/domain/members/languages.ts';
import { formatMinor } from '#app/domain/money.ts';
import type { Tiers } from '#app/domain/programs/program.ts';
import { countedIn, unitWord } from '#app/domain/programs/unit-words.ts';

/** What expires next, and the last day (YYYY-MM-DD) of the shop's calendar on which it is good. */
export type Expiring = { unit: string; amount: number; lastDay: string };

/** A member's standing. `missing` counts what the program's tiers qualify by; money is in minor units of `currency`. */
export type TierStanding = {
  name: string | null;
  next: { name: string; missing: number } | null;
  qualifiesBy: Tiers['qualifiesBy'];
  currency: string;
};

/** One ledger entry, and the day (YYYY-MM-DD) of the shop's calendar on which it happened. */
export type CardEntry = { unit: string; amount: number; occurredAt: Date; day: string };

/** A message of the shop that the card shows for a while. */
export type CardNews = { text: string; at: Date };

export type PassInput = BalanceInput & {
  programName: string;
  design: CardDesign;
  /** Rises with every design a card is given; absent before the first is published. */
  designNumber?: number;
  /** What is about to expire, if anything is. */
  expiringNext?: Expiring | null;
  /** Null or absent where the program has no tiers. */
  tier?: TierStanding | null;
  /** Newest first. */
  activity?: CardEntry[];
  news?: CardNews | null;
  memberName: string | null;
  /** The member's own page: card and activity. */
  cardUrl: string;
  /** Where the member says what they agree to; null or absent shows no link. */
  preferencesUrl?: string | null;
  /** What the till scans; see `card-code.ts`. */
  barcodeValue: string;
  /** A void card is greyed out and shows no balance and no name. */
  isVoid: boolean;
  /** A frozen card is greyed out and says so; what is on it stays. Absent means it is not. */
  isFrozen?: boolean;
  /** What changed is nothing to wake anybody for. Absent means it is. */
  isQuiet?: boolean;
  /** Names the system that made the card, where it is not the real one. Null or absent: it is. */
  systemMark?: string | null;
};

/** Where the card comes up on the lock screen. */
export type PassPlace = { latitude: number; longitude: number; relevantText: string };

/** When the card comes up on the lock screen, as ISO 8601 in UTC. */
export type PassPeriod = { startsAt: string; endsAt: string };

export type PassContent = CardBalances & {
  locale: string;
  organizationName: string;
  programName: string;
  description: string;
  logoText: string;
  /** `#rrggbb` each. Text that could not be read on the background is drawn black or white instead. */
  colors: { background: string; foreground: string; label: string };
  expiringNext: (Expiring & { label: string }) | null;
  /** `name` is null below the first tier; `distance` says what is missing to the next, in words. */
  tier: { name: string | null; next: { name: string; distance: string } | null } | null;
  /** The last entries as lines of text, newest first. */
  activity: string[];
  news: { text: string; at: string } | null;
  /**
   * The one text that is announced. It changes whenever a balance, a ready reward, the tier, what expires, the news, the
   * name or the design does, so that each of these is told, and told once.
   */
  announcement: string;
  /** As much of the name as the design's privacy allows. */
  memberName: string | null;
  fields: FieldText[];
  links: LinkText[];
  places: PassPlace[];
  relevantDates: PassPeriod[];
  barcodeValue: string;
  cardUrl: string;
  preferencesUrl: string | null;
  terms: string;
  poster: CardDesign['poster'];
  isVoid: boolean;
  /** Of a card that is not void: nothing can be collected or redeemed by it until it is unfrozen. */
  isFrozen: boolean;
  /** Only there when the announcement is shown without being announced. */
  isQuiet?: true;
  /** Only there on a card that a test system made, and shown on its front in both wallets: nobody takes it for a real one. */
  systemMark?: string;
};

const activityMax = 5;
const nameMax = 60;
const relevantDatesMax = 10;

/** Builds the card's content. Same input, same content; a unit without a balance counts as zero. */
export function buildPassContent(input: PassInput): PassContent {
  const { design, isVoid, locale, isFrozen = false } = input;
  const isUsable = !isVoid && !isFrozen;
  const organizationName = cleanText(design.organizationName);
  const standing = standingOf(input);
  return {
    locale,
    organizationName,
    programName: cleanText(input.programName),
    description: phrasesFor(locale).card(organizationName),
    colors: readableColors(design),
    ...standing,
    announcement: announcementOf(standing, input),
    ...designTexts(design, locale),
    places: isUsable ? placesOf(design) : [],
    relevantDates: isUsable ? relevantDatesOf(design) : [],
    barcodeValue: input.barcodeValue,
    cardUrl: input.cardUrl,
    preferencesUrl: isVoid ? null : (input.preferencesUrl ?? null),
    poster: design.poster,
    isVoid,
    isFrozen: isFrozen && !isVoid,
    ...(input.isQuiet === true ? { isQuiet: true as const } : {}),
    ...(input.systemMark == null ? {} : { systemMark: input.systemMark }),
  };
}

type Standing = CardBalances & Pick<PassContent, 'expiringNext' | 'tier' | 'activity' | 'news' | 'memberName'>;

/** Everything that is about the person: a void card has none of it. */
function standingOf(input: PassInput): Standing {
  if (input.isVoid)
    return { ...noBalances, expiringNext: null, tier: null, activity: [], news: null, memberName: null };
  return {
    ...balancesOf(input),
    expiringNext: expiringOf(input),
    tier: tierOf(input),
    activity: activityOf(input),
    news: newsOf(input),
    memberName: shownName(input.memberName, input.design.privacy),
  };
}

function readableColors(design: CardDesign): PassContent['colors'] {
  const background = design.backgroundColor;
  return {
    background,
    foreground: readableColor(design.foregroundColor, background, textContrastMin),
    label: readableColor(design.labelColor, background, largeTextContrastMin),
  };
}

/** As much of a name as a card shows; null when that is nothing. */
export function shownName(name: string | null, privacy: PrivacyMode): string | null {
  if (name === null || privacy === 'opaque') return null;
  const whole = lineOfText(name, nameMax);
  const shown = privacy === 'first-name' ? (whole.split(' ')[0] ?? '') : whole;
  return shown === '' ? null : shown;
}

function expiringOf({ units, expiringNext = null, locale }: PassInput): PassContent['expiringNext'] {
  if (expiringNext === null || units.every(({ id }) => id !== expiringNext.unit)) return null;
  return { ...expiringNext, label: wordsIn({ units, locale })(expiringNext.amount, expiringNext.unit) };
}

function tierOf({ tier = null, units, locale }: PassInput): PassContent['tier'] {
  if (tier === null) return null;
  const { name, next, qualifiesBy, currency } = tier;
  const shown = name === null ? null : cleanText(name);
  if (next === null) return { name: shown, next: null };
  const count = formatWhole(next.missing, locale);
  const wordFor = wordsIn({ units, locale });
  const distances = {
    spend: () => formatMinor({ minor: next.missing, currency, locale: knownLocale(locale) }),
    orders: () => phrasesFor(locale).orders(count, next.missing === 1),
    unit: () => `${count} ${isolated(wordFor(next.missing, qualifiesBy.kind === 'unit' ? qualifiesBy.unit : ''))}`,
  };
  return { name: shown, next: { name: cleanText(next.name), distance: distances[qualifiesBy.kind]() } };
}

function activityOf({ activity = [], units, locale }: PassInput): string[] {
  const wordFor = wordsIn({ units, locale });
  return activity.slice(0, activityMax).map(({ day, amount, unit }) => {
    const change = formatChange(amount, locale);
    return `${formatDay(day, locale)}: ${change} ${isolated(wordFor(amount, unit))}`;
  });
}

/** `point` or `points`, in the member's language: what so many of a unit are called. */
function wordsIn({ units, locale }: Pick<PassInput, 'units' | 'locale'>): (amount: number, unitId: string) => string {
  return (amount, unitId) => {
    const unit = units.find(({ id }) => id === unitId);
    return cleanText(unit ? unitWord(languageOfTag(locale) ?? 'en', amount, unit) : unitId);
  };
}

function newsOf({ news = null }: PassInput): PassContent['news'] {
  const text = news === null ? '' : cleanText(news.text);
  return news === null || text === '' ? null : { text, at: news.at.toISOString() };
}

function placesOf({ places, organizationName }: CardDesign): PassPlace[] {
  return places.map(({ latitude, longitude, relevantText }) => ({
    latitude,
    longitude,
    relevantText: cleanText(relevantText) || cleanText(organizationName),
  }));
}

/** All places share the card's list: the first ten to begin. */
function relevantDatesOf({ places }: CardDesign): PassPeriod[] {
  const periods = places
    .flatMap(({ relevantDates }) => relevantDates)
    .map(({ startsAt, endsAt }) => ({
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(endsAt).toISOString(),
    }));
  const different = new Map(periods.map((period) => [`${period.startsAt}/${period.endsAt}`, period]));
  return [...different.keys()]
    .toSorted()
    .flatMap((key) => different.get(key) ?? [])
    .slice(0, relevantDatesMax);
}

/** News come first until something is booked after them; a notice shows its beginning. */
function announcementOf(standing: Standing, input: PassInput): string {
  const phrases = phrasesFor(input.locale);
  if (input.isVoid) return phrases.noLongerValid;
  if (input.isFrozen === true) return phrases.frozen;
  const said = standingWords(standing, input).join(' · ');
  if (standing.news === null) return said;
  const latest = input.activity?.[0]?.occurredAt;
  const isNewest = latest === undefined || Date.parse(standing.news.at) >= latest.getTime();
  return (isNewest ? [standing.news.text, said] : [said, standing.news.text]).filter((text) => text !== '').join('\n');
}

function standingWords(
  { stamps, points, readyRewards, tier, expiringNext, memberName }: Standing,
  { locale, designNumber = 1 }: PassInput,
): string[] {
  const phrases = phrasesFor(locale);
  const [ready] = readyRewards;
  return [
    ...(stamps ? [`${isolated(stamps.label)}: ${stampText(stamps)}`] : []),
    ...points.map(({ label, available }) => `${isolated(label)}: ${formatWhole(available, locale)}`),
    ...(ready ? [phrases.rewardReady(countedName(ready))] : []),
    ...(tier?.name == null ? [] : [isolated(tier.name)]),
    ...(expiringNext === null ? [] : [expiringText(expiringNext, locale)]),
    ...(designNumber > 1 ? [phrases.edition(formatWhole(designNumber, locale))] : []),
    ...(memberName === null ? [] : [isolated(memberName)]),
  ];
}

/** `120 points, good through 19 March 2027`. */
export function expiringText({ amount, label, lastDay }: Expiring & { label: string }, locale: string): string {
  return phrasesFor(locale).goodThrough(
    `${formatWhole(amount, locale)} ${isolated(label)}`,
    formatDay(lastDay, locale),
  );
}

/** `Free coffee · 6 stamps to go`: what is next, and how far away it is. */
export function nextRewardText(next: NonNullable<PassContent['nextReward']>, locale: string): string {
  const unit = { kind: next.unitKind, label: isolated(next.unitLabel) };
  const missing = countedIn(languageOfTag(locale) ?? 'en', next.remaining, unit);
  return `${isolated(next.name)} · ${phrasesFor(locale).toGo(missing)}`;
}

/** `4 / 10`: short enough for a card's corner, and the same in every language. */
export function stampText(stamps: StampCard): string {
  return `${stamps.collected} / ${stamps.needed}`;
}

/** `Free coffee`, or `2 × Free coffee` when there is more than one. */
export function countedName(reward: ReadyReward): string {
  return reward.count > 1 ? `${reward.count} × ${isolated(reward.name)}` : isolated(reward.name);
}
