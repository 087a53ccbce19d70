/** Small pieces of the advice that a form gives: each names a field by its path and says what would be right there. */

/** One sentence of advice by the path of the field, such as `earnRules.0.amount`. */
export type Problems = Readonly<Record<string, string>>;

export type Claims = {
  /** Advice for a field when it is wrong; the first for a field stays. */
  claim: (path: string, isWrong: boolean, advice: string) => void;
  whole: (path: string, value: number | undefined, range: { min: number; max: number }) => void;
  /** Money in minor units; above 0. */
  money: (path: string, minor: number | undefined, max?: number) => void;
  words: (path: string, text: string | undefined, lengthMax: number) => void;
  /** A list that, where it is there at all, must name something, each entry of the right form. */
  list: (path: string, values: readonly string[] | undefined, form: ListForm) => void;
};

/** What each entry of a list must look like, how many there may be, and what to say. */
export type ListForm = { pattern: RegExp; countMax: number; empty: string; wrong: string };

const moneyMax = 1_000_000_000;

/** Collects claims; `problems` holds what was found so far. */
export function collectClaims(): Claims & { problems: Record<string, string> } {
  const problems: Record<string, string> = {};
  const claim: Claims['claim'] = (path, isWrong, advice) => {
    if (isWrong) problems[path] ??= advice;
  };
  const number = new Intl.NumberFormat('en');
  return {
    problems,
    claim,
    whole: (path, value, { min, max }) =>
      claim(
        path,
        value !== undefined && !isWithin(value, min, max),
        `Enter a whole number from ${number.format(min)} to ${number.format(max)}.`,
      ),
    money: (path, minor, max = moneyMax) =>
      claim(path, minor !== undefined && !isWithin(minor, 1, max), 'Enter an amount of money above 0, such as 10.00.'),
    words: (path, text, lengthMax) =>
      claim(path, text !== undefined && isBlank(text, lengthMax), `Enter a name of up to ${lengthMax} characters.`),
    list: (path, values, { pattern, countMax, empty, wrong }) => {
      if (values === undefined) return;
      claim(path, values.length === 0, empty);
      claim(path, values.length > countMax, `Choose at most ${number.format(countMax)}.`);
      const odd = values.find((value) => !pattern.test(value));
      claim(path, odd !== undefined, `“${odd ?? ''}” does not fit: ${wrong}`);
    },
  };
}

/** Whether a text is empty but for spaces, or too long. */
export function isBlank(text: string, lengthMax: number): boolean {
  const { length } = text.trim();
  return length === 0 || length > lengthMax;
}

function isWithin(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

const times = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/;

/** Whether a text is a time on the shop's wall clock, to the minute. */
export function isWallTime(text: string): boolean {
  return times.test(text);
}

/** Claims about a multiplication: a number from 0.1 to 100 with up to three decimals. */
export function claimMultiplier(
  { claim }: Claims,
  path: string,
  multiplier: { times: number; over: number } | undefined,
): void {
  if (multiplier === undefined) return;
  const { times: above, over } = multiplier;
  const isSound = isWithin(above, 1, 10_000) && isWithin(over, 1, 1_000) && above <= over * 100 && above * 10 >= over;
  claim(path, !isSound, 'Enter a number from 0.1 to 100, such as 1.5.');
}
