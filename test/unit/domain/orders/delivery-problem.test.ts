import { expect, test } from 'vitest';

import { problemInWords } from '#app/domain/orders/delivery-problem.ts';

test.each([
  ['currency does not fit', 'The currency is not one we know.'],
  ['line_items.0.price is below zero', 'The price of item 1 is below zero.'],
  [
    'line_items.11.price has more decimals than its currency',
    'The price of item 12 has more decimals than its currency.',
  ],
  ['line_items is too large to count exactly', 'The value of its items is too large to count exactly.'],
  ['total_price does not fit', 'The total cannot be read.'],
  ['refund_line_items.line_item_id does not fit', 'The field “line item id” cannot be read.'],
  ['id does not fit', 'The number cannot be read.'],
  ['the body is not an object', 'It is empty, or not what Shopify sends.'],
  ['the topic is not known', 'It is about something we do not know.'],
  ['it could not be applied (TypeError)', 'Something went wrong on our side while we worked on it.'],
  [null, 'We do not know what is wrong with it.'],
  [
    'It tells the order in USD, but the order was made in EUR.',
    'It tells the order in USD, but the order was made in EUR.',
  ],
])('%s, in a merchant’s words', (problem, words) => {
  expect(problemInWords(problem)).toBe(words);
});
