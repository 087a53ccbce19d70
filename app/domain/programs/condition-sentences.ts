/** What a rule looks at and how much it gives at most, as the ends of a plain English sentence. */
import { formatMinor } from '#app/domain/money.ts';
import type { Caps, Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { Multiplier } from '#app/domain/programs/program-terms.ts';

const locale = 'en';

export const weekdayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
export const channelNames = {
  online: 'online',
  pos: 'at the till',
  draft: 'by draft order',
  api: 'through the API',
} as const;

/** What the ends of sentences must know beside the rule: the shop's currency, and the names of its tiers. */
export type Wording = { currency: string; tierNames: ReadonlyMap<string, string> };

/** `1 day`, `3 days`. */
export function counted(amount: number, one: string, many: string): string {
  return `${new Intl.NumberFormat(locale).format(amount)} ${amount === 1 ? one : many}`;
}

/** `a`, `a or b`, `a, b or c`. */
export function listed(words: readonly string[], last: 'and' | 'or'): string {
  const [head, tail] = [words.slice(0, -1), words.at(-1) ?? ''];
  return head.length === 0 ? tail : `${head.join(', ')} ${last} ${tail}`;
}

/** `24 Dec 2026, 18:00` of a time on the shop's wall clock. */
export function describeWallTime(wallTime: string): string {
  const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });
  const at = new Date(`${wallTime}:00Z`);
  return Number.isNaN(at.getTime()) ? wallTime : `${day.format(at)}, ${wallTime.slice(11)}`;
}

/** `1.5`, or `4/3` where the decimal would never end. */
export function writeMultiplier({ times, over }: Multiplier): string {
  const thousandths = times * 1_000;
  if (over === 0 || thousandths % over !== 0) return `${times}/${over}`;
  const digits = String(thousandths / over).padStart(4, '0');
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`.replace(/\.?0+$/, '');
}

const quoted = (words: readonly string[]) =>
  listed(
    words.map((word) => `“${word}”`),
    'or',
  );

const subjects = [
  ['productIds', (ids: string[]) => counted(ids.length, 'chosen product', 'chosen products')],
  ['variantIds', (ids: string[]) => counted(ids.length, 'chosen variant', 'chosen variants')],
  ['collectionIds', (ids: string[]) => counted(ids.length, 'collection', 'collections')],
  ['productTags', (tags: string[]) => `products tagged ${quoted(tags)}`],
  ['vendors', (names: string[]) => `the vendor ${quoted(names)}`],
  ['productTypes', (names: string[]) => `the type ${quoted(names)}`],
] as const;

const exclusions = [
  ['excludedProductIds', (ids: string[]) => counted(ids.length, 'product', 'products')],
  ['excludedVariantIds', (ids: string[]) => counted(ids.length, 'variant', 'variants')],
  ['excludedCollectionIds', (ids: string[]) => counted(ids.length, 'collection', 'collections')],
  ['excludedProductTags', (tags: string[]) => `products tagged ${quoted(tags)}`],
  ['excludedVendors', (names: string[]) => `the vendor ${quoted(names)}`],
  ['excludedProductTypes', (names: string[]) => `the type ${quoted(names)}`],
] as const;

function namedBy(
  parts: readonly (readonly [keyof Conditions, (values: string[]) => string])[],
  conditions: Conditions,
): string[] {
  return parts.flatMap(([key, describe]) => {
    const values = conditions[key];
    return Array.isArray(values) ? [describe(values.map(String))] : [];
  });
}

/** What counts, such as `3 chosen products and the vendor “Acme”`; null when everything does. */
export function describeSubject(conditions: Conditions): string | null {
  const parts = namedBy(subjects, conditions);
  return parts.length === 0 ? null : listed(parts, 'and');
}

function describePlace({ channels, locationIds, marketIds, currencies }: Conditions): string[] {
  const parts: string[] = [];
  if (channels)
    parts.push(
      `only ${listed(
        channels.map((channel) => channelNames[channel]),
        'or',
      )}`,
    );
  if (locationIds) parts.push(`at ${counted(locationIds.length, 'location', 'locations')}`);
  if (marketIds) parts.push(`in ${counted(marketIds.length, 'market', 'markets')}`);
  if (currencies) parts.push(`paid in ${listed(currencies, 'or')}`);
  return parts;
}

function describeTime({ weekdays, hours }: Conditions): string[] {
  const parts: string[] = [];
  const days = weekdays?.map((day) => `${weekdayNames[day - 1] ?? day}s`);
  if (days) parts.push(`on ${listed(days, 'or')}`);
  if (hours)
    parts.push(
      `between ${listed(
        hours.map(({ from, to }) => `${from} and ${to}`),
        'or',
      )}`,
    );
  return parts;
}

function describeMember(conditions: Conditions, { tierNames }: Wording): string[] {
  const { memberTags, excludedMemberTags, segmentIds, tierIds, firstOrder } = conditions;
  const parts: string[] = [];
  if (memberTags) parts.push(`for members tagged ${quoted(memberTags)}`);
  if (excludedMemberTags) parts.push(`not for members tagged ${quoted(excludedMemberTags)}`);
  if (segmentIds) parts.push(`for members in ${counted(segmentIds.length, 'segment', 'segments')}`);
  if (tierIds)
    parts.push(
      `for members with ${listed(
        tierIds.map((tierId) => tierNames.get(tierId) ?? tierId),
        'or',
      )}`,
    );
  if (firstOrder) parts.push('on the first order only');
  return parts;
}

/** All of a rule's conditions but what it counts, each as an end of the sentence: `, only online, on Mondays`. */
export function describeCircumstances(conditions: Conditions, wording: Wording): string {
  const without = namedBy(exclusions, conditions);
  const { minimumMinor } = conditions;
  const parts = [
    ...(without.length > 0 ? [`except ${listed(without, 'and')}`] : []),
    ...describePlace(conditions),
    ...describeTime(conditions),
    ...describeMember(conditions, wording),
    ...(minimumMinor === undefined
      ? []
      : [`from ${formatMinor({ minor: minimumMinor, currency: wording.currency, locale })} on`]),
  ];
  return parts.map((part) => `, ${part}`).join('');
}

/** `, at most 50 an order and 100 a day, again after 24 hours`; empty when there is no limit. */
export function describeLimits({ caps, coolDownHours }: Pick<EarnRule, 'caps' | 'coolDownHours'>): string {
  const most = describeCaps(caps ?? {});
  const pause = coolDownHours === undefined ? '' : `, again after ${counted(coolDownHours, 'hour', 'hours')}`;
  return `${most === '' ? '' : `, at most ${most}`}${pause}`;
}

function describeCaps({ perOrder, perDay, perMember }: Caps): string {
  const number = new Intl.NumberFormat(locale);
  const parts = [
    ...(perOrder === undefined ? [] : [`${number.format(perOrder)} an order`]),
    ...(perDay === undefined ? [] : [`${number.format(perDay)} a day`]),
    ...(perMember === undefined ? [] : [`${number.format(perMember)} for each member`]),
  ];
  return listed(parts, 'and');
}
