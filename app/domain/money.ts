/**
 * Money as whole minor units. Decimals are read digit by digit and never pass through floating point, so what Shopify
 * wrote is exactly what we count. Nothing here converts between currencies.
 */

const exponentZero = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF';
const exponentThree = 'BHD IQD JOD KWD LYD OMR TND';
const exponentTwo =
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BYR BZD CAD CDF CHF CNY ' +
  'COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR ' +
  'IRR JEP JMD KES KGS KHR KID KPW KYD KZT LAK LBP LKR LRD LSL LTL LVL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN ' +
  'MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD ' +
  'SSP STD STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USDC UYU UZS VED VEF VES WST XCD XCG YER ZAR ZMW ZWG';

const exponents: ReadonlyMap<string, number> = new Map([
  ...exponentZero.split(' ').map((code) => [code, 0] as const),
  ...exponentTwo.split(' ').map((code) => [code, 2] as const),
  ...exponentThree.split(' ').map((code) => [code, 3] as const),
]);

/** No amount a shop really writes is longer; the bound keeps hostile digits cheap. */
const decimalLengthMax = 40;

const plainDecimal = /^(-?)(\d+)(?:\.(\d+))?$/;
const nonZero = /[^0]/;

/** How many decimal digits the currency's minor unit has (ISO 4217), or null for a code we do not know. */
export function currencyExponent(currency: string): number | null {
  return exponents.get(currency) ?? null;
}

/**
 * Reads a decimal such as "59.9", "-5.00" or the JSON number 195.66 as whole minor units of the currency, exactly.
 * Null when it is not a plain decimal, the currency is unknown, there is a non-zero digit finer than the minor unit,
 * or the result is beyond `Number.MAX_SAFE_INTEGER`. Never rounds.
 */
export function parseMinor(decimal: string | number, currency: string): number | null {
  const exponent = exponents.get(currency);
  const text = typeof decimal === 'number' ? String(decimal) : decimal;
  if (exponent === undefined || text.length > decimalLengthMax) return null;
  const match = plainDecimal.exec(text);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  if (nonZero.test(fraction.slice(exponent))) return null;
  // Digits past 2^53 are lost here, but the number stays too large and is refused.
  const minor = Number(whole + fraction.slice(0, exponent).padEnd(exponent, '0'));
  if (!Number.isSafeInteger(minor)) return null;
  return sign === '-' && minor !== 0 ? -minor : minor;
}

export type AmountFault = 'not-a-number' | 'unknown-currency' | 'too-fine' | 'too-large';

/** Why `parseMinor` reads nothing here; only to be asked when it does. */
export function amountFault(decimal: unknown, currency: string): AmountFault {
  const exponent = exponents.get(currency);
  if (exponent === undefined) return 'unknown-currency';
  if (typeof decimal !== 'string' && typeof decimal !== 'number') return 'not-a-number';
  const text = String(decimal);
  const match = text.length > decimalLengthMax ? null : plainDecimal.exec(text);
  if (match === null) return 'not-a-number';
  return nonZero.test((match[3] ?? '').slice(exponent)) ? 'too-fine' : 'too-large';
}

/** Minor units as the plain decimal that Shopify takes, such as "59.90"; null for a currency we do not know. */
export function toDecimal(money: { minor: number; currency: string }): string | null {
  const exponent = exponents.get(money.currency);
  return exponent === undefined ? null : decimalOf(money.minor, exponent);
}

/** Minor units as people read them, such as "€59.90"; a currency we do not know is shown as the bare number and code. */
export function formatMinor(money: { minor: number; currency: string; locale: string }): string {
  const exponent = exponents.get(money.currency) ?? 0;
  const decimal = decimalOf(money.minor, exponent);
  // Intl wants three letters, which the four of "USDC" are not.
  if (!exponents.has(money.currency) || money.currency.length !== 3 || !isDecimal(decimal))
    return `${decimal} ${money.currency}`;
  const format = new Intl.NumberFormat(money.locale, {
    style: 'currency',
    currency: money.currency,
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  });
  return format.format(decimal);
}

/** Minor units as a plain decimal with all its digits. */
function decimalOf(minor: number, exponent: number): string {
  const digits = String(Math.abs(minor)).padStart(exponent + 1, '0');
  const whole = `${minor < 0 ? '-' : ''}${digits.slice(0, digits.length - exponent)}`;
  return exponent === 0 ? whole : `${whole}.${digits.slice(-exponent)}`;
}

/** Intl formats decimal text exactly, where a number would pass through floating point. */
function isDecimal(text: string): text is `${number}` {
  return plainDecimal.test(text);
}
