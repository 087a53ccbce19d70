/** The work of a simulation: members in bounded batches, each batch saved, so that a killed worker's successor goes on. */
import { liabilityScope, readHoldings } from '#app/data/ledger/liability.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { readReplayedMembers } from '#app/data/programs/simulation-members.ts';
import {
  findNewestSales,
  finishSimulation,
  lockSimulation,
  type SimulationAtWork,
  writeSimulationBatch,
  writeSimulationWindow,
} from '#app/data/programs/simulations.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { addMembers, emptySums, simulationResult } from '#app/domain/programs/simulation.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { isFailure, Rejected } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

const membersPerBatch = 50;
/** After this long a job hands over to the next, so that no other work of the lane waits for a large shop. */
const sliceMs = 2_000;
/** A chart of more days than this is one of months. */
const chartDaysMax = 366;
const dayMs = 86_400_000;

/**
 * Goes on with a simulation until it is over or others should have a turn. Reads only: nothing is ever booked. Safe to
 * repeat, and to kill: what a batch found is saved together with how far it came. Throws `Rejected` when it cannot be done.
 */
export async function simulateProgram(asked: { shopId: ShopId; simulationId: string }): Promise<void> {
  const startedAt = performance.now();
  try {
    while (performance.now() - startedAt < sliceMs) if ((await simulateBatch(asked)) === 'over') return;
  } catch (error) {
    if (isFailure(error)) throw error;
    await withShop(asked.shopId, (tx) =>
      finishSimulation(tx, asked.simulationId, { problem: 'The simulation could not be finished.', at: now() }),
    );
    throw new Rejected('simulation-failed', 'A simulation met something it cannot work out', { cause: error });
  }
  await withShop(asked.shopId, (tx) => enqueue(tx, 'simulate-program', { simulationId: asked.simulationId }));
}

async function simulateBatch({
  shopId,
  simulationId,
}: {
  shopId: ShopId;
  simulationId: string;
}): Promise<'more' | 'over'> {
  return withShop(shopId, async (tx) => {
    const simulation = await lockSimulation(tx, simulationId, membersPerBatch);
    if (simulation?.state === 'queued') return begin(tx, simulation);
    if (simulation?.state !== 'running' || simulation.window === null || simulation.sums === null) return 'over';
    if (simulation.nextMembers.length === 0) return finish(tx, simulation, simulation.sums);
    const { nextMembers, window, document } = simulation;
    const { timeZone } = await readShop(tx);
    const members = await readReplayedMembers(tx, nextMembers, { window, timeZone, document });
    const sums = addMembers(simulation.sums, members, document);
    await writeSimulationBatch(tx, simulationId, { sums, members: nextMembers.length });
    return 'more';
  });
}

/** Fixes which sales count. */
async function begin(tx: Tx, simulation: SimulationAtWork): Promise<'more' | 'over'> {
  const { simulationId, programId, ordersAsked: orders, createdAt: untilAt } = simulation;
  const sales = await findNewestSales(tx, { programId, orders, untilAt });
  if (sales === null) return finish(tx, simulation, emptySums('day'));
  const isLong = untilAt.getTime() - sales.window.fromAt.getTime() > chartDaysMax * dayMs;
  await writeSimulationWindow(tx, simulationId, { ...sales, sums: emptySums(isLong ? 'month' : 'day') });
  return 'more';
}

async function finish(
  tx: Tx,
  { simulationId, programId, document }: SimulationAtWork,
  sums: ReturnType<typeof emptySums>,
): Promise<'over'> {
  const { currency } = await readShop(tx);
  const published = (await newestRuleVersion(tx, programId))?.document ?? null;
  const holdings = await readHoldings(tx, await liabilityScope(tx, programId));
  const outstanding = new Map(holdings.map((holding) => [holding.unit, holding.outstanding]));
  const result = simulationResult(sums, { document, published, currency: currency ?? defaultCurrency, outstanding });
  await finishSimulation(tx, simulationId, { result, at: now() });
  return 'over';
}

const defaultCurrency = 'USD';
