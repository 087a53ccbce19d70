/** What stands in the way of a message from Shopify, in a merchant's words. Nothing of the message itself is quoted. */

/** A field's place in the message, then how it does not fit: `line_items.2.price is below zero`. */
const misfitPattern = /^((?:[a-z]+_)*[a-z]+(?:\.[a-z0-9_]+)*) (does not fit|(?:is|has) .+)$/;

const fieldWords: Readonly<Record<string, string>> = {
  currency: 'the currency',
  id: 'the number',
  order_id: 'the number of its order',
  created_at: 'the time it was made',
  processed_at: 'the time of the sale',
  updated_at: 'the time of the change',
  cancelled_at: 'the time it was cancelled',
  financial_status: 'whether it is paid',
  total_price: 'the total',
  total_tip_received: 'the tip',
  current_subtotal_price: 'the subtotal',
  location_id: 'the location',
  line_items: 'the value of its items',
  shipping_lines: 'the shipping',
  discounted_price: 'the shipping price',
  refunds: 'the refunds',
  refund_line_items: 'a returned item',
  transactions: 'a payment',
  price: 'the price',
  price_set: 'the price',
  amount: 'an amount',
  amount_set: 'an amount',
  quantity: 'the quantity',
  product_id: 'the product',
  variant_id: 'the product variant',
  subtotal: 'the amount of a returned item',
  subtotal_set: 'the amount of a returned item',
  total_tax: 'the tax of a returned item',
  total_tax_set: 'the tax of a returned item',
  discount_allocations: 'a discount',
  tax_lines: 'a tax',
};

const failures: readonly [RegExp, string][] = [
  [/^the body is not an object$/, 'It is empty, or not what Shopify sends.'],
  [/^the topic is not known$/, 'It is about something we do not know.'],
  [/^the shop was erased$/, 'The shop was erased.'],
  [/^currency does not fit$/, 'The currency is not one we know.'],
  [/^refund id does not fit$/, 'The number of a refund cannot be read.'],
  [/^it could not be applied/, 'Something went wrong on our side while we worked on it.'],
];

/** One sentence for a merchant. Reasons that already are sentences stay as they are. */
export function problemInWords(problem: string | null): string {
  if (problem === null) return 'We do not know what is wrong with it.';
  const known = failures.find(([pattern]) => pattern.test(problem));
  if (known !== undefined) return known[1];
  const [, path, how] = misfitPattern.exec(problem) ?? [];
  if (path === undefined || how === undefined) return problem;
  const what = wordsOf(path);
  const sentence = how === 'does not fit' ? `${what} cannot be read` : `${what} ${how}`;
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

function wordsOf(path: string): string {
  const parts = path.split('.');
  const field = parts.findLast((part) => !/^\d+$/.test(part)) ?? path;
  const words = fieldWords[field] ?? `the field “${field.replaceAll('_', ' ')}”`;
  const place = parts[0] === 'line_items' ? Number(parts[1]) : Number.NaN;
  return Number.isNaN(place) ? words : `${words} of item ${place + 1}`;
}
