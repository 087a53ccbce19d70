/**
 * The money of an order that counts for a rule: what was paid for its lines and still stands, in exact shares. Money given
 * back without a line, and gift cards that do not earn, shrink every share by one ratio instead of being rounded onto
 * lines.
 */
import { isForNamedGoods, matchesLine } from '#app/domain/earning/conditions.ts';
import type { OrderFacts } from '#app/domain/earning/facts.ts';
import type { OrderSnapshot, OrderState } from '#app/domain/orders/order.ts';
import {
  poolMinor,
  presentmentStandingOf,
  type Standing,
  standingOf,
  whyNotStanding,
} from '#app/domain/orders/standing.ts';
import type { Conditions } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument, ProgramSettings } from '#app/domain/programs/program.ts';

/** Money of one rule as exact shares: each is `numerator / denominator` minor units. */
export type Eligible = {
  currency: string;
  shares: { lineId: string | null; items: number; numerator: bigint }[];
  denominator: bigint;
};

/** What of an order can count at all. */
export type Basket = {
  settings: ProgramSettings;
  facts: OrderFacts;
  currency: string;
  standing: Standing;
  /** What stands in the shopper's currency; worked out when a rule first asks. */
  presentment: () => { currency: string; standing: Standing } | null;
  /** The part of the money paid with something that earns. */
  earning: Ratio;
};

type Ratio = { part: bigint; of: bigint };

const all: Ratio = { part: 1n, of: 1n };

/** One object for all orders: what is worked out about conditions is kept by their identity. */
const noConditions: Conditions = {};

/** The basket of a paid order. Gift cards whose share is unknown count as if they earned; ask `lacksTenders` first. */
export function basketOf(
  order: OrderState,
  basis: OrderSnapshot,
  { settings, facts }: { settings: ProgramSettings; facts: OrderFacts },
): Basket {
  let known: ReturnType<Basket['presentment']> | undefined;
  const readPresentment = () => {
    const standing = presentmentStandingOf(order, basis);
    return standing === null || basis.presentment === null ? null : { currency: basis.presentment.currency, standing };
  };
  return {
    settings,
    facts,
    currency: basis.currency,
    standing: standingOf(order, basis),
    presentment: () => (known ??= basis.presentment === null ? null : readPresentment()),
    earning: settings.earnsOnGiftCards ? all : earningTenders(order),
  };
}

/** Whether nobody knows yet how much of the order a gift card paid, and the program asks. */
export function lacksTenders(order: OrderState, settings: ProgramSettings): boolean {
  if (settings.earnsOnGiftCards || order.tenders !== null) return false;
  return order.paidUp?.hasGiftCardTender === true || order.latest?.hasGiftCardTender === true;
}

/** Gift cards are shared over the whole order by what each tender paid, net of what went back to it. */
function earningTenders({ tenders }: OrderState): Ratio {
  if (tenders === null) return all;
  const giftCardMinor = Math.max(0, tenders.giftCardMinor);
  if (giftCardMinor === 0) return all;
  const earnsMinor = Math.max(0, tenders.totalMinor - giftCardMinor);
  return earnsMinor === 0 ? { part: 0n, of: 1n } : { part: BigInt(earnsMinor), of: BigInt(tenders.totalMinor) };
}

/** The standing money that counts for a rule, in the shopper's currency when it is among `currencies`, else the shop's. */
export function eligibleMoney(conditions: Conditions, basket: Basket, currencies: readonly string[]): Eligible {
  const { settings, standing } = basket;
  const withShipping = settings.earnsOnShipping && standing.shipping.leftMinor > 0 && !isForNamedGoods(conditions);
  const presentment = currencies.length === 0 ? null : basket.presentment();
  const chosen = presentment !== null && currencies.includes(presentment.currency) ? presentment : basket;
  const empty: Eligible = { currency: chosen.currency, shares: [], denominator: 1n };
  // The shop's own money decides whether anything stands at all: amounts in two currencies are rounded apart.
  if (basket.earning.part === 0n || keptOf(standing, withShipping).part === 0n) return empty;
  const kept = chosen === basket ? keptOf(standing, withShipping) : keptOf(chosen.standing, withShipping);
  if (kept.part === 0n) return empty;
  return { ...empty, ...sharesOf(conditions, basket, { standing: chosen.standing, kept, withShipping }) };
}

/** The eligible money of a whole order in the shop's currency, rounded down: what qualifies for a tier by spend. */
export function eligibleOrderMinor(
  order: OrderState,
  { document, facts }: { document: ProgramDocument; facts: OrderFacts },
): bigint {
  if (order.paidUp === null || whyNotStanding(order) !== null || lacksTenders(order, document.settings)) return 0n;
  const basket = basketOf(order, order.paidUp, { settings: document.settings, facts });
  const { shares, denominator } = eligibleMoney(noConditions, basket, []);
  return shares.reduce((sum, share) => sum + share.numerator, 0n) / denominator;
}

/** What is kept of everything that money given back without a line is spread over, tips, gift cards and tax included. */
function keptOf(standing: Standing, withShipping: boolean): Ratio {
  const pool = poolMinor(standing) + (withShipping ? standing.shipping.leftMinor : 0);
  const kept = pool - Math.min(pool, standing.givenBackMinor);
  if (kept === 0) return { part: 0n, of: 1n };
  return kept === pool ? all : { part: BigInt(kept), of: BigInt(pool) };
}

function sharesOf(
  conditions: Conditions,
  { settings, facts, earning }: Basket,
  { standing, kept, withShipping }: { standing: Standing; kept: Ratio; withShipping: boolean },
): Pick<Eligible, 'shares' | 'denominator'> {
  const { baseMinor, taxMinor, leftMinor } = standing.shipping;
  const shippingPaid = BigInt(withShipping ? Math.max(1, baseMinor + taxMinor) : 1);
  const ratio = { part: kept.part * earning.part, of: kept.of * earning.of };
  const scale = ratio.part * shippingPaid;
  const withTax = settings.earnsOnTax ? 1 : 0;
  const shares: Eligible['shares'] = [];
  for (const standingLine of standing.lines) {
    if (!matchesLine(conditions, standingLine, facts)) continue;
    const numerator = BigInt(standingLine.baseMinor + withTax * standingLine.taxMinor) * scale;
    shares.push({ lineId: standingLine.line.id, items: standingLine.quantity, numerator });
  }
  if (withShipping) {
    const numerator = BigInt(baseMinor + withTax * taxMinor) * BigInt(leftMinor) * ratio.part;
    shares.push({ lineId: null, items: 0, numerator });
  }
  return { shares, denominator: ratio.of * shippingPaid };
}
