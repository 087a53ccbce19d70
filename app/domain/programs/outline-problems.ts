/** What a person has to mend in an outline before it can be saved: one sentence for each field, saying what to do. */
import type { ProgramOutline, RewardOutline } from '#app/domain/programs/program-outline.ts';

/** Problems by the path of the field, such as `stamps.needed` or `rewards.0.name`. */
export type OutlineProblems = Readonly<Record<string, string>>;

type Claim = (path: string, isWrong: boolean, advice: string) => void;

const amountMax = 1_000;
const costMax = 1_000_000_000;

/** The same check in the browser and on the server. Empty when the outline can be saved. */
export function outlineProblems(outline: ProgramOutline): OutlineProblems {
  const problems: Record<string, string> = {};
  const claim: Claim = (path, isWrong, advice) => {
    if (isWrong) problems[path] ??= advice;
  };
  claim('name', isBlank(outline.name, 40), 'Enter a name of up to 40 characters.');
  claim('template', !outline.stamps && !outline.points, 'Choose stamps, points or both.');
  claimStamps(outline, claim);
  claimPoints(outline, claim);
  outline.rewards.forEach((reward, index) => claimReward(reward, `rewards.${index}`, claim));
  claimDistinct(outline.rewards, claim);
  const { expiryMonths } = outline;
  claim('expiryMonths', expiryMonths !== null && !isWithin(expiryMonths, 1, 120), 'Enter between 1 and 120 months.');
  return problems;
}

function claimStamps({ stamps }: ProgramOutline, claim: Claim): void {
  if (!stamps) return;
  claim('stamps.label', isBlank(stamps.label, 24), 'Enter a word of up to 24 characters, such as Stamps.');
  claim('stamps.amount', !isWithin(stamps.amount, 1, amountMax), `Enter a whole number from 1 to ${amountMax}.`);
  claim('stamps.needed', !isWithin(stamps.needed, 2, 30), 'Enter a whole number from 2 to 30.');
  if (stamps.basis !== 'product') return;
  claim(
    'stamps.productIds',
    stamps.productIds.length === 0,
    'Choose at least one product, or count every item instead.',
  );
  claim('stamps.productIds', stamps.productIds.length > 250, 'Choose at most 250 products.');
  const isNumeric = stamps.productIds.every((id) => /^\d{1,20}$/.test(id));
  claim('stamps.productIds', !isNumeric, 'Use product numbers only, separated by commas.');
}

function claimPoints({ points }: ProgramOutline, claim: Claim): void {
  if (!points) return;
  claim('points.label', isBlank(points.label, 24), 'Enter a word of up to 24 characters, such as Points.');
  claim('points.amount', !isWithin(points.amount, 1, amountMax), `Enter a whole number from 1 to ${amountMax}.`);
  claim('points.perMinor', !isWithin(points.perMinor, 1, costMax), 'Enter an amount of money above 0.');
}

function claimReward({ name, cost, benefit }: RewardOutline, path: string, claim: Claim): void {
  claim(`${path}.name`, isBlank(name, 60), 'Enter a name of up to 60 characters, such as Free coffee.');
  claim(`${path}.cost`, !isWithin(cost, 1, costMax), 'Enter a whole number above 0.');
  if (benefit.kind === 'amount-off')
    claim(`${path}.value`, !isWithin(benefit.amountMinor, 1, costMax), 'Enter an amount of money above 0.');
  if (benefit.kind === 'percent-off')
    claim(`${path}.value`, !isWithin(benefit.percent, 1, 100), 'Enter a whole number from 1 to 100.');
  if (benefit.kind === 'custom')
    claim(`${path}.value`, isBlank(benefit.instructions, 200), 'Tell your staff what to do, in up to 200 characters.');
  if (benefit.kind === 'free-product')
    claim(`${path}.value`, !/^\d{1,20}$/.test(benefit.productId), 'Enter the number of the product.');
}

function claimDistinct(rewards: RewardOutline[], claim: Claim): void {
  const seen = new Set<string>();
  rewards.forEach(({ name }, index) => {
    const key = name.trim().toLowerCase();
    claim(
      `rewards.${index}.name`,
      seen.has(key),
      'Give each reward a name of its own, so that staff can tell them apart.',
    );
    seen.add(key);
  });
}

function isBlank(text: string, lengthMax: number): boolean {
  const length = text.trim().length;
  return length === 0 || length > lengthMax;
}

function isWithin(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}
