/**
 * Narrow readers for Shopify's bodies. They look at the named field only, take null and absence alike, and note the
 * first field that does not fit by its path. A path is all a problem ever says: bodies are full of personal data.
 *
 * Written by hand instead of with a schema because they run inside the webhook's one-second budget for every order.
 */
import { amountFault, type AmountFault, parseMinor } from '#app/domain/money.ts';

export type Reading = { problem: string | null };
export type Body = { readonly [key: string]: unknown };

const noBody: Body = {};
const noList: readonly unknown[] = [];
const digitsOnly = /^\d{1,20}$/;
const graphqlTail = /\/(\d{1,20})(?:\?.*)?$/;

/** The longest list we read from a body; Shopify's own limits are far below. */
const listMax = 10_000;

/** Notes that a field does not fit, and how; only the first is kept. */
export function misfit(reading: Reading, path: string, how = 'does not fit'): void {
  reading.problem ??= `${path} ${how}`;
}

/** How an amount does not fit that may only be counted up. */
export const belowZero = 'is below zero';
const tooLarge = 'is too large to count exactly';
const faults: Record<AmountFault, string> = {
  'not-a-number': 'does not fit',
  'unknown-currency': 'is in a currency we do not know',
  'too-fine': 'has more decimals than its currency',
  'too-large': tooLarge,
};

/** The value as an object, or an empty one. */
export function asBody(value: unknown): Body {
  return isBody(value) ? value : noBody;
}

export function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readList(reading: Reading, body: Body, key: string): readonly unknown[] {
  const value = body[key];
  if (value === undefined || value === null) return noList;
  if (Array.isArray(value) && value.length <= listMax) return value;
  misfit(reading, key);
  return noList;
}

/** A text, or null when there is none that can be kept: PostgreSQL stores neither NUL nor half a character. */
export function readText(body: Body, key: string, lengthMax: number): string | null {
  const value = body[key];
  if (typeof value !== 'string' || value === '' || value.length > lengthMax) return null;
  return value.includes('\0') || !value.isWellFormed() ? null : value;
}

/** An id as the digits Shopify means: a JSON number past 2^53 has lost some, then the GraphQL id still has them. */
export function readOwnId(body: Body): string | null {
  const id = idOf(body['id']);
  if (id !== null) return id;
  const graphqlId = body['admin_graphql_api_id'];
  return typeof graphqlId === 'string' ? (graphqlTail.exec(graphqlId)?.[1] ?? null) : null;
}

/** A reference to something else; null when there is none. */
export function readId(reading: Reading, body: Body, key: string): string | null {
  const value = body[key];
  if (value === undefined || value === null) return null;
  const id = idOf(value);
  if (id === null) misfit(reading, key);
  return id;
}

/** The digits of an id, or null when it is none or its digits are lost. */
export function idOf(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
  return typeof value === 'string' && digitsOnly.test(value) ? value : null;
}

export function readCount(reading: Reading, body: Body, key: string): number {
  const value = body[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  misfit(reading, key);
  return 0;
}

/** Past the year 9999 and before 1970 no order was made: such a time is a mistake, and no ledger takes it. */
const lastTimeMs = Date.UTC(9999, 11, 31);

/** A time with its offset, as ISO 8601 UTC; null when absent. */
export function readTime(reading: Reading, body: Body, key: string): string | null {
  const value = body[key];
  if (value === undefined || value === null) return null;
  const ms = typeof value === 'string' && value.length <= 40 ? Date.parse(value) : Number.NaN;
  if (ms >= 0 && ms <= lastTimeMs) return new Date(ms).toISOString();
  misfit(reading, key);
  return null;
}

/** A decimal amount in minor units; absence is 0. May be below 0. */
export function readSignedMinor(reading: Reading, body: Body, key: string, currency: string): number {
  const value = body[key];
  if (value === undefined || value === null) return 0;
  const minor = typeof value === 'string' || typeof value === 'number' ? parseMinor(value, currency) : null;
  if (minor === null) misfit(reading, key, faults[amountFault(value, currency)]);
  return minor ?? 0;
}

/** A decimal amount in minor units, never below 0; absence is 0. */
export function readMinor(reading: Reading, body: Body, key: string, currency: string): number {
  const minor = readSignedMinor(reading, body, key, currency);
  if (minor < 0) misfit(reading, key, belowZero);
  return minor;
}

/** Which side of a money set such as `price_set`: the shop's own currency, or the one the shopper saw. */
export type MoneySide = { side: 'shop_money' | 'presentment_money'; currency: string };

/** One side of a money set, which may be below 0; null when the body has no such set. */
export function readMoney(reading: Reading, body: Body, key: string, { side, currency }: MoneySide): number | null {
  const money = asBody(body[key])[side];
  if (!isBody(money) || money['amount'] === undefined) return null;
  if ((readText(money, 'currency_code', 4) ?? currency) !== currency) misfit(reading, key, 'is in another currency');
  return readSignedMinor(reading, money, 'amount', currency);
}

/** The currency of one side of a money set, or null. */
export function currencyOf(body: Body, key: string, side: MoneySide['side']): string | null {
  return readText(asBody(asBody(body[key])[side]), 'currency_code', 4);
}

/** Sums one amount over a list of objects. */
export function sumMinor(reading: Reading, list: readonly unknown[], key: string, currency: string): number {
  let sumOfMinor = 0;
  for (const item of list) sumOfMinor += readMinor(reading, asBody(item), key, currency);
  return exact(reading, key, sumOfMinor);
}

/** A worked-out amount, unless it passed what a whole number can hold: nothing is ever counted inexactly. */
export function exact(reading: Reading, path: string, amountMinor: number): number {
  if (Number.isSafeInteger(amountMinor)) return amountMinor;
  misfit(reading, path, tooLarge);
  return 0;
}
