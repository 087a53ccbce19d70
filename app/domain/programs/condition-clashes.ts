/**
 * Conditions that contradict themselves or each other. What is said here is certain from the document alone; whether two
 * tags or collections share a product is not, so of those only the same name counts as the same goods.
 */
import type { Conditions } from '#app/domain/programs/earn-rules.ts';

type Listed = Exclude<keyof Conditions, 'firstOrder' | 'minimumMinor' | 'hours'>;

/** What is listed in, what is listed out, and what a merchant calls it. */
const opposites = [
  ['productIds', 'excludedProductIds', 'product'],
  ['variantIds', 'excludedVariantIds', 'variant'],
  ['collectionIds', 'excludedCollectionIds', 'collection'],
  ['productTags', 'excludedProductTags', 'product tag'],
  ['vendors', 'excludedVendors', 'vendor'],
  ['productTypes', 'excludedProductTypes', 'product type'],
  ['memberTags', 'excludedMemberTags', 'member tag'],
] as const satisfies readonly (readonly [Listed, Listed, string])[];

/** A sale has one of each at most, so two lists that share none never match together. */
const exclusive = ['channels', 'locationIds', 'weekdays', 'marketIds', 'currencies', 'tierIds'] as const;

/** Where every value that is asked for is also left out, so that nothing can match. */
export function selfContradictions(conditions: Conditions): { key: Listed; subject: string }[] {
  return opposites.flatMap(([include, exclude, subject]) =>
    isCovered(conditions[include], conditions[exclude]) ? [{ key: exclude, subject }] : [],
  );
}

/** Whether no line of any sale can be one that both look at. */
export function areApart(one: Conditions, two: Conditions): boolean {
  if (exclusive.some((key) => sharesNone(one[key], two[key]))) return true;
  if (
    opposites.some(
      ([include, exclude]) => isCovered(one[include], two[exclude]) || isCovered(two[include], one[exclude]),
    )
  )
    return true;
  if (opposites.some(([include]) => include !== 'memberTags' && sharesNone(one[include], two[include]))) return true;
  return (
    one.hours !== undefined && two.hours !== undefined && !one.hours.some((hours) => meetsAny(hours, two.hours ?? []))
  );
}

type Values = readonly (string | number)[] | undefined;

const normal = (value: string | number) => String(value).toLowerCase();

function isCovered(wanted: Values, left: Values): boolean {
  if (wanted === undefined || left === undefined) return false;
  const out = new Set(left.map(normal));
  return wanted.every((value) => out.has(normal(value)));
}

function sharesNone(one: Values, two: Values): boolean {
  if (one === undefined || two === undefined) return false;
  const first = new Set(one.map(normal));
  return !two.some((value) => first.has(normal(value)));
}

type Hours = { from: string; to: string };

function meetsAny(hours: Hours, others: readonly Hours[]): boolean {
  return others.some((other) => hours.from < other.to && other.from < hours.to);
}

/**
 * Whether a stretch of the wall clock, half-open and written like 2026-12-24T18:00, has a moment on these weekdays and at
 * these hours.
 */
export function hasMoment({ from, to }: Hours, { weekdays, hours }: Conditions): boolean {
  const firstDay = from.slice(0, 10);
  const lastDay = to.slice(0, 10);
  const firstMs = Date.parse(`${firstDay}T00:00:00Z`);
  // After a week and a day every weekday has come with all its hours.
  for (let offset = 0; offset <= 8; offset += 1) {
    const date = new Date(firstMs + offset * 86_400_000);
    const day = date.toISOString().slice(0, 10);
    if (day > lastDay) return false;
    const weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay();
    const open = { from: day === firstDay ? from.slice(11) : '00:00', to: day === lastDay ? to.slice(11) : '24:00' };
    const isDay = weekdays === undefined || weekdays.includes(weekday);
    if (isDay && meetsAny(open, hours ?? [{ from: '00:00', to: '24:00' }])) return true;
  }
  return false;
}
