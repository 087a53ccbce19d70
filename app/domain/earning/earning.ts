/**
 * What an order should have earned by now. One pure function answers for award, estimate, preview and simulation; nothing
 * else computes points or stamps. The same order and document always give the same answer.
 *
 * Order of application, fixed: eligibility, base, minimum, one rounding at the end per order and rule. Arithmetic is
 * exact until that rounding.
 */
import type { OrderSnapshot, OrderState } from '#app/domain/orders/order.ts';
import type { Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { roundRatio, spreadLargestRemainder } from '#app/domain/earning/rational.ts';
import { standingOf, type Standing, type StandingLine } from '#app/domain/orders/standing.ts';

/** No rule gives more than this for one order or line; it keeps every sum of targets and balances a safe integer. */
const ruleAmountMax = 10_000_000_000;

/** Why a target is what it is. Parts of one rule add up to what the rule gave. */
export type ExplanationPart = {
  ruleId: string;
  /** Null for what belongs to the order as a whole: a visit, or shipping. */
  lineId: string | null;
  /** Money that counted, rounded down; null where money was not what counted. */
  eligibleMinor: number | null;
  amount: number;
};

export type Target = { unit: string; amount: number; explanation: ExplanationPart[] };

export type SettlementCause =
  'earned' | 'nothing-eligible' | 'no-order' | 'not-paid' | 'cancelled' | 'refunded' | 'test-order';

/** `targets` names every unit of the program once, in the program's order, 0 included. */
export type Settlement = { targets: Target[]; because: SettlementCause };

/** Money of one rule as exact shares: each is `numerator / denominator` minor units. */
type Eligible = { shares: { lineId: string | null; items: number; numerator: bigint }[]; denominator: bigint };

/**
 * The target per unit for the order as it is known now, under this version of the program. Amounts are whole and never
 * negative. Post the target minus what is booked for the order already.
 */
export function settle({ order, document }: { order: OrderState; document: ProgramDocument }): Settlement {
  const blocked = whyNothing(order);
  const basis = order.paidUp;
  if (blocked !== null || basis === null) return { targets: emptyTargets(document), because: blocked ?? 'not-paid' };
  const standing = standingOf(order, basis);
  const targets = new Map(emptyTargets(document).map((target) => [target.unit, target]));
  let total = 0;
  for (const rule of document.earnRules) {
    const target = targets.get(rule.unit);
    if (target === undefined || !matchesOrder(rule.conditions, basis)) continue;
    for (const part of applyRule(rule, { basis, standing, document })) {
      target.explanation.push(part);
      target.amount += part.amount;
      total += part.amount;
    }
  }
  return { targets: [...targets.values()], because: total > 0 ? 'earned' : 'nothing-eligible' };
}

function emptyTargets(document: ProgramDocument): Target[] {
  return document.units.map((unit) => ({ unit: unit.id, amount: 0, explanation: [] }));
}

/** The reason why an order earns nothing at all, or null when its lines decide. */
function whyNothing(order: OrderState): SettlementCause | null {
  const { latest, paidUp } = order;
  if (latest === null) return 'no-order';
  if (latest.isTest) return 'test-order';
  if (latest.cancelledAt !== null || (paidUp !== null && paidUp.cancelledAt !== null)) return 'cancelled';
  if (latest.financialStatus === 'refunded') return 'refunded';
  // An order edited upwards is unpaid again, but what was paid before keeps earning.
  return latest.financialStatus === 'voided' || paidUp === null ? 'not-paid' : null;
}

type Context = { basis: OrderSnapshot; standing: Standing; document: ProgramDocument };

function applyRule(rule: EarnRule, context: Context): ExplanationPart[] {
  const eligible = eligibleMoney(rule.conditions, context);
  if (!reachesMinimum(rule.conditions, eligible)) return [];
  if (rule.kind === 'spend') return applySpend(rule, eligible, context.basis.currency);
  const counted = eligible.shares.filter((share) => share.items > 0);
  if (rule.kind === 'visit') return counted.length > 0 ? [countedPart(rule.id, null, rule.amount)] : [];
  return counted.map((share) => countedPart(rule.id, share.lineId, Math.min(share.items * rule.amount, ruleAmountMax)));
}

function countedPart(ruleId: string, lineId: string | null, amount: number): ExplanationPart {
  return { ruleId, lineId, eligibleMinor: null, amount };
}

/** One rounding of the order's whole amount, then spread so that the parts add up to it. */
function applySpend(rule: EarnRule & { kind: 'spend' }, eligible: Eligible, currency: string): ExplanationPart[] {
  const rate = rule.rates.find((candidate) => candidate.currency === currency);
  if (rate === undefined) return [];
  const denominator = eligible.denominator * BigInt(rate.perMinor);
  let numerators = eligible.shares.map((share) => share.numerator * BigInt(rate.amount));
  const numerator = sum(numerators);
  let total = roundRatio({ numerator, denominator }, rule.rounding);
  if (total > BigInt(ruleAmountMax)) {
    total = BigInt(ruleAmountMax);
    numerators = numerators.map((share) => (share * total * denominator) / numerator);
  }
  const amounts = spreadLargestRemainder(total, numerators, denominator);
  return eligible.shares.map((share, index) => ({
    ruleId: rule.id,
    lineId: share.lineId,
    eligibleMinor: Number(share.numerator / eligible.denominator),
    amount: Number(amounts[index] ?? 0n),
  }));
}

/**
 * The standing money that counts for a rule. Money given back without a line shrinks everything by one ratio; tips, gift
 * cards and tax take their share of it although they never earn.
 */
function eligibleMoney(conditions: Conditions, { standing, document }: Context): Eligible {
  const { earnsOnTax, earnsOnShipping } = document.settings;
  // Shipping belongs to no product, so a rule for named products leaves it out.
  const withShipping = earnsOnShipping && conditions.productIds === undefined && standing.shipping.leftMinor > 0;
  const pool = poolMinor(standing) + (withShipping ? standing.shipping.leftMinor : 0);
  const kept = pool - Math.min(pool, standing.givenBackMinor);
  if (kept === 0) return { shares: [], denominator: 1n };
  const shippingPaid = BigInt(withShipping ? standing.shipping.baseMinor + standing.shipping.taxMinor : 1);
  const ratio = kept === pool ? { kept: 1n, pool: 1n } : { kept: BigInt(kept), pool: BigInt(pool) };
  const shares: Eligible['shares'] = [];
  for (const standingLine of standing.lines) {
    if (!matchesLine(conditions, standingLine)) continue;
    const minor = standingLine.baseMinor + (earnsOnTax ? standingLine.taxMinor : 0);
    const numerator = BigInt(minor) * ratio.kept * shippingPaid;
    shares.push({ lineId: standingLine.line.id, items: standingLine.quantity, numerator });
  }
  if (withShipping) {
    const { baseMinor, taxMinor, leftMinor } = standing.shipping;
    const minor = BigInt(baseMinor + (earnsOnTax ? taxMinor : 0));
    shares.push({ lineId: null, items: 0, numerator: minor * BigInt(leftMinor) * ratio.kept });
  }
  return { shares, denominator: ratio.pool * shippingPaid };
}

function poolMinor(standing: Standing): number {
  return standing.lines.reduce((minor, line) => minor + line.baseMinor + line.taxMinor, standing.tipMinor);
}

function reachesMinimum(conditions: Conditions, eligible: Eligible): boolean {
  if (conditions.minimumMinor === undefined) return true;
  const reached = sum(eligible.shares.map((share) => share.numerator));
  return reached >= BigInt(conditions.minimumMinor) * eligible.denominator;
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

function matchesOrder(conditions: Conditions, basis: OrderSnapshot): boolean {
  if (conditions.channels !== undefined && !conditions.channels.includes(basis.channel)) return false;
  if (conditions.locationIds === undefined) return true;
  return basis.locationId !== null && conditions.locationIds.includes(basis.locationId);
}

/** Tips and gift cards never earn, and a line without any money left (a free coffee, a return) is not there. */
function matchesLine(conditions: Conditions, standingLine: StandingLine): boolean {
  const { line, baseMinor, taxMinor, quantity } = standingLine;
  if (line.isGiftCard || line.isTip || quantity === 0 || baseMinor + taxMinor === 0) return false;
  const { productIds, excludedProductIds } = conditions;
  if (productIds !== undefined && (line.productId === null || !productIds.includes(line.productId))) return false;
  return excludedProductIds === undefined || line.productId === null || !excludedProductIds.includes(line.productId);
}
