/** Plays seeds one after the other in one database, and says by which command a failing one comes again. */
import { simulateVariables } from '#test/simulate/simulate-variables.ts';
import { simulate } from '#test/simulate/simulation.ts';
import { openTestSystem } from '#test/support/factories.ts';

const stepsUsual = 40;
const progressEvery = 500;

export type Played = {
  /** What was wrong, and the command that shows it again. */
  failures: string[];
  /** Whether too few faults happened to mean anything. */
  isHarmless: boolean;
};

/** What the environment asks for, or nothing. */
const asked = (name: keyof typeof simulateVariables): number | undefined => {
  const value = process.env[simulateVariables[name]];
  return value === undefined ? undefined : Number(value);
};

/** How long a run may take: a seed takes a third of a second, more beside other work. */
export const playTimeoutMs = Math.max(900_000, (asked('count') ?? 0) * 3_000);

/** Seeds from `first` on, unless the environment asks for others. */
export async function playSeeds(first: number, count: number): Promise<Played> {
  const seed = asked('seed') ?? first;
  const steps = asked('steps') ?? stepsUsual;
  const total = asked('count') ?? count;
  const system = await openTestSystem('stampwell_worker');
  const seen = { deliveries: 0, doubled: 0, lost: 0, killed: 0 };
  const failures: string[] = [];
  try {
    for (let next = seed; next < seed + total; next += 1) {
      // A long run says where it is.
      if (next > seed && (next - seed) % progressEvery === 0)
        process.stderr.write(`${next - seed} of ${total} seeds, ${failures.length} wrong\n`);
      const { deliveries, faults, problems } = await simulate(system, { seed: next, steps });
      seen.deliveries += deliveries;
      for (const fault of ['doubled', 'lost', 'killed'] as const) seen[fault] += faults[fault];
      if (problems.length > 0)
        failures.push(`Again with: npm run simulate -- --seed ${next} --steps ${steps}\n  ${problems.join('\n  ')}`);
    }
  } finally {
    await system.close();
  }
  // A simulation without faults would prove nothing.
  const isHarmless = total >= 50 && Object.values(seen).some((times) => times < total / 2);
  return { failures, isHarmless };
}
