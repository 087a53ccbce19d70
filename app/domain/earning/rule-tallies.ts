/** What each rule gave a member so far, while their history is walked through in the order of its times. */
import { endOfDay, localDateOf, startOfDay } from '#app/domain/calendar.ts';
import type { RuleUse } from '#app/domain/earning/facts.ts';

/** A sale or occasion that was passed, with what each rule has given for it by now. */
export type Passed = { atMs: number; given: ReadonlyMap<string, number> };

export type RuleTallies = {
  /** Adds a sale or occasion. Each must be as late as the one before. */
  pass: (passed: Passed) => void;
  /** Changes what was given for one that was passed: less after a refund or cancellation. */
  change: (passed: Passed, given: ReadonlyMap<string, number>) => void;
  /** What each rule had given by then; `today` is the shop's calendar day of `atMs`. Never ask about an earlier time. */
  usesAt: (atMs: number, timeZone: string) => Record<string, RuleUse>;
};

type Tally = { today: number; ever: number; earners: Passed[] };

/** Tallies of nothing. Throws RangeError, when asked, for a time zone that does not exist. */
export function openRuleTallies(): RuleTallies {
  const tallies = new Map<string, Tally>();
  const passedSoFar: Passed[] = [];
  let day = { startMs: 0, endMs: 0, timeZone: '' };

  const tallyOf = (ruleId: string): Tally => {
    let tally = tallies.get(ruleId);
    if (tally === undefined) {
      tally = { today: 0, ever: 0, earners: [] };
      tallies.set(ruleId, tally);
    }
    return tally;
  };
  const add = (passed: Passed, ruleId: string, amount: number) => {
    const tally = tallyOf(ruleId);
    tally.ever += amount;
    if (passed.atMs >= day.startMs) tally.today += amount;
  };
  const turnTo = (atMs: number, timeZone: string) => {
    if (timeZone === day.timeZone && atMs < day.endMs) return;
    const date = localDateOf(new Date(atMs), timeZone);
    day = { startMs: startOfDay(date, timeZone).getTime(), endMs: endOfDay(date, timeZone).getTime(), timeZone };
    for (const tally of tallies.values()) tally.today = 0;
    for (let index = passedSoFar.length - 1; index >= 0; index -= 1) {
      const passed = passedSoFar[index];
      if (passed === undefined || passed.atMs < day.startMs) break;
      for (const [ruleId, amount] of passed.given) tallyOf(ruleId).today += amount;
    }
  };
  return {
    pass: (passed) => {
      passedSoFar.push(passed);
      for (const [ruleId, amount] of passed.given) {
        add(passed, ruleId, amount);
        if (amount > 0) tallyOf(ruleId).earners.push(passed);
      }
    },
    change: (passed, given) => {
      for (const [ruleId, amount] of passed.given) add(passed, ruleId, (given.get(ruleId) ?? 0) - amount);
      passed.given = given;
    },
    usesAt: (atMs, timeZone) => {
      turnTo(atMs, timeZone);
      const uses: Record<string, RuleUse> = {};
      for (const [ruleId, { today, ever, earners }] of tallies)
        uses[ruleId] = { today, ever, lastAt: lastEarned(earners, ruleId) };
      return uses;
    },
  };
}

/** What was refunded to nothing has not earned, and never will again. */
function lastEarned(earners: Passed[], ruleId: string): Date | null {
  for (let last = earners.at(-1); last !== undefined; last = earners.at(-1)) {
    if ((last.given.get(ruleId) ?? 0) > 0) return new Date(last.atMs);
    earners.pop();
  }
  return null;
}
