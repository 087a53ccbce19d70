/**
 * An order's amounts in the currency the shopper saw, read from the other side of Shopify's money sets. Known whole or not
 * at all: an order of which one amount is missing there counts by the shop's own money alone.
 */
import { type ReadLines, shareOf } from '#app/contracts/shopify-order-lines.ts';
import {
  asBody,
  belowZero,
  type Body,
  currencyOf,
  exact,
  misfit,
  type MoneySide,
  type Reading,
  readList,
  readMoney,
  readText,
} from '#app/contracts/shopify-reading.ts';
import { currencyExponent } from '#app/domain/money.ts';
import type { OrderLine, PresentmentMoney } from '#app/domain/orders/order.ts';

/** The shopper's currency when it is another than the shop's and one we know, else null. */
export function presentmentCurrencyOf(body: Body, shopCurrency: string): string | null {
  const currency =
    readText(body, 'presentment_currency', 4) ?? currencyOf(body, 'total_price_set', 'presentment_money');
  return currency === null || currency === shopCurrency || currencyExponent(currency) === null ? null : currency;
}

type LineMoney = PresentmentMoney['lines'][string];
/** Sums up while every amount is there; `isWhole` is false as soon as one was not. */
type Tally = { reading: Reading; money: MoneySide; isWhole: boolean };

/** Reads an order's money sets; null when they do not tell all of it. */
export function readPresentment(
  reading: Reading,
  body: Body,
  known: { currency: string; taxesIncluded: boolean; tipMinor: number; lines: ReadLines },
): PresentmentMoney | null {
  const { currency, taxesIncluded, lines } = known;
  const tally: Tally = { reading, money: { side: 'presentment_money', currency }, isWhole: true };
  const bought = readList(reading, body, 'line_items').map((item, index) =>
    readLineMoney(tally, asBody(item), lines.bought[index]?.quantity ?? 0),
  );
  const shipping = readShippingMoney(tally, body);
  const taxAdds = taxesIncluded ? 0 : 1;
  const soldMinor = bought.reduce(
    (sum, line) => sum + line.grossMinor - line.discountMinor + taxAdds * line.taxMinor,
    0,
  );
  const tipLinesMinor = lines.bought.reduce(
    (sum, { isTip }, index) => sum + (isTip ? (bought[index]?.grossMinor ?? 0) : 0),
    0,
  );
  const goodsMinor = soldMinor + shipping.shippingMinor + taxAdds * shipping.shippingTaxMinor;
  const tipMinor = known.tipMinor === 0 ? 0 : tipLinesMinor + readTipBesides(tally, body, goodsMinor);
  exact(reading, 'line_items', goodsMinor + tipMinor);
  if (!tally.isWhole) return null;
  const kept = lines.kept.map((line, index) => [line.id, leftOf(bought[index], line, lines.bought[index])] as const);
  return { currency, lines: Object.fromEntries(kept), ...shipping, tipMinor };
}

function readLineMoney(tally: Tally, body: Body, quantity: number): LineMoney {
  return {
    grossMinor: exact(tally.reading, 'price_set', readWhole(tally, body, 'price_set') * quantity),
    discountMinor: sumWhole(tally, readList(tally.reading, body, 'discount_allocations'), 'amount_set'),
    taxMinor: sumWhole(tally, readList(tally.reading, body, 'tax_lines'), 'price_set'),
  };
}

function readShippingMoney(tally: Tally, body: Body): Pick<PresentmentMoney, 'shippingMinor' | 'shippingTaxMinor'> {
  let shippingMinor = 0;
  let shippingTaxMinor = 0;
  for (const item of readList(tally.reading, body, 'shipping_lines')) {
    const line = asBody(item);
    if (line['is_removed'] === true) continue;
    const net = readMoney(tally.reading, line, 'discounted_price_set', tally.money);
    const allocations = readList(tally.reading, line, 'discount_allocations');
    shippingMinor += net ?? readWhole(tally, line, 'price_set') - sumWhole(tally, allocations, 'amount_set');
    shippingTaxMinor += sumWhole(tally, readList(tally.reading, line, 'tax_lines'), 'price_set');
  }
  return { shippingMinor: Math.max(0, shippingMinor), shippingTaxMinor };
}

/** Shopify tells a tip in the shop's money only: in the shopper's it is what the total holds beyond everything else. */
function readTipBesides(tally: Tally, body: Body, goodsMinor: number): number {
  const besides = ['original_total_duties_set', 'original_total_additional_fees_set'];
  const besidesMinor = besides.reduce((sum, key) => sum + (readMoney(tally.reading, body, key, tally.money) ?? 0), 0);
  return Math.max(0, readWhole(tally, body, 'total_price_set') - goodsMinor - besidesMinor);
}

function readWhole(tally: Tally, body: Body, key: string): number {
  const amountMinor = readMoney(tally.reading, body, key, tally.money);
  if (amountMinor === null) tally.isWhole = false;
  if (amountMinor !== null && amountMinor < 0) misfit(tally.reading, key, belowZero);
  return amountMinor ?? 0;
}

function sumWhole(tally: Tally, list: readonly unknown[], key: string): number {
  return list.reduce((sum: number, item) => sum + readWhole(tally, asBody(item), key), 0);
}

/** A line's money for the items that edits left of it. */
function leftOf(money: LineMoney | undefined, kept: OrderLine, bought: OrderLine | undefined): LineMoney {
  const { grossMinor, discountMinor, taxMinor } = money ?? { grossMinor: 0, discountMinor: 0, taxMinor: 0 };
  if (bought === undefined || bought.quantity === kept.quantity) return { grossMinor, discountMinor, taxMinor };
  const share = { quantity: kept.quantity, of: bought.quantity };
  return {
    grossMinor: shareOf(grossMinor, share),
    discountMinor: shareOf(discountMinor, share),
    taxMinor: shareOf(taxMinor, share),
  };
}
