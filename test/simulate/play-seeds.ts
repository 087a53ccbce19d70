/** Plays seeds one after the other in one database, and says by which command a failing one comes again. */
import { simulateVariables } from '#test/simulate/simulate-variables.ts';
import { simulate } from '#test/simulate/simulation.ts';
import { openTestSystem } from '#test/support/factories.ts';

const stepsUsual = 40;

export type Played = {
  /** What was wrong, and the command that shows it again. */
  failures: string[];
  /** Whether too few faults happened to mean anything. */
  isHarmless: boolean;
};

/** Seeds from `first` on, unless the environment asks for others. */
export async function playSeeds(first: number, count: number): Promise<Played> {
  const seed = Number(process.env[simulateVariables.seed] ?? first);
  const steps = Number(process.env[simulateVariables.steps] ?? stepsUsual);
  const total = Number(process.env[simulateVariables.count] ?? count);
  const system = await openTestSystem('stampwell_worker');
  const seen = { deliveries: 0, doubled: 0, lost: 0, killed: 0 };
  const failures: string[] = [];
  try {
    for (let next = seed; next < seed + total; next += 1) {
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
