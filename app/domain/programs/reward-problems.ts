/** What a person has to mend in the rewards and collections of a program. */
import { type Claims, isBlank, isWallTime } from '#app/domain/programs/problem-claims.ts';
import { limits } from '#app/domain/programs/program-limits.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { Benefit, Collection, Reward } from '#app/domain/programs/rewards.ts';
import { currencies, shopifyIds } from '#app/domain/programs/rule-problems.ts';

/** Claims about one reward. */
export function claimReward(claims: Claims, path: string, reward: Reward, document: ProgramDocument): void {
  claims.words(`${path}.name`, reward.name, 60);
  claimPrice(claims, path, reward, document);
  claimBenefit(claims, `${path}.benefit`, reward.benefit);
  claimGates(claims, path, reward);
}

function claimPrice({ claim, whole }: Claims, path: string, reward: Reward, document: ProgramDocument): void {
  const { cost, atStamp, collectionId, unit: unitId } = reward;
  const unit = document.units.find((candidate) => candidate.id === unitId);
  const isReached = atStamp !== undefined || collectionId !== undefined;
  if (!isReached) whole(`${path}.cost`, cost, { min: 1, max: 1_000_000_000 });
  const needed = unit?.kind === 'stamp' ? unit.stampsNeeded : 0;
  claim(
    `${path}.atStamp`,
    atStamp !== undefined && !(Number.isSafeInteger(atStamp) && atStamp >= 1 && atStamp < needed),
    needed > 2
      ? `Enter a stamp from 1 to ${needed - 1}. For a full card, let the reward cost ${needed} instead.`
      : 'Only a stamp card has a middle: choose one, or let the reward cost something.',
  );
  claim(
    `${path}.collectionId`,
    collectionId !== undefined && !document.collections.some(({ id }) => id === collectionId),
    'Choose the collection that gives this reward.',
  );
}

function claimBenefit({ claim, whole, money }: Claims, path: string, benefit: Benefit): void {
  if (benefit.kind === 'percent-off') whole(`${path}.percent`, benefit.percent, { min: 1, max: 100 });
  if (benefit.kind === 'free-product')
    claim(
      `${path}.productId`,
      !shopifyIds.pattern.test(benefit.productId),
      'Choose the product, or enter the number at the end of its address in Shopify.',
    );
  if (benefit.kind === 'custom')
    claim(
      `${path}.instructions`,
      isBlank(benefit.instructions, 200),
      'Tell your staff what to do, in up to 200 characters.',
    );
  if (!('amountMinor' in benefit)) return;
  money(`${path}.amountMinor`, benefit.amountMinor);
  claim(`${path}.amountMinor`, !currencies.pattern.test(benefit.currency), 'Choose a currency of three letters.');
}

function claimGates(claims: Claims, path: string, reward: Reward): void {
  const { claim, list } = claims;
  const { tierIds, channels, locationIds, validFrom, validTo } = reward;
  claimLimits(claims, `${path}.limits`, reward.limits);
  claim(`${path}.tierIds`, tierIds?.length === 0, 'Tick at least one tier, or remove this limit.');
  claim(`${path}.channels`, channels?.length === 0, 'Tick at least one, or remove this limit.');
  list(`${path}.locationIds`, locationIds, shopifyIds);
  for (const [key, moment] of [['validFrom', validFrom] as const, ['validTo', validTo] as const])
    claim(`${path}.${key}`, moment !== undefined && !isWallTime(moment), 'Enter the day and the time.');
  const isBackwards = validFrom !== undefined && validTo !== undefined && validFrom >= validTo;
  claim(`${path}.validTo`, isBackwards, 'It must end after it begins.');
}

function claimLimits({ whole }: Claims, path: string, most: Reward['limits']): void {
  whole(`${path}.perMember`, most?.perMember, { min: 1, max: 10_000 });
  whole(`${path}.perPeriod.count`, most?.perPeriod?.count, { min: 1, max: 1_000 });
  whole(`${path}.perPeriod.days`, most?.perPeriod?.days, { min: 1, max: 3_660 });
  whole(`${path}.stock`, most?.stock, { min: 1, max: 1_000_000_000 });
}

/** Claims about one collection. */
export function claimCollection({ claim, words, whole }: Claims, path: string, collection: Collection): void {
  words(`${path}.name`, collection.name, 60);
  const { units } = collection;
  const isShort = units.length === 0;
  claim(`${path}.units`, isShort, 'Choose the stamps that complete it.');
  claim(`${path}.units`, units.length > limits.unitsMax, `Choose at most ${limits.unitsMax}.`);
  if (collection.kind === 'any' && !isShort)
    whole(`${path}.needed`, collection.needed, { min: 1, max: Math.min(units.length, limits.unitsMax) });
}
