/** How far a simulation is, and what it found. */
import { readProgram } from '#app/data/programs/programs.ts';
import { findNewestSimulation, findSimulation, type Simulation } from '#app/data/programs/simulations.ts';
import { withShop } from '#app/data/tenancy.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

/** `result` is null until it is done; `ordersFound` until it is known how many orders there are. */
export type SimulationPage = Simulation;

/** One simulation of a program. Throws `NotFound`. */
export async function simulationResult(
  shopId: ShopId,
  asked: { programId: string; simulationId: string },
): Promise<SimulationPage> {
  const simulation = await withShop(shopId, (tx) => findSimulation(tx, asked.simulationId));
  if (simulation === null || simulation.programId !== asked.programId)
    throw new NotFound('simulation-not-found', 'No such simulation', { publicMessage: 'There is no such simulation.' });
  return simulation;
}

/** The newest simulation of a program, or null. Throws `NotFound` for an unknown program. */
export async function latestSimulation(shopId: ShopId, programId: string): Promise<SimulationPage | null> {
  return withShop(shopId, async (tx) => {
    const program = await readProgram(tx, programId as ProgramId);
    return findNewestSimulation(tx, program.programId);
  });
}
