/**
 * Programs that give away more than is paid. A reward with an amount of money says what a unit is worth; from there it is
 * arithmetic, all in whole numbers.
 */
import { formatMinor } from '#app/domain/money.ts';
import { areApart } from '#app/domain/programs/condition-clashes.ts';
import type { EarnRule, OrderRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { type ProgramFinding, ruleName } from '#app/domain/programs/program-finding.ts';
import type { Benefit, Reward } from '#app/domain/programs/rewards.ts';

type Ratio = { over: bigint; under: bigint };
type MoneyBenefit = Extract<Benefit, { amountMinor: number }>;
type Priced = { reward: Reward; benefit: MoneyBenefit; path: (string | number)[]; label: string };
type SpendRule = EarnRule & { kind: 'spend' };

/** What is said of each reward that is worth money: at most one thing, the worst. */
export function valueFindings(document: ProgramDocument): ProgramFinding[] {
  return document.rewards.flatMap((reward, index) => {
    const { benefit } = reward;
    if (reward.cost === 0 || !('amountMinor' in benefit)) return [];
    const label = document.units.find((unit) => unit.id === reward.unit)?.label ?? reward.unit;
    const priced: Priced = { reward, benefit, path: ['rewards', index], label };
    const finding = ruleAlone(document, priced) ?? rulesTogether(document, priced) ?? visitsAlone(document, priced);
    return finding === null ? [] : [finding];
  });
}

/** A single rule that pays for the reward out of the reward's own worth, every time: no member would ever pay again. */
function ruleAlone(document: ProgramDocument, priced: Priced): ProgramFinding | null {
  for (const rule of spendRules(document, priced)) {
    const earned = earnedFor(priced, rateOf(rule, priced));
    const isSpentAgain = isMoneyAgain(priced.benefit, document);
    const isTooMuch = isSpentAgain ? earned >= BigInt(priced.reward.cost) : earned > BigInt(priced.reward.cost);
    if (!isTooMuch) continue;
    const isLimited = rule.caps !== undefined || rule.conditions.firstOrder !== undefined;
    return found(priced, {
      severity: isLimited ? 'warning' : 'refused',
      code: isSpentAgain ? 'loop' : 'pays-more-than-value',
      earned,
      by: `by ${ruleName(rule)}`,
    });
  }
  return null;
}

/** The same when rules that may apply together, campaigns and the best tier all do. */
function rulesTogether(document: ProgramDocument, priced: Priced): ProgramFinding | null {
  const rules = spendRules(document, priced);
  let best = 0n;
  for (const rule of rules) {
    const together = rules.filter((other) => other === rule || !areApart(rule.conditions, other.conditions));
    const ratios = together.map((one) => times(rateOf(one, priced), bestMultiplier(one, document)));
    const earned = earnedFor(priced, ratios.reduce(plus, { over: 0n, under: 1n }));
    if (earned > best) best = earned;
  }
  if (best <= BigInt(priced.reward.cost)) return null;
  const by = 'when rules, campaigns and the best tier come together';
  return found(priced, { severity: 'warning', code: 'pays-more-than-value', earned: best, by });
}

/** An order just large enough for a visit rule that earns more than it costs. */
function visitsAlone(document: ProgramDocument, { reward, benefit, path, label }: Priced): ProgramFinding | null {
  for (const rule of document.earnRules) {
    const { minimumMinor } = rule.conditions;
    if (rule.kind !== 'visit' || rule.unit !== reward.unit || minimumMinor === undefined) continue;
    const worth = BigInt(rule.amount) * BigInt(benefit.amountMinor);
    if (worth <= BigInt(minimumMinor) * BigInt(reward.cost)) continue;
    const message = `An order of ${money(minimumMinor, benefit)} earns ${rule.amount} ${label} by ${ruleName(rule)}, which are worth more than that in “${reward.name}”.`;
    return { severity: 'warning', code: 'pays-more-than-value', message, path };
  }
  return null;
}

function found(
  { reward, benefit, path, label }: Priced,
  { severity, code, earned, by }: Pick<ProgramFinding, 'severity' | 'code'> & { earned: bigint; by: string },
): ProgramFinding {
  const worth = money(benefit.amountMinor, benefit);
  const bought = `“${reward.name}” gives ${worth} for ${reward.cost} ${label}`;
  const message =
    code === 'loop'
      ? `${bought}, and spending that ${worth} earns ${earned} ${label} again ${by}: nobody would ever have to pay.`
      : `${bought}, but paying ${worth} earns ${earned} ${label} ${by}: members would get back more than they pay.`;
  return { severity, code, message, path };
}

/** Store credit is money like any other when it is spent; so is a gift card where gift cards earn. */
function isMoneyAgain(benefit: MoneyBenefit, { settings }: ProgramDocument): boolean {
  return benefit.kind === 'store-credit' || (benefit.kind === 'gift-card' && settings.earnsOnGiftCards);
}

function money(minor: number, { currency }: MoneyBenefit): string {
  return formatMinor({ minor, currency, locale: 'en' });
}

function spendRules({ earnRules }: ProgramDocument, { reward, benefit }: Priced): SpendRule[] {
  return earnRules.filter(
    (rule): rule is SpendRule =>
      rule.kind === 'spend' &&
      rule.unit === reward.unit &&
      rule.rates.some((rate) => rate.currency === benefit.currency),
  );
}

function rateOf(rule: SpendRule, { benefit }: Priced): Ratio {
  const rate = rule.rates.find(({ currency }) => currency === benefit.currency);
  return { over: BigInt(rate?.amount ?? 0), under: BigInt(rate?.perMinor ?? 1) };
}

/** Units earned by paying as much as the reward is worth, rounded down. */
function earnedFor({ benefit }: Priced, rate: Ratio): bigint {
  return (rate.over * BigInt(benefit.amountMinor)) / rate.under;
}

/** The most that campaigns of one time and a tier can make of a rule together. */
function bestMultiplier(rule: OrderRule, { campaigns, tiers }: ProgramDocument): Ratio {
  const own = campaigns.filter(({ ruleIds }) => ruleIds === undefined || ruleIds.includes(rule.id));
  // The most campaigns are on when one of them has just begun.
  const atOnce = own.map(({ from }) => own.filter((campaign) => campaign.from <= from && from < campaign.to));
  const products = atOnce.map((list) => list.map(({ multiplier }) => ratioOf(multiplier)).reduce(times, one));
  const levels = tiers?.levels.filter(({ id }) => rule.conditions.tierIds?.includes(id) ?? true) ?? [];
  const ofTiers = levels.map(({ multiplier }) => (multiplier === undefined ? one : ratioOf(multiplier)));
  return times([one, ...products].reduce(larger), [one, ...ofTiers].reduce(larger));
}

const one: Ratio = { over: 1n, under: 1n };

function ratioOf(multiplier: { times: number; over: number }): Ratio {
  return { over: BigInt(multiplier.times), under: BigInt(multiplier.over) };
}

function times(first: Ratio, second: Ratio): Ratio {
  return { over: first.over * second.over, under: first.under * second.under };
}

function plus(first: Ratio, second: Ratio): Ratio {
  return { over: first.over * second.under + second.over * first.under, under: first.under * second.under };
}

function larger(first: Ratio, second: Ratio): Ratio {
  return second.over * first.under > first.over * second.under ? second : first;
}
