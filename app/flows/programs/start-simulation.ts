/** A merchant asks what a draft would have given for past orders. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { lockProgram, readProgram } from '#app/data/programs/programs.ts';
import { cancelSimulations, insertSimulation } from '#app/data/programs/simulations.ts';
import { type ApiRequest, answerOnce } from '#app/data/shops/api-idempotency.ts';
import { withShop } from '#app/data/tenancy.ts';
import { readDocument } from '#app/domain/programs/read-document.ts';
import { simulationLimits } from '#app/domain/programs/simulation-figures.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type StartSimulation = {
  shopId: ShopId;
  programId: string;
  /** Null simulates the draft as it is now. */
  document: unknown;
  /** The last so many orders of members: 1 to 20,000. */
  orders: number;
  actor: string;
  request?: ApiRequest;
};

/**
 * Queues a simulation; one that still runs for the same program is cancelled. Nothing is ever booked. Throws
 * `InvalidInput` for a document that does not fit, `NotFound`.
 */
export async function startSimulation(asked: StartSimulation): Promise<{ simulationId: string }> {
  const { orders } = asked;
  if (!Number.isSafeInteger(orders) || orders < 1 || orders > simulationLimits.ordersMax)
    throw new InvalidInput('orders-out-of-range', 'A simulation was asked for too few or too many orders', {
      publicMessage: `Choose between 1 and ${simulationLimits.ordersMax} orders.`,
    });
  return withShop(asked.shopId, async (tx) => {
    const at = now();
    return answerOnce(tx, { request: asked.request, at }, async () => {
      const programId = asked.programId as ProgramId;
      await lockProgram(tx, programId);
      const program = await readProgram(tx, programId);
      const isDraft = asked.document === null;
      const document = readDocument(isDraft ? program.draft : asked.document);
      await cancelSimulations(tx, { programId, simulationId: null }, at);
      const simulationId = await insertSimulation(tx, {
        programId,
        document,
        draftRevision: isDraft ? program.draftRevision : null,
        orders,
        createdBy: asked.actor,
        at,
      });
      await enqueue(tx, 'simulate-program', { simulationId });
      await appendAudit(tx, {
        actor: asked.actor,
        action: 'simulation.start',
        object: `program:${programId}`,
        beforeHash: null,
        afterHash: fingerprint(document),
        reason: null,
        occurredAt: at,
      });
      return { simulationId };
    });
  });
}
