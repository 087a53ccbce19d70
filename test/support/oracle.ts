/**
 * A second opinion on earning, written plainly from the rules as people read them and sharing no code with the product.
 * It works on fractions of money per line, slowly, and knows the whole story of an order instead of its deliveries.
 */

export type OracleLine = {
  id: string;
  productId: string | null;
  quantity: number;
  /** Price × quantity − discounts; below 0 when the discount is larger than the line. */
  net: number;
  tax: number;
  earns: boolean;
};

export type OracleOrder = {
  taxesIncluded: boolean;
  /** False when nothing counts: never fully paid, cancelled, a test, or everything refunded. */
  counts: boolean;
  channel: string;
  lines: OracleLine[];
  shipping: number;
  shippingTax: number;
  looseTip: number;
  /** Money back that only made good for an edit downwards. */
  editedAway: number;
  refunds: {
    lines: { lineId: string; quantity: number; subtotal: number; tax: number }[];
    shipping: number;
    amountOnly: number;
  }[];
};

export type OracleRule = {
  kind: 'spend' | 'item' | 'visit';
  unit: string;
  amount: number;
  perMinor: number;
  rounding: 'floor' | 'nearest-even' | 'ceil';
  productIds: string[] | null;
  channels: string[] | null;
  minimum: number;
};

type Fraction = { over: bigint; under: bigint };

const fraction = (over: number | bigint, under: number | bigint = 1): Fraction => ({
  over: BigInt(over),
  under: BigInt(under),
});
const plus = (a: Fraction, b: Fraction): Fraction => ({
  over: a.over * b.under + b.over * a.under,
  under: a.under * b.under,
});
const times = (a: Fraction, b: Fraction): Fraction => ({ over: a.over * b.over, under: a.under * b.under });
const isAbove = (a: Fraction, b: Fraction): boolean => a.over * b.under > b.over * a.under;

/** What the order should have earned in one unit, all refunds and edits considered. */
export function expectedAmount(
  order: OracleOrder,
  program: { unit: string; rules: OracleRule[]; earnsOnTax: boolean; earnsOnShipping: boolean },
): number {
  if (!order.counts) return 0;
  let amount = 0;
  for (const rule of program.rules) if (rule.unit === program.unit) amount += byRule(order, rule, program);
  return amount;
}

type Settings = { earnsOnTax: boolean; earnsOnShipping: boolean };
type Left = { line: OracleLine; quantity: number; goods: number; tax: number };

function byRule(order: OracleOrder, rule: OracleRule, settings: Settings): number {
  if (rule.channels && !rule.channels.includes(order.channel)) return 0;
  const shippingCounts = settings.earnsOnShipping && rule.productIds === null;
  const left = order.lines.map((line) => whatIsLeft(order, line));
  const charged = order.taxesIncluded ? order.shipping : order.shipping + order.shippingTax;
  const shippingLeft = Math.max(charged - order.refunds.reduce((all, refund) => all + refund.shipping, 0), 0);

  const lines = left.reduce((all, one) => all + one.goods + one.tax, order.looseTip);
  const everything = shippingCounts ? lines + shippingLeft : lines;
  const spread = moneyToSpread(order);
  if (everything === 0 || spread >= everything) return 0;

  // The share of each remaining cent that was not given back.
  const kept = fraction(everything - spread, everything);
  let money = fraction(0);
  let items = 0;
  for (const one of left.filter((candidate) => mayEarn(candidate, rule))) {
    money = plus(money, times(fraction(withTax(one.goods, one.tax, settings)), kept));
    items += one.quantity;
  }
  if (shippingCounts && charged > 0) {
    const price = fraction(withTax(charged - order.shippingTax, order.shippingTax, settings));
    money = plus(money, times(times(price, fraction(shippingLeft, charged)), kept));
  }
  return isAbove(fraction(rule.minimum), money) ? 0 : amountFor(rule, money, items);
}

function withTax(price: number, tax: number, settings: Settings): number {
  return settings.earnsOnTax ? price + tax : price;
}

function moneyToSpread(order: OracleOrder): number {
  const givenBack = order.refunds.reduce((all, refund) => all + refund.amountOnly, 0) - order.editedAway;
  const overDiscounts = order.lines.reduce((all, line) => (line.net < 0 ? all - line.net : all), 0);
  return (givenBack < 0 ? 0 : givenBack) + overDiscounts;
}

function mayEarn(one: Left, rule: OracleRule): boolean {
  if (!one.line.earns || one.quantity === 0 || one.goods + one.tax === 0) return false;
  return rule.productIds === null || (one.line.productId !== null && rule.productIds.includes(one.line.productId));
}

function amountFor(rule: OracleRule, money: Fraction, items: number): number {
  if (rule.kind === 'item') return items * rule.amount;
  if (rule.kind === 'visit') return items > 0 ? rule.amount : 0;
  return rounded(times(money, fraction(rule.amount, rule.perMinor)), rule.rounding);
}

function whatIsLeft(order: OracleOrder, line: OracleLine): Left {
  const net = line.net < 0 ? 0 : line.net;
  const tax = order.taxesIncluded && line.tax > net ? net : line.tax;
  let goodsLeft = order.taxesIncluded ? net - tax : net;
  let taxLeft = tax;
  let quantity = line.quantity;
  for (const refund of order.refunds) {
    for (const back of refund.lines) {
      if (back.lineId !== line.id) continue;
      quantity -= back.quantity;
      goodsLeft -= order.taxesIncluded ? back.subtotal - back.tax : back.subtotal;
      taxLeft -= back.tax;
    }
  }
  if (quantity <= 0) return { line, quantity: 0, goods: 0, tax: 0 };
  return { line, quantity, goods: goodsLeft < 0 ? 0 : goodsLeft, tax: taxLeft < 0 ? 0 : taxLeft };
}

function rounded(value: Fraction, how: OracleRule['rounding']): number {
  const below = Number(value.over / value.under);
  const rest = fraction(value.over % value.under, value.under);
  const half = fraction(1, 2);
  if (rest.over === 0n || how === 'floor') return below;
  if (how === 'ceil' || isAbove(rest, half)) return below + 1;
  if (isAbove(half, rest)) return below;
  return below % 2 === 0 ? below : below + 1;
}
