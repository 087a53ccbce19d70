import type { Problems } from '#app/domain/programs/problem-claims.ts';

/** The parts of the program page, in their order. */
export const programParts = [
  { key: 'earning', label: 'Earning', paths: ['earnRules'] },
  { key: 'campaigns', label: 'Campaigns', paths: ['campaigns'] },
  { key: 'tiers', label: 'Tiers', paths: ['tiers'] },
  { key: 'cards', label: 'Points and cards', paths: ['units', 'collections'] },
  { key: 'rewards', label: 'Rewards', paths: ['rewards'] },
  { key: 'friends', label: 'Friends and occasions', paths: ['referral'] },
  { key: 'aging', label: 'Expiry and refunds', paths: ['settings'] },
  { key: 'joining', label: 'Name and joining', paths: ['name'] },
] as const;

export type ProgramPart = (typeof programParts)[number]['key'];

/** The part of an address; the first for what is none. */
export function programPartOf(name: string | null): ProgramPart {
  return programParts.find(({ key }) => key === name)?.key ?? 'earning';
}

/** How many problems stand in each part. */
export function problemsByPart(problems: Problems): Map<ProgramPart, number> {
  const counts = new Map<ProgramPart, number>();
  for (const path of Object.keys(problems)) {
    const part = programParts.find(({ paths }) =>
      paths.some((start) => path === start || path.startsWith(`${start}.`)),
    );
    if (part) counts.set(part.key, (counts.get(part.key) ?? 0) + 1);
  }
  return counts;
}
