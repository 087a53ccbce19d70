/** What a unit is worth in money: what the reward that gives most for it pays. */
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { Reward } from '#app/domain/programs/rewards.ts';

/** This reward gives `amountMinor` for `cost` units. */
export type UnitPrice = { rewardId: string; rewardName: string; amountMinor: number; cost: number };

/**
 * The price of every unit that some reward turns into money of this currency (money off, store credit, a gift card).
 * Where several do, the one that pays most: what is owed is never understated. Other units have no entry.
 */
export function unitPrices(document: ProgramDocument, currency: string): Map<string, UnitPrice> {
  const prices = new Map<string, UnitPrice>();
  for (const reward of document.rewards) {
    const amountMinor = moneyOf(reward, currency);
    if (amountMinor === null || reward.cost === 0) continue;
    const price = { rewardId: reward.id, rewardName: reward.name, amountMinor, cost: reward.cost };
    const known = prices.get(reward.unit);
    if (known === undefined || paysMore(price, known)) prices.set(reward.unit, price);
  }
  return prices;
}

function moneyOf({ benefit }: Reward, currency: string): number | null {
  const isMoney = benefit.kind === 'amount-off' || benefit.kind === 'store-credit' || benefit.kind === 'gift-card';
  return isMoney && benefit.currency === currency ? benefit.amountMinor : null;
}

function paysMore(one: UnitPrice, two: UnitPrice): boolean {
  return BigInt(one.amountMinor) * BigInt(two.cost) > BigInt(two.amountMinor) * BigInt(one.cost);
}

/** Units in money, away from zero to the next whole minor unit; null where nothing prices them. */
export function valueOf(amount: number, price: UnitPrice | undefined): number | null {
  if (price === undefined) return null;
  const numerator = BigInt(Math.abs(amount)) * BigInt(price.amountMinor);
  const cost = BigInt(price.cost);
  const minor = Number((numerator + cost - 1n) / cost);
  return amount < 0 && minor !== 0 ? -minor : minor;
}
