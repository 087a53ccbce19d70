/** Whether a rule looks at a sale, and at which of its lines: one condition after the other, as the merchant reads them. */
import type { OrderFacts } from '#app/domain/earning/facts.ts';
import type { Campaign, Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { LineLeft } from '#test/support/oracle/money-left.ts';
import type { LifeLine, LifeOrder } from '#test/support/oracle/life.ts';
import { dayText, instantOf, wallText, weekdayOf } from '#test/support/oracle/wall-clock.ts';

/** How the member stood when the sale was made. */
export type Stood = { tierId: string | null; isFirstOrder: boolean };

/** The conditions about the member and the time; all there is to ask about an occasion that is not a sale. */
export function personAndTimeMatch(
  conditions: Conditions,
  { at, facts, tierId }: { at: number; facts: OrderFacts; tierId: string | null },
): boolean {
  if (!timeMatches(conditions, at, facts.timeZone)) return false;
  if (conditions.memberTags && !sharesText(conditions.memberTags, facts.memberTags)) return false;
  if (conditions.excludedMemberTags && sharesText(conditions.excludedMemberTags, facts.memberTags)) return false;
  if (conditions.segmentIds && !sharesText(conditions.segmentIds, facts.segmentIds)) return false;
  return !conditions.tierIds || isNamed(conditions.tierIds, tierId);
}

function timeMatches(conditions: Conditions, at: number, timeZone: string): boolean {
  if (conditions.weekdays && !conditions.weekdays.includes(weekdayOf(dayText(at, timeZone)))) return false;
  if (!conditions.hours) return true;
  const time = wallText(at, timeZone).slice(11);
  for (const { from, to } of conditions.hours) if (time >= from && time < to) return true;
  return false;
}

export function orderMatches(conditions: Conditions, order: LifeOrder, stood: Stood): boolean {
  const person = { at: order.soldAt, facts: order.facts, tierId: stood.tierId };
  return personAndTimeMatch(conditions, person) && saleMatches(conditions, order, stood);
}

function saleMatches(conditions: Conditions, order: LifeOrder, stood: Stood): boolean {
  const shoppersCurrency = order.shopperPrices?.currency ?? order.shopPrices.currency;
  if (conditions.channels && !conditions.channels.includes(order.channel)) return false;
  if (conditions.locationIds && !isNamed(conditions.locationIds, order.locationId)) return false;
  if (conditions.marketIds && !isNamed(conditions.marketIds, order.facts.marketId)) return false;
  if (conditions.currencies && !conditions.currencies.includes(shoppersCurrency)) return false;
  return !conditions.firstOrder || stood.isFirstOrder;
}

/** Tips and gift cards never earn, and a line of which nothing or no money is left is not there. */
export function lineMatches(conditions: Conditions, left: LineLeft, facts: OrderFacts): boolean {
  const { line } = left;
  if (line.kind !== 'goods') return false;
  if (left.quantity === 0 || left.goods + left.tax === 0) return false;
  const names = namesOf(line, facts);
  return isIncluded(conditions, names) && !isExcluded(conditions, names);
}

/** What there is to ask about a line; lists, because a product can be in several collections and have several tags. */
type Names = {
  product: string[];
  variant: string[];
  collections: string[];
  tags: string[];
  vendor: string[];
  type: string[];
};

function namesOf(line: LifeLine, facts: OrderFacts): Names {
  const product = line.productId === null ? undefined : facts.products[line.productId];
  const listed = (name: string | null | undefined) => (name === null || name === undefined ? [] : [name]);
  return {
    product: listed(line.productId),
    variant: listed(line.variantId),
    collections: product === undefined ? [] : product.collectionIds,
    tags: product === undefined ? [] : product.tags,
    vendor: listed(line.vendor),
    type: listed(product?.productType),
  };
}

function isIncluded(conditions: Conditions, names: Names): boolean {
  if (conditions.productIds && !sharesText(conditions.productIds, names.product)) return false;
  if (conditions.variantIds && !sharesText(conditions.variantIds, names.variant)) return false;
  if (conditions.collectionIds && !sharesText(conditions.collectionIds, names.collections)) return false;
  if (conditions.productTags && !sharesText(conditions.productTags, names.tags)) return false;
  if (conditions.vendors && !sharesText(conditions.vendors, names.vendor)) return false;
  return !conditions.productTypes || sharesText(conditions.productTypes, names.type);
}

function isExcluded(conditions: Conditions, names: Names): boolean {
  return (
    sharesText(conditions.excludedProductIds ?? [], names.product) ||
    sharesText(conditions.excludedVariantIds ?? [], names.variant) ||
    sharesText(conditions.excludedCollectionIds ?? [], names.collections) ||
    sharesText(conditions.excludedProductTags ?? [], names.tags) ||
    sharesText(conditions.excludedVendors ?? [], names.vendor) ||
    sharesText(conditions.excludedProductTypes ?? [], names.type)
  );
}

/** Shipping belongs to no product: a rule that names some does not look at it. */
export function looksAtShipping(conditions: Conditions): boolean {
  if (conditions.productIds || conditions.variantIds || conditions.collectionIds) return false;
  return !(conditions.productTags || conditions.vendors || conditions.productTypes);
}

/** Half-open on the shop's wall clock. */
export function isInCampaign(campaign: Campaign, rule: EarnRule, sale: { at: number; timeZone: string }): boolean {
  if (campaign.ruleIds && !campaign.ruleIds.includes(rule.id)) return false;
  return sale.at >= instantOf(campaign.from, sale.timeZone) && sale.at < instantOf(campaign.to, sale.timeZone);
}

function isNamed(names: readonly string[], name: string | null): boolean {
  return name !== null && names.includes(name);
}

/** Without regard to case. */
function sharesText(wanted: readonly string[], given: readonly string[]): boolean {
  for (const one of wanted) for (const other of given) if (one.toLowerCase() === other.toLowerCase()) return true;
  return false;
}
