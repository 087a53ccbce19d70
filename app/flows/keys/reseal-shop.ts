/**
 * A rotation of the data key, to its end: use the new key once everybody knows it, seal everything again, wait until nobody
 * can still hold the old one in memory, look once more, and destroy it. Killed anywhere, it goes on where it was.
 */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { countEarlierSealed, resealSlice, sealedTableCount } from '#app/data/shops/resealing.ts';
import {
  destroyEarlierDataKeys,
  type KeyRotation,
  lockRotation,
  moveRotation,
  useAnnouncedDataKey,
} from '#app/data/shops/shop-keys.ts';
import { awaitRunningTransactions } from '#app/data/system/running-transactions.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const rowsPerSlice = 200;
/** No request and no job holds a key it has read for longer: a statement ends after half a minute. */
const settleMs = 2 * 60_000;

type Rotating = { shopId: ShopId; rotationId: string };

/**
 * Carries a rotation on; asks for itself again when it has to wait. Answers what state it left. Safe to repeat and to run
 * twice at once. Throws `NotFound`, and `Unavailable` when an older transaction does not end.
 */
export async function resealShop({ shopId, rotationId }: Rotating): Promise<KeyRotation['state']> {
  const rotation = await withShop(shopId, (tx) => lockRotation(tx, rotationId));
  if (rotation.state === 'done') return 'done';
  if (rotation.state === 'settling') return settle({ shopId, rotationId });
  if (rotation.state === 'announced') {
    // Whoever began before has not heard of the new key, and could not open what is sealed with it.
    await awaitRunningTransactions();
    await withShop(shopId, (tx) => startSealing(tx, rotationId));
  }
  // Whoever began before still seals with the old key.
  await awaitRunningTransactions();
  await sealAll({ shopId, rotationId });
  await withShop(shopId, (tx) => startSettling(tx, rotationId));
  return 'settling';
}

async function startSealing(tx: Tx, rotationId: string): Promise<void> {
  const rotation = await lockRotation(tx, rotationId);
  if (rotation.state !== 'announced') return;
  await useAnnouncedDataKey(tx, rotation, now());
  await moveRotation(tx, rotationId, { rowsTotal: await countEarlierSealed(tx) });
}

async function sealAll({ shopId, rotationId }: Rotating): Promise<void> {
  for (let table = 0; table < sealedTableCount; table += 1) {
    let after: string[] | null = null;
    do {
      after = await withShop(shopId, async (tx): Promise<string[] | null> => {
        const slice = await resealSlice(tx, { table, after, limit: rowsPerSlice });
        if (slice.rows === 0) return null;
        const { rowsDone, rowsTotal } = await lockRotation(tx, rotationId);
        const done = rowsDone + slice.rows;
        await moveRotation(tx, rotationId, { rowsDone: done, rowsTotal: Math.max(rowsTotal, done) });
        return slice.after;
      });
    } while (after !== null);
  }
}

async function startSettling(tx: Tx, rotationId: string): Promise<void> {
  const rotation = await lockRotation(tx, rotationId);
  if (rotation.state !== 'sealing') return;
  const settlesAt = new Date(now().getTime() + settleMs);
  await moveRotation(tx, rotationId, { state: 'settling', settlesAt });
  await enqueue(tx, 'reseal-shop', { rotationId }, settlesAt);
}

async function settle({ shopId, rotationId }: Rotating): Promise<KeyRotation['state']> {
  // What somebody sealed meanwhile with a key they had read before.
  await sealAll({ shopId, rotationId });
  return withShop(shopId, async (tx) => {
    const rotation = await lockRotation(tx, rotationId);
    if (rotation.state !== 'settling') return rotation.state;
    const at = now();
    const isOver = rotation.settlesAt !== null && rotation.settlesAt <= at;
    if (!isOver || (await countEarlierSealed(tx)) > 0) {
      await enqueue(
        tx,
        'reseal-shop',
        { rotationId },
        isOver ? new Date(at.getTime() + settleMs) : (rotation.settlesAt ?? at),
      );
      return 'settling';
    }
    await destroyEarlierDataKeys(tx, rotation, at);
    await appendAudit(tx, {
      actor: 'system',
      action: 'key.destroy-data',
      object: `data-key:${rotation.toVersion - 1}`,
      beforeHash: null,
      afterHash: null,
      reason: `replaced by version ${rotation.toVersion}`,
      occurredAt: at,
    });
    return 'done';
  });
}
