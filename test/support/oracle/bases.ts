/** What a rule gives before anything multiplies, caps or rounds it: exactly, line by line. */
import type { Conditions, EarnRule, OrderRule } from '#app/domain/programs/earn-rules.ts';
import {
  lineMatches,
  looksAtShipping,
  orderMatches,
  personAndTimeMatch,
  type Stood,
} from '#test/support/oracle/conditions.ts';
import { type Fraction, fraction, isAbove, none, plus, times } from '#test/support/oracle/fraction.ts';
import type { LifeEvent, LifeOrder, Occasion, Prices } from '#test/support/oracle/life.ts';
import { isStanding, linesLeft, shareKept, shippingLeft } from '#test/support/oracle/money-left.ts';

/** A line's part of what a rule gives; `lineId` is null for shipping and for what belongs to the whole. */
export type Part = { lineId: string | null; value: Fraction };

/** Empty when the rule does not apply. */
export function basesOf(occasion: Occasion, rule: EarnRule, at: number, stood: Stood): Part[] {
  if ('event' in occasion) return rule.kind === 'event' ? basesOfEvent(occasion.event, rule, stood) : [];
  if (rule.kind === 'event') return [];
  const { order } = occasion;
  if (!isStanding(order, at) || !orderMatches(rule.conditions, order, stood)) return [];
  const prices = pricesFor(rule, order);
  if (prices === null) return [];
  const eligible = eligibleIn({ order, prices, conditions: rule.conditions, at });
  const money = sumOf(eligible.map((one) => one.money));
  return isAbove(fraction(rule.conditions.minimumMinor ?? 0), money) ? [] : basesOfGoods(rule, eligible, prices);
}

function basesOfGoods(rule: OrderRule, eligible: Eligible[], prices: Prices): Part[] {
  const goods = eligible.filter(({ items }) => items > 0);
  if (rule.kind === 'item') return goods.map(({ lineId, items }) => ({ lineId, value: fraction(items * rule.amount) }));
  if (rule.kind === 'visit') return goods.length > 0 ? [{ lineId: null, value: fraction(rule.amount) }] : [];
  const rate = rule.rates.find((candidate) => candidate.currency === prices.currency);
  if (rate === undefined) return [];
  return eligible.map(({ lineId, money }) => ({ lineId, value: times(money, fraction(rate.amount, rate.perMinor)) }));
}

function basesOfEvent(event: LifeEvent, rule: EarnRule & { kind: 'event' }, stood: Stood): Part[] {
  if (event.isRevoked || event.kind !== rule.event) return [];
  if (rule.event === 'custom' && rule.eventName !== event.name) return [];
  const person = { at: event.at, facts: event.facts, tierId: stood.tierId };
  if (!personAndTimeMatch(rule.conditions, person)) return [];
  return [{ lineId: null, value: fraction(rule.amount) }];
}

/** The shopper's money when the rule has a rate for it, else the shop's. Null when the rule has a rate for neither. */
function pricesFor(rule: OrderRule, order: LifeOrder): Prices | null {
  const { shopPrices, shopperPrices } = order;
  if (rule.kind !== 'spend') return shopPrices;
  for (const prices of [shopperPrices, shopPrices])
    if (prices !== null && rule.rates.some((rate) => rate.currency === prices.currency)) return prices;
  return null;
}

/** Money of a line, or of shipping, that counts. */
type Eligible = { lineId: string | null; money: Fraction; items: number };

type Asked = { order: LifeOrder; prices: Prices; conditions: Conditions; at: number };

/** Money that counts, as exact fractions of minor units, and how many items; the last is shipping, if that counts. */
export function eligibleIn({ order, prices, conditions, at }: Asked): Eligible[] {
  const { settings } = order.document;
  const withShipping = settings.earnsOnShipping && looksAtShipping(conditions);
  const kept = shareKept(order, prices, { at, withShipping });
  // Amounts in two currencies are rounded apart: the shop's own say whether anything is left.
  if (kept.over === 0n || shareKept(order, order.shopPrices, { at, withShipping }).over === 0n) return [];
  // Of what was paid with nothing but gift cards that do not earn, no item counts either.
  const earning = shareOfEarningTender(order);
  if (earning.over === 0n) return [];
  const share = times(kept, earning);
  const eligible: Eligible[] = [];
  for (const left of linesLeft(order, prices, at)) {
    if (!lineMatches(conditions, left, order.facts)) continue;
    const money = fraction(settings.earnsOnTax ? left.goods + left.tax : left.goods);
    eligible.push({ lineId: left.line.id, money: times(money, share), items: left.quantity });
  }
  const { charged, left } = shippingLeft(order, prices, at);
  if (withShipping && charged > 0) {
    const counted = settings.earnsOnTax ? charged : charged - prices.shippingTax;
    const money = times(fraction(counted), fraction(left, charged));
    eligible.push({ lineId: null, money: times(money, share), items: 0 });
  }
  return eligible;
}

/** Money paid with a gift card is spread over the whole order; where it does not earn, the rest does. */
function shareOfEarningTender(order: LifeOrder): Fraction {
  const { giftCards, all } = order.tender;
  if (order.document.settings.earnsOnGiftCards || giftCards <= 0) return fraction(1);
  return giftCards >= all ? none : fraction(all - giftCards, all);
}

export function sumOf(values: Fraction[]): Fraction {
  let sum = none;
  for (const value of values) sum = plus(sum, value);
  return sum;
}
