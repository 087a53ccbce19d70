/**
 * PINs that many people choose, and that are tried first. Most of them are shapes (dates, repeats, rows, ways over the number
 * pad) and are refused as such, whoever chose them; the others stand in a list.
 */
import { leakedPins } from '#app/domain/access/leaked-pins.ts';

/** Whether digits are a frequent choice: about one in nine of those with six digits, one in fifty with eight. */
export function isFrequentPin(pin: string): boolean {
  const digits = Array.from(pin, Number);
  return isDate(pin) || isMirrored(pin) || isMadeOfRows(digits) || isWayOverPad(digits) || leakedPins.has(pin);
}

/** 010190, 900101, 01011990, 19900101: a day in any of the usual orders; a year of four digits is of this century or the last. */
const dates = [
  /^(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)?\d\d$/,
  /^(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)?\d\d$/,
  /^(?:19|20)?\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/,
];
const isDate = (pin: string) => dates.some((date) => date.test(pin));

/** 123123 and 12341234 over and over, 112233 each digit again, 123321 there and back. */
const repeats = [/^(\d{1,5})\1+\d?$/, /^(?:(\d)\1+)+$/];
const isMirrored = (pin: string) =>
  repeats.some((repeat) => repeat.test(pin)) || pin === Array.from(pin).toReversed().join('');

/** 3, 4, 5 and 1, 5, 9 and 7, 7, 7: always the same step. After 9 a row may go on with 0. */
const isRow = (digits: number[]) =>
  new Set(digits.slice(1).map((digit, index) => stepOf(digits[index], digit))).size === 1;

function stepOf(from = 0, to = 0): number {
  const step = to - from;
  return Math.abs(step) === 9 ? -Math.sign(step) : step;
}

const rowLengthMin = 3;
/** A row and two digits more are guessed as easily as the row. */
const otherDigitsMin = 3;

/** 123456, 789456, 159753, 123400; and 142536, 102030: two rows, by turns. */
function isMadeOfRows(digits: number[]): boolean {
  const [odd, even] = [0, 1].map((turn) => digits.filter((_, index) => index % 2 === turn));
  if (odd !== undefined && even !== undefined && isRow(odd) && isRow(even)) return true;
  let others = 0;
  for (let at = 0; at < digits.length;) {
    let end = at + 1;
    while (end < digits.length && isRow(digits.slice(at, end + 1))) end += 1;
    const isLong = end - at >= rowLengthMin;
    if (!isLong) others += 1;
    at = isLong ? end : at + 1;
  }
  return others < otherDigitsMin;
}

/** 147896, 258963: a finger that goes from each key to the one beside, above or below it. */
function isWayOverPad(digits: number[]): boolean {
  const placeOf = (digit: number) =>
    digit === 0 ? { x: 1, y: 3 } : { x: (digit - 1) % 3, y: Math.floor((digit - 1) / 3) };
  const places = digits.map(placeOf);
  return places.every(({ x, y }, index) => {
    const before = places[index - 1];
    return before === undefined || Math.abs(x - before.x) + Math.abs(y - before.y) <= 1;
  });
}
