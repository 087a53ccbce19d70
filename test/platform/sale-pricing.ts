/** What the sale at the till costs: products of the shop, less what one discount code takes off. */
import { z } from 'zod';

import { minorOf, shareOf, sum } from '#test/platform/order-body.ts';
import type { Customer, Product, Shop } from '#test/platform/shopify-shops.ts';

/** A sale as the page of the till keeps it. */
export const saleSchema = z.object({
  lines: z.array(z.object({ productId: z.number(), quantity: z.number().int().min(1).max(99) })).max(20),
  code: z.string().nullable(),
  customerId: z.number().nullable(),
  properties: z.record(z.string(), z.string()),
});

export type Sale = z.infer<typeof saleSchema>;

type PricedLine = { product: Product; quantity: number; discountMinor: number };

export type PricedSale = {
  lines: PricedLine[];
  customer: Customer | null;
  discount: { code: string; title: string; amountMinor: number } | null;
  totalMinor: number;
};

/** The part of Shopify's `DiscountCodeBasicInput` that the app uses. */
const discountSchema = z.object({
  endsAt: z.string(),
  context: z.union([
    z.object({ all: z.literal('ALL') }),
    z.object({ customers: z.object({ add: z.array(z.string()) }) }),
  ]),
  customerGets: z.object({
    value: z.union([
      z.object({ percentage: z.number() }),
      z.object({ discountAmount: z.object({ amount: z.string() }) }),
    ]),
    items: z.union([
      z.object({ all: z.literal(true) }),
      z.object({ products: z.object({ productsToAdd: z.array(z.string()) }) }),
    ]),
  }),
});

type Discount = z.infer<typeof discountSchema> & { code: string; title: string };

/** The discount behind a code, for this customer; throws the sentence that POS would show when it does not apply. */
function findDiscount(shop: Shop, code: string, customerId: number | null): Discount {
  const found = shop.discounts.find((discount) => discount.code === code && discount.status === 'ACTIVE');
  if (found === undefined) throw new Error(`Discount code ${code} is not valid`);
  const discount = { ...discountSchema.parse(found.input), code, title: found.title };
  if (Date.parse(discount.endsAt) <= Date.now()) throw new Error(`Discount code ${code} has expired`);
  const orders = [...shop.orders.values()];
  if (orders.some((order) => order.discount_codes.some((used) => used.code === code)))
    throw new Error(`Discount code ${code} was used already`);
  const { context } = discount;
  if ('customers' in context && !context.customers.add.includes(`gid://shopify/Customer/${customerId}`))
    throw new Error(`Discount code ${code} belongs to another customer`);
  return discount;
}

function isDiscounted(line: PricedLine, { customerGets: { items } }: Discount): boolean {
  return 'all' in items || items.products.productsToAdd.includes(`gid://shopify/Product/${line.product.productId}`);
}

const grossOf = (line: PricedLine): number => line.product.priceMinor * line.quantity;

/** Spreads the discount over the lines it is for; the parts add up to the whole exactly. */
function takeOff(lines: PricedLine[], discount: Discount, currency: string): PricedLine[] {
  const wholeMinor = sum(lines.filter((line) => isDiscounted(line, discount)).map(grossOf));
  if (wholeMinor === 0) return lines;
  const { value } = discount.customerGets;
  const wantedMinor =
    'percentage' in value
      ? shareOf(wholeMinor, Math.round(value.percentage * 10_000), 10_000)
      : minorOf(value.discountAmount.amount, currency);
  const amountMinor = Math.min(wantedMinor, wholeMinor);
  let soFarMinor = 0;
  return lines.map((line) => {
    if (!isDiscounted(line, discount)) return line;
    const before = shareOf(amountMinor, soFarMinor, wholeMinor);
    soFarMinor += grossOf(line);
    return { ...line, discountMinor: shareOf(amountMinor, soFarMinor, wholeMinor) - before };
  });
}

/** Prices a sale; throws a sentence for people when a product, customer or code is none of this shop's. */
export function priceSale(shop: Shop, sale: Sale): PricedSale {
  const plain = sale.lines.map(({ productId, quantity }): PricedLine => {
    const product = shop.products.find((candidate) => candidate.productId === productId);
    if (product === undefined) throw new Error('The shop does not sell that');
    return { product, quantity, discountMinor: 0 };
  });
  const customer = sale.customerId === null ? null : (shop.customers.get(sale.customerId) ?? null);
  if (sale.customerId !== null && customer === null) throw new Error('The shop knows no such customer');
  const discount = sale.code === null ? null : findDiscount(shop, sale.code, sale.customerId);
  const lines = discount === null ? plain : takeOff(plain, discount, shop.currency);
  const amountMinor = sum(lines.map((line) => line.discountMinor));
  return {
    lines,
    customer,
    discount: discount === null ? null : { code: discount.code, title: discount.title, amountMinor },
    totalMinor: sum(lines.map(grossOf)) - amountMinor,
  };
}
