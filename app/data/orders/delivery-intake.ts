/**
 * The way into the inbox. Deliveries that are read from the network in one turn of the event loop, or while all lanes are
 * busy, are stored together: one statement, one commit. Nobody is answered before the commit, so this costs no
 * durability; it costs a lone delivery no time, and the busier it gets the less each one costs.
 */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';
import type { NewDelivery } from '#app/data/orders/inbox.ts';
import { Unavailable } from '#app/lib/errors.ts';

type Waiting = { delivery: NewDelivery; resolve: () => void; reject: (error: unknown) => void };

/** Statements under way at once. One commit waits for the disk while the next is made ready. */
const lanesMax = 3;
const batchMax = 64;
/** More than these wait only when the database stands still: they are told to come back. */
const waitingMax = 2_000;

let lanesBusy = 0;
let waiting: Waiting[] = [];
let isTurnEnding = false;

/**
 * Stores a delivery durably. Seen before: changes nothing.
 * Throws `Unavailable` when it cannot be stored.
 */
export async function storeDelivery(delivery: NewDelivery): Promise<void> {
  if (waiting.length >= waitingMax) throw new Unavailable('inbox-busy', 'Too many deliveries wait to be stored');
  return new Promise((resolve, reject) => {
    waiting.push({ delivery, resolve, reject });
    if (isTurnEnding) return;
    isTurnEnding = true;
    setImmediate(() => {
      isTurnEnding = false;
      if (lanesBusy < lanesMax) void runLane();
    });
  });
}

async function runLane(): Promise<void> {
  lanesBusy += 1;
  while (waiting.length > 0) {
    const batch = waiting.slice(0, batchMax);
    waiting = waiting.slice(batchMax);
    await storeBatch(batch);
  }
  lanesBusy -= 1;
}

async function storeBatch(batch: Waiting[]): Promise<void> {
  const [first] = batch;
  if (first !== undefined && batch.length === 1) return storeOne(first);
  try {
    await storeTogether(batch.map(({ delivery }) => delivery));
  } catch (error) {
    const described = describeDatabaseError(error);
    if (described instanceof Unavailable) for (const { reject } of batch) reject(described);
    // One of them is at fault: on their own, the others go through.
    else for (const each of batch) await storeOne(each);
    return;
  }
  for (const { resolve } of batch) resolve();
}

async function storeOne({ delivery, resolve, reject }: Waiting): Promise<void> {
  try {
    await pool().query(
      prepared('select receive_delivery($1, $2, $3, $4, $5, $6, $7, $8)', [
        delivery.shopId,
        delivery.webhookId,
        delivery.topic,
        delivery.state,
        delivery.projection,
        delivery.sealed,
        delivery.problem,
        delivery.triggeredAt,
      ]),
    );
    resolve();
  } catch (error) {
    reject(describeDatabaseError(error));
  }
}

async function storeTogether(deliveries: NewDelivery[]): Promise<void> {
  await pool().query(
    prepared('select receive_deliveries($1, $2, $3, $4, $5, $6, $7, $8)', [
      deliveries.map((delivery) => delivery.shopId),
      deliveries.map((delivery) => delivery.webhookId),
      deliveries.map((delivery) => delivery.topic),
      deliveries.map((delivery) => delivery.state),
      deliveries.map((delivery) => delivery.projection),
      deliveries.map((delivery) => delivery.sealed),
      deliveries.map((delivery) => delivery.problem),
      deliveries.map((delivery) => delivery.triggeredAt),
    ]),
  );
}
