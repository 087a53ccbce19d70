/** Limits and gates of a reward as things that a merchant adds and takes away one by one. */
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { Reward, RewardLimits } from '#app/domain/programs/rewards.ts';

const limitKeys = ['perMember', 'perPeriod', 'stock'] as const satisfies readonly (keyof RewardLimits)[];
const ownKeys = [
  'tierIds',
  'channels',
  'locationIds',
  'validFrom',
  'validTo',
] as const satisfies readonly (keyof Reward)[];

export type GateKey = (typeof limitKeys)[number] | (typeof ownKeys)[number];

function isLimit(key: GateKey): key is (typeof limitKeys)[number] {
  return limitKeys.some((limit) => limit === key);
}

/** The gates that a reward has, in the order of a form. */
export function presentGates(reward: Reward): GateKey[] {
  return [
    ...limitKeys.filter((key) => reward.limits?.[key] !== undefined),
    ...ownKeys.filter((key) => reward[key] !== undefined),
  ];
}

/** The gates that a reward could have besides; tiers must be there to be named. */
export function possibleGates(reward: Reward, document: ProgramDocument): GateKey[] {
  const present = new Set(presentGates(reward));
  return [...limitKeys, ...ownKeys].filter(
    (key) => !present.has(key) && (key !== 'tierIds' || document.tiers !== null),
  );
}

/** The reward with one more gate, which the merchant then fills in. `today` is a day such as 2026-11-21. */
export function addGate(
  reward: Reward,
  key: GateKey,
  { document, today }: { document: ProgramDocument; today: string },
): Reward {
  const limits: Required<RewardLimits> = { perMember: 1, perPeriod: { count: 1, days: 30 }, stock: 100 };
  if (isLimit(key)) return { ...reward, limits: { ...reward.limits, [key]: limits[key] } };
  const starters: Pick<Reward, (typeof ownKeys)[number]> = {
    tierIds: document.tiers?.levels.slice(0, 1).map((level) => level.id) ?? [],
    channels: ['online'],
    locationIds: [],
    validFrom: `${today}T00:00`,
    validTo: `${new Date(Date.parse(`${today}T00:00:00Z`) + 30 * 86_400_000).toISOString().slice(0, 10)}T00:00`,
  };
  return { ...reward, [key]: starters[key] };
}

/** The reward without a gate. */
export function removeGate(reward: Reward, key: GateKey): Reward {
  if (!isLimit(key)) {
    const { [key]: _gone, ...rest } = reward;
    return rest;
  }
  const { limits, ...rest } = reward;
  const { [key]: _gone, ...left } = limits ?? {};
  return Object.keys(left).length === 0 ? rest : { ...rest, limits: left };
}
