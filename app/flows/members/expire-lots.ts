/** What is past its last day expires: an entry for each lot, in bounded batches of members. */
import {
  allocateEntryIds,
  findMembersWithExpiredLots,
  type LedgerEntry,
  lockBalances,
  type LotUpdate,
  plainEntry,
  readLots,
  writeLedger,
} from '#app/data/ledger/ledger.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { withShop } from '#app/data/tenancy.ts';
import { planExpiry } from '#app/domain/ledger/lots.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const lotsPerBatchMax = 500;

/** Expires all lots of the shop that are over. Safe to repeat: an expired lot has nothing left. Answers how many. */
export async function expireLots({ shopId }: { shopId: ShopId }): Promise<number> {
  let expired = 0;
  for (;;) {
    const done = await expireBatch(shopId);
    expired += done;
    if (done === 0) return expired;
  }
}

async function expireBatch(shopId: ShopId): Promise<number> {
  return withShop(shopId, async (tx) => {
    const at = now();
    const memberIds = await findMembersWithExpiredLots(tx, at, lotsPerBatchMax);
    if (memberIds.length === 0) return 0;
    await lockBalances(tx, memberIds);
    const lots = new Map((await readLots(tx, memberIds)).map((lot) => [lot.lotId, lot]));
    const plans = planExpiry([...lots.values()], at);
    const entryIds = await allocateEntryIds(tx, plans.length);
    const entries: LedgerEntry[] = [];
    const lotUpdates: LotUpdate[] = [];
    for (const [index, { lotId, expired }] of plans.entries()) {
      const lot = lots.get(lotId);
      const entryId = entryIds[index];
      if (lot === undefined || entryId === undefined) continue;
      entries.push({
        ...plainEntry,
        entryId,
        memberId: lot.memberId,
        unit: lot.unit,
        kind: 'expiration',
        amount: -expired,
        source: 'schedule',
        // A lot can expire again after points were given back to it.
        sourceKey: `expiry:${lotId}:${entryId}`,
        orderId: lot.orderId,
        lotId,
        actor: 'system',
        occurredAt: lot.expiresAt ?? at,
      });
      lotUpdates.push({ lotId, remaining: 0, expired: lot.expired + expired });
    }
    await writeLedger(tx, { entries, newLots: [], lotUpdates, bookedAt: at });
    await touchPasses(tx, memberIds);
    return entries.length;
  });
}
