import { describe, expect, it } from 'vitest';

import { parseHttpDate, writeHttpDate } from '#app/edge/http-date.ts';

describe('a date of HTTP', () => {
  it.each([
    ['IMF-fixdate', 'Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
    ['RFC 850', 'Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
    ['asctime', 'Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37.000Z'],
    ['asctime with two digits', 'Wed Nov 16 08:49:37 1994', '1994-11-16T08:49:37.000Z'],
    ['a leap day', 'Thu, 29 Feb 2024 23:59:59 GMT', '2024-02-29T23:59:59.000Z'],
    ['a date before computers', 'Mon, 01 Jan 0001 00:00:00 GMT', '0001-01-01T00:00:00.000Z'],
    ['the last year of four digits', 'Fri, 31 Dec 9999 23:59:59 GMT', '9999-12-31T23:59:59.000Z'],
    ['a leap second', 'Sat, 31 Dec 2016 23:59:60 GMT', '2017-01-01T00:00:00.000Z'],
    ['RFC 850 of this century', 'Friday, 01-Jan-27 00:00:00 GMT', '2027-01-01T00:00:00.000Z'],
  ])('is read as UTC: %s', (_name, text, expected) => {
    expect(parseHttpDate(text)?.toISOString()).toBe(expected);
  });

  it.each([
    '', 'Invalid Date', 'Sat, 01 Jan 10000 00:00:00 GMT', '2030', 'banana 2030', 'never-2099', '2030-01-01T00:00:00Z', '1893456000', 'yesterday',
    'Sun, 6 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 08:49:37', 'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 06 Nov 1994 08:49:37 CET', 'sun, 06 nov 1994 08:49:37 gmt', 'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT', 'Sun, 06 Nov 94 08:49:37 GMT', 'Sunday, 06-Nov-1994 08:49:37 GMT',
    'Sun, 06-Nov-94 08:49:37 GMT', 'Sun Nov 6 08:49:37 1994', 'Sun Nov  6 08:49:37 1994 GMT',
    'Mon, 06 Nov 1994 08:49:37 GMT', 'Mon, 31 Feb 2028 00:00:00 GMT', 'Thu, 00 Nov 2029 00:00:00 GMT',
    ' Sun, 06 Nov 1994 08:49:37 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
  ])('is nothing else: %j', (text) => {
    expect(parseHttpDate(text)).toBeNull();
  }); // prettier-ignore

  it('is written as it is read, however often', () => {
    const date = new Date('1994-11-06T08:49:37.000Z');
    const texts = [writeHttpDate(date), writeHttpDate(date), writeHttpDate(new Date('1994-11-06T08:49:38.000Z'))];
    expect(texts).toEqual([
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sun, 06 Nov 1994 08:49:38 GMT',
    ]);
  });
});
