/**
 * Which sales, lines and members a rule is for. Lists of one kind mean any of them; conditions of different kinds must
 * all hold. Names that people write (tags, vendors, types) are compared without regard to case.
 */
import { type WallClock, wallClockOf } from '#app/domain/calendar.ts';
import type { MemberStanding, OrderFacts, ProductFacts } from '#app/domain/earning/facts.ts';
import type { OrderLine, OrderSnapshot } from '#app/domain/orders/order.ts';
import type { StandingLine } from '#app/domain/orders/standing.ts';
import type { Conditions } from '#app/domain/programs/earn-rules.ts';

/** Who buys, and when; what an order and any other occasion have in common. The time is read only if somebody asks. */
export type Occasion = { at: () => Date; facts: OrderFacts; standing: MemberStanding };

/** Whether an order as a whole is one that the rule is for. */
export function matchesOrder(conditions: Conditions, basis: OrderSnapshot, occasion: Occasion): boolean {
  const { marketId } = occasion.facts;
  return (
    isAmong(conditions.channels, basis.channel) &&
    isAmong(conditions.locationIds, basis.locationId) &&
    isAmong(conditions.marketIds, marketId) &&
    isAmong(conditions.currencies, basis.presentment?.currency ?? basis.currency) &&
    (conditions.firstOrder === undefined || occasion.standing.isFirstOrder) &&
    matchesOccasion(conditions, occasion)
  );
}

/** Whether the member and the time are ones that the rule is for: all that can be asked when there is no order. */
export function matchesOccasion(conditions: Conditions, { at, facts, standing }: Occasion): boolean {
  return (
    isAmong(conditions.tierIds, standing.tierId) &&
    isAnyAmong(conditions.segmentIds, facts.segmentIds) &&
    isAnyNamed(conditions.memberTags, facts.memberTags) &&
    (conditions.excludedMemberTags === undefined || !isAnyNamed(conditions.excludedMemberTags, facts.memberTags)) &&
    matchesTime(conditions, at, facts.timeZone)
  );
}

/** Tips and gift cards never earn, and a line without any money left (a free coffee, a return) is not there. */
export function matchesLine(conditions: Conditions, standingLine: StandingLine, facts: OrderFacts): boolean {
  const { line, baseMinor, taxMinor, quantity } = standingLine;
  if (line.isGiftCard || line.isTip || quantity === 0 || baseMinor + taxMinor === 0) return false;
  for (const { wanted, isWanted, matches } of askedOf(conditions).lines)
    if (matches(wanted, line, facts) !== isWanted) return false;
  return true;
}

/** Whether the rule is for named goods only. Shipping belongs to no goods, so such a rule leaves it out. */
export function isForNamedGoods(conditions: Conditions): boolean {
  return askedOf(conditions).isForNamedGoods;
}

/** What a rule asks of lines: only what it does ask, as most rules ask nothing of the kind. */
type Asked = { lines: { wanted: readonly string[]; isWanted: boolean; matches: LineTest }[]; isForNamedGoods: boolean };

const asked = new WeakMap<Conditions, Asked>();

function askedOf(conditions: Conditions): Asked {
  const known = asked.get(conditions);
  if (known !== undefined) return known;
  const lines = tests.flatMap(([include, exclude, matches]) => [
    { wanted: conditions[include], isWanted: true, matches },
    { wanted: conditions[exclude], isWanted: false, matches },
  ]);
  const fresh: Asked = {
    lines: lines.flatMap(({ wanted, ...test }) => (wanted === undefined ? [] : [{ wanted, ...test }])),
    isForNamedGoods: tests.some(([include]) => conditions[include] !== undefined),
  };
  asked.set(conditions, fresh);
  return fresh;
}

type LineTest = (wanted: readonly string[], line: OrderLine, facts: OrderFacts) => boolean;

const isInCollection: LineTest = (wanted, line, facts) =>
  isAnyAmong(wanted, productOf(line, facts)?.collectionIds ?? []);
const isTagged: LineTest = (wanted, line, facts) => isAnyNamed(wanted, productOf(line, facts)?.tags ?? []);
const isOfType: LineTest = (wanted, line, facts) => isNamed(wanted, productOf(line, facts)?.productType ?? null);

const tests = [
  ['productIds', 'excludedProductIds', (wanted, line) => isAmong(wanted, line.productId)],
  ['variantIds', 'excludedVariantIds', (wanted, line) => isAmong(wanted, line.variantId)],
  ['collectionIds', 'excludedCollectionIds', (wanted, line, facts) => isInCollection(wanted, line, facts)],
  ['productTags', 'excludedProductTags', (wanted, line, facts) => isTagged(wanted, line, facts)],
  ['vendors', 'excludedVendors', (wanted, line) => isNamed(wanted, line.vendor)],
  ['productTypes', 'excludedProductTypes', (wanted, line, facts) => isOfType(wanted, line, facts)],
] as const satisfies readonly (readonly [keyof Conditions, keyof Conditions, LineTest])[];

function productOf(line: OrderLine, facts: OrderFacts): ProductFacts | undefined {
  return line.productId === null ? undefined : facts.products[line.productId];
}

function matchesTime(conditions: Conditions, at: () => Date, timeZone: string): boolean {
  const { weekdays, hours } = conditions;
  // Most rules do not ask, and reading a wall clock is slow.
  if (weekdays === undefined && hours === undefined) return true;
  const clock = wallClockOf(at(), timeZone);
  return isAmong(weekdays, clock.weekday) && (hours === undefined || hours.some((range) => isWithin(range, clock)));
}

function isWithin(range: { from: string; to: string }, { time }: WallClock): boolean {
  return range.from <= time && time < range.to;
}

// A document's lists never change, and may be long: each is turned into a set once.
const sets = new WeakMap<readonly unknown[], ReadonlySet<unknown>>();
const nameSets = new WeakMap<readonly string[], ReadonlySet<string>>();

function isAmong<Value>(wanted: readonly Value[] | undefined, value: Value | null): boolean {
  return wanted === undefined || (value !== null && setOf(wanted).has(value));
}

function isAnyAmong(wanted: readonly string[] | undefined, values: readonly string[]): boolean {
  if (wanted === undefined) return true;
  const set = setOf(wanted);
  return values.some((value) => set.has(value));
}

function isNamed(wanted: readonly string[], name: string | null): boolean {
  return name !== null && nameSetOf(wanted).has(name.toLowerCase());
}

function isAnyNamed(wanted: readonly string[] | undefined, names: readonly string[]): boolean {
  return wanted === undefined || names.some((name) => isNamed(wanted, name));
}

function setOf(values: readonly unknown[]): ReadonlySet<unknown> {
  const known = sets.get(values);
  if (known !== undefined) return known;
  const set = new Set(values);
  sets.set(values, set);
  return set;
}

function nameSetOf(names: readonly string[]): ReadonlySet<string> {
  const known = nameSets.get(names);
  if (known !== undefined) return known;
  const set = new Set(names.map((name) => name.toLowerCase()));
  nameSets.set(names, set);
  return set;
}
