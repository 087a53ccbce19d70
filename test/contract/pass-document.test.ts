/** The card package hears of a pass piece by piece; it must say the same as when it is given the finished pass.json. */
import fc from 'fast-check';
import { PKPass } from 'passkit-generator';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApplePass } from '#app/domain/cards/apple-pass.ts';
import { buildPassContent } from '#app/domain/cards/pass-content.ts';
import { writePassDocument } from '#app/gateways/pass-document.ts';
import { samplePassInput, samplePassJson } from '#test/support/pass-samples.ts';
import { richPassInput } from '#test/support/rich-card.ts';

const runs = 600;
const timeoutMs = 60_000;

// The package writes to the console what it refuses.
beforeEach(() => void vi.spyOn(console, 'warn').mockReturnValue());
afterEach(() => vi.restoreAllMocks());

/** As a file, the package drops what it refuses, or the whole of it; a document it took comes out as it went in. */
function isTakenAsFile(passJson: ApplePass): boolean {
  const text = JSON.stringify(passJson);
  return JSON.stringify(new PKPass({ 'pass.json': Buffer.from(text) }).props) === text;
}

function isWritten(passJson: ApplePass): boolean {
  try {
    return writePassDocument(passJson).toString('utf8') === JSON.stringify(passJson);
  } catch {
    return false;
  }
}

const text = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constant(''));

/** Cards as the product draws them, of any content. */
const anyPass = fc
  .record({
    memberName: fc.option(text),
    organizationName: text,
    logoText: text,
    terms: text,
    cardUrl: text,
    barcodeValue: text,
    isVoid: fc.boolean(),
    stamps: fc.nat(2_000),
    points: fc.option(fc.nat(1_000_000)),
    rewardName: text,
    locale: fc.constantFrom('en', 'de', 'fr', 'es', 'nl'),
    isRich: fc.boolean(),
  })
  .map(({ organizationName, logoText, terms, stamps, points, rewardName, isRich, ...given }) => {
    const input = isRich ? richPassInput() : samplePassInput();
    const pointsUnit = { kind: 'point' as const, id: 'points', label: 'Points' };
    const content = buildPassContent({
      ...input,
      ...given,
      design: { ...input.design, organizationName, logoText, terms },
      units: points === null ? input.units : [...input.units, pointsUnit],
      balances: [
        { unit: 'stamps', balance: stamps, held: 0 },
        ...(points === null ? [] : [{ unit: 'points', balance: points, held: 0 }]),
      ],
      rewards: input.rewards.map((reward) => ({ ...reward, name: rewardName })),
    });
    return samplePassJson(content);
  });

/** Every place in a document, as the names that lead there. */
function placesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, member]) => placesOf(member, [...path, name]))].filter(
    (place) => place.length > 0,
  );
}

/** The same document with one place holding something else, or nothing. */
function changed(passJson: ApplePass, [place, value]: [string[], unknown]): ApplePass {
  const copy = structuredClone(passJson);
  let holder: unknown = copy;
  for (const name of place.slice(0, -1)) holder = Reflect.get(Object(holder), name);
  if (value === undefined && Array.isArray(holder)) holder.splice(Number(place.at(-1)), 1);
  else if (value === undefined) Reflect.deleteProperty(Object(holder), place.at(-1) ?? '');
  else Reflect.set(Object(holder), place.at(-1) ?? '', value);
  return copy;
}

const anyValue = fc.oneof(
  fc.constantFrom<unknown[]>(
    undefined,
    '',
    ' ',
    null,
    0,
    -1,
    1.5,
    true,
    [],
    {},
    'PKBarcodeFormatQR',
    'PKDateStyleFull',
  ),
  fc.constantFrom('rgb(1, 2, 3)', 'rgb(256, 0, 0)', 'https://stampwell.example', 'not an address', '2026-11-22'),
  fc.string({ maxLength: 10 }),
);

describe('the card package, told of a pass piece by piece', () => {
  it(
    'takes and refuses what it takes and refuses as a finished pass.json, whatever is on the card',
    () => {
      let taken = 0;
      fc.assert(
        fc.property(anyPass, (passJson) => {
          const isTaken = isTakenAsFile(passJson);
          taken += isTaken ? 1 : 0;
          expect(isWritten(passJson)).toBe(isTaken);
        }),
        { numRuns: runs },
      );
      expect(taken).toBeGreaterThan(runs / 10);
      expect(taken).toBeLessThan(runs);
    },
    timeoutMs,
  );

  it(
    'takes and refuses the same when any one place of a pass holds something else',
    () => {
      const passJson = samplePassJson();
      // Without its lists it would be no card any more, and no longer of the type; the package takes some such documents.
      const isList = (place: string[]) => place.length <= 2 && ['storeCard', 'barcodes'].includes(place[0] ?? '');
      const places = placesOf(passJson).filter((place) => !isList(place));
      const verdicts = { taken: 0, refused: 0 };
      fc.assert(
        fc.property(fc.tuple(fc.constantFrom(...places), anyValue), (change) => {
          const document = changed(passJson, change);
          const isTaken = isTakenAsFile(document);
          verdicts[isTaken ? 'taken' : 'refused'] += 1;
          expect(isWritten(document)).toBe(isTaken);
        }),
        { numRuns: runs },
      );
      expect(Math.min(verdicts.taken, verdicts.refused)).toBeGreaterThan(runs / 20);
    },
    timeoutMs,
  );
});
