/**
 * An order made up for an example, so that a merchant sees what a draft gives before anybody buys. It meets the conditions
 * it is asked to meet; what it earns is for `settle` to say.
 */
import { currencyExponent } from '#app/domain/money.ts';
import { plainFacts, type MemberStanding, newcomer, type OrderFacts } from '#app/domain/earning/facts.ts';
import type { Channel, OrderLine, OrderSnapshot, OrderState } from '#app/domain/orders/order.ts';
import type { Conditions } from '#app/domain/programs/earn-rules.ts';

/** What `settle` takes beside the document. */
export type Sample = { order: OrderState; facts: OrderFacts; standing: MemberStanding };

export type SampleWish = {
  currency: string;
  /** Paid for goods in all, in minor units. */
  amountMinor: number;
  items: number;
  /** The goods, the place and the member meet these; `{}` asks for nothing. */
  conditions: Conditions;
  /** On the shop's wall clock, such as 2026-12-24T18:00. */
  wallTime: string;
  channel?: Channel;
  standing?: Partial<MemberStanding>;
};

/** Examples live on a clock without zones: a wall time of the shop is taken as it reads. */
const sampleTimeZone = 'UTC';

/** The instant of an example's wall time. */
export function sampleInstant(wallTime: string): Date {
  return new Date(`${wallTime}:00Z`);
}

/** The first time from `today` (2026-11-21) on at which conditions allow: noon, unless hours are named. */
export function sampleTime({ weekdays, hours }: Conditions, today: string): string {
  const time = hours?.[0]?.from ?? '12:00';
  const start = Date.parse(`${today}T00:00:00Z`);
  const days = Array.from({ length: 7 }, (_, index) => new Date(start + index * 86_400_000));
  const day = days.find((date) => weekdays?.includes(date.getUTCDay() === 0 ? 7 : date.getUTCDay()) ?? true);
  return `${(day ?? new Date(start)).toISOString().slice(0, 10)}T${time}`;
}

/** A sum that shows what rounding does: 59.90, ¥5,990 or 59.900. Larger where a rule only begins above it. */
export function sampleAmount(currency: string, atLeastMinor = 0): number {
  let amountMinor = currencyExponent(currency) === 3 ? 59_900 : 5_990;
  while (amountMinor < atLeastMinor) amountMinor *= 10;
  return amountMinor;
}

const productId = '1';

/** The first of a list that a condition asks for. */
function oneOf<Value>(values: readonly Value[] | undefined): Value | null {
  return values?.[0] ?? null;
}

/** The same as a list of one. */
function someOf<Value>(values: readonly Value[] | undefined): Value[] {
  return values?.slice(0, 1) ?? [];
}

/** A paid order with one line, by a member who is new unless the wish says otherwise. */
export function sampleOrder(wish: SampleWish): Sample {
  const { conditions, currency } = wish;
  const line = sampleLine(wish);
  const facts: OrderFacts = {
    ...plainFacts(sampleTimeZone),
    products: {
      [line.productId]: {
        collectionIds: someOf(conditions.collectionIds),
        tags: someOf(conditions.productTags),
        productType: oneOf(conditions.productTypes),
      },
    },
    memberTags: someOf(conditions.memberTags),
    segmentIds: someOf(conditions.segmentIds),
    marketId: oneOf(conditions.marketIds),
  };
  const standing = { ...newcomer, tierId: oneOf(conditions.tierIds), ...wish.standing };
  return { order: paidOrder(line, wish, oneOf(conditions.currencies) ?? currency), facts, standing };
}

function sampleLine({ conditions, amountMinor, items }: SampleWish): OrderLine & { productId: string } {
  return {
    id: 'line',
    productId: oneOf(conditions.productIds) ?? productId,
    variantId: oneOf(conditions.variantIds) ?? '1',
    vendor: oneOf(conditions.vendors),
    quantity: items,
    grossMinor: amountMinor,
    discountMinor: 0,
    taxMinor: 0,
    isGiftCard: false,
    isTip: false,
  };
}

function paidOrder(line: OrderLine, wish: SampleWish, currency: string): OrderState {
  const { conditions, wallTime } = wish;
  const at = sampleInstant(wallTime).toISOString();
  const snapshot: OrderSnapshot = {
    orderId: 'sample',
    orderNumber: null,
    customerId: null,
    cardCode: null,
    discountCodes: [],
    currency,
    taxesIncluded: false,
    isTest: false,
    financialStatus: 'paid',
    channel: wish.channel ?? conditions.channels?.[0] ?? 'online',
    locationId: conditions.locationIds?.[0] ?? null,
    lines: [line],
    shippingMinor: 0,
    shippingTaxMinor: 0,
    tipMinor: 0,
    totalMinor: line.grossMinor,
    createdAt: at,
    processedAt: at,
    updatedAt: at,
    cancelledAt: null,
    fulfilledAt: null,
    hasGiftCardTender: false,
    presentment: null,
  };
  return {
    orderId: snapshot.orderId,
    latest: snapshot,
    paidUp: snapshot,
    mostPaidMinor: line.grossMinor,
    paidValues: [],
    refunds: [],
    tenders: null,
  };
}
