/** A merchant no longer wants to know. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { cancelSimulations, findSimulation } from '#app/data/programs/simulations.ts';
import { type ApiRequest, answerOnce } from '#app/data/shops/api-idempotency.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type CancelSimulation = {
  shopId: ShopId;
  programId: string;
  simulationId: string;
  actor: string;
  request?: ApiRequest;
};

/** Cancels a simulation that is not over; the batch at work ends first. Safe to repeat. Throws `NotFound`. */
export async function cancelSimulation(asked: CancelSimulation): Promise<void> {
  await withShop(asked.shopId, async (tx) => {
    const at = now();
    await answerOnce(tx, { request: asked.request, at }, async () => {
      const simulation = await findSimulation(tx, asked.simulationId);
      if (simulation === null || simulation.programId !== (asked.programId as ProgramId))
        throw new NotFound('simulation-not-found', 'No such simulation', {
          publicMessage: 'There is no such simulation.',
        });
      await cancelSimulations(tx, simulation, at);
      if (simulation.state === 'queued' || simulation.state === 'running')
        await appendAudit(tx, {
          actor: asked.actor,
          action: 'simulation.cancel',
          object: `program:${simulation.programId}`,
          beforeHash: null,
          afterHash: null,
          reason: null,
          occurredAt: at,
        });
      return null;
    });
  });
}
