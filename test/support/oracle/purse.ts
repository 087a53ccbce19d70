/**
 * A member's account of one unit, kept point by point: each point was earned once and lies in the purse, or was spent, or
 * expired, or was taken back. Whatever moves many moves them one at a time.
 */

type Point = {
  lot: string;
  cause: string;
  earnedAt: number;
  availableAt: number | null;
  expiresAt: number | null;
  is: 'here' | 'spent' | 'expired' | 'taken-back';
  /** It was spent, and taking it back was forgiven: when that spending is given back, it stays away. */
  isForgiven: boolean;
};

/** What came of one accrual. */
export type LotFigures = { remaining: number; consumed: number; expired: number; reversed: number; writtenOff: number };

export type Purse = { points: Point[]; owed: number; forgiven: number };

export type Accrual = Pick<Point, 'lot' | 'cause' | 'earnedAt' | 'availableAt' | 'expiresAt'>;

export function emptyPurse(): Purse {
  return { points: [], owed: 0, forgiven: 0 };
}

/** Points that are earned repay a debt first. */
export function earn(purse: Purse, amount: number, accrual: Accrual): void {
  for (let left = amount; left > 0; left -= 1) {
    const repays = purse.owed > 0;
    if (repays) purse.owed -= 1;
    purse.points.push({ ...accrual, is: repays ? 'taken-back' : 'here', isForgiven: false });
  }
}

/** The cause's own points first, then those of it that expired already, then any, then a debt or a loss. */
export function takeBack(
  purse: Purse,
  amount: number,
  { cause, debtPolicy }: { cause: string; debtPolicy: 'carry' | 'write-off' },
): void {
  for (let left = amount; left > 0; left -= 1) {
    const isOwn = (point: Point) => point.cause === cause;
    const point =
      firstOf(purse, (one) => one.is === 'here' && isOwn(one)) ??
      firstOf(purse, (one) => one.is === 'expired' && isOwn(one)) ??
      firstOf(purse, (one) => one.is === 'here');
    if (point !== undefined) {
      point.is = 'taken-back';
    } else if (debtPolicy === 'carry') {
      purse.owed += 1;
    } else {
      purse.forgiven += 1;
      const culprit =
        firstOf(purse, (one) => one.is === 'spent' && !one.isForgiven && isOwn(one)) ??
        firstOf(purse, (one) => one.is === 'spent' && !one.isForgiven);
      if (culprit !== undefined) culprit.isForgiven = true;
    }
  }
}

/** Spends points that are available, the first to expire first, and answers the lot of each. */
export function spend(purse: Purse, amount: number, at: number): string[] {
  const lots: string[] = [];
  for (let left = amount; left > 0; left -= 1) {
    const point = firstOf(purse, (one) => isAvailable(one, at));
    if (point === undefined) throw new Error('more was spent than was available');
    point.is = 'spent';
    lots.push(point.lot);
  }
  return lots;
}

/** What can be spent at a time. */
export function available(purse: Purse, at: number): number {
  return purse.points.filter((point) => isAvailable(point, at)).length;
}

/**
 * Gives spent points back, `lots` being those they came from in the order of spending: the last goes back first. What was
 * forgiven because of them stays away, and what is owed is repaid; points that return to a lot that is over are good
 * until `graceUntil`. `homeless` are points that no lot can take.
 */
export function giveBack(
  purse: Purse,
  amount: number,
  { lots, at, graceUntil }: { lots: readonly string[]; at: number; graceUntil: number },
): { homeless: number } {
  const { returning, homeless } = takeFromSpent(purse, amount, lots);
  let free = returning.length + homeless;
  while (free > 0 && purse.owed > 0) {
    free -= 1;
    purse.owed -= 1;
  }
  for (const point of returning) {
    point.is = free > 0 ? 'here' : 'taken-back';
    if (point.is === 'here' && point.expiresAt !== null && point.expiresAt <= at) point.expiresAt = graceUntil;
    free -= 1;
  }
  return { homeless: free > 0 ? free : 0 };
}

/** So many of the points that were spent from these lots, without those whose loss was forgiven: that is made good now. */
function takeFromSpent(
  purse: Purse,
  amount: number,
  lots: readonly string[],
): { returning: Point[]; homeless: number } {
  const returning: Point[] = [];
  let homeless = amount;
  for (const lot of lots.toReversed()) {
    if (homeless === 0) break;
    const ofLot = purse.points.filter((one) => one.lot === lot && one.is === 'spent' && !returning.includes(one));
    const point = ofLot.find((one) => one.isForgiven) ?? ofLot[0];
    if (point === undefined) continue;
    homeless -= 1;
    if (!point.isForgiven) {
      returning.push(point);
      continue;
    }
    point.is = 'taken-back';
    point.isForgiven = false;
    purse.forgiven -= 1;
  }
  return { returning, homeless };
}

/** Lets everything go that is over; answers how much. */
export function expire(purse: Purse, now: number): number {
  let expired = 0;
  for (const point of purse.points) {
    if (point.is !== 'here' || point.expiresAt === null || point.expiresAt > now) continue;
    point.is = 'expired';
    expired += 1;
  }
  return expired;
}

export function balanceOf(purse: Purse): number {
  return purse.points.filter((point) => point.is === 'here').length - purse.owed;
}

export function figuresOf(purse: Purse, lot: string): LotFigures {
  const figures = { remaining: 0, consumed: 0, expired: 0, reversed: 0, writtenOff: 0 };
  for (const point of purse.points) {
    if (point.lot !== lot) continue;
    if (point.is === 'here') figures.remaining += 1;
    if (point.is === 'spent') figures.consumed += 1;
    if (point.is === 'expired') figures.expired += 1;
    if (point.is === 'taken-back') figures.reversed += 1;
    if (point.isForgiven) figures.writtenOff += 1;
  }
  return figures;
}

function isAvailable(point: Point, at: number): boolean {
  if (point.is !== 'here' || point.availableAt === null || point.availableAt > at) return false;
  return point.expiresAt === null || point.expiresAt > at;
}

/** The one that expires first, then the older, then the one of the smaller number. */
function firstOf(purse: Purse, isWanted: (point: Point) => boolean): Point | undefined {
  let first: Point | undefined;
  for (const point of purse.points)
    if (isWanted(point) && (first === undefined || goesBefore(point, first))) first = point;
  return first;
}

function goesBefore(one: Point, two: Point): boolean {
  const oneEnds = one.expiresAt ?? Number.MAX_SAFE_INTEGER;
  const twoEnds = two.expiresAt ?? Number.MAX_SAFE_INTEGER;
  if (oneEnds !== twoEnds) return oneEnds < twoEnds;
  if (one.earnedAt !== two.earnedAt) return one.earnedAt < two.earnedAt;
  return Number(one.lot) < Number(two.lot);
}

/** Two purses become one: what is owed is repaid with what lies in it. */
export function mergePurses(into: Purse, from: Purse): void {
  into.points.push(...from.points);
  into.owed += from.owed;
  into.forgiven += from.forgiven;
  while (into.owed > 0) {
    const point = firstOf(into, (one) => one.is === 'here');
    if (point === undefined) return;
    point.is = 'taken-back';
    into.owed -= 1;
  }
}
