/** What is past its last day expires: an entry for each lot, in bounded batches of members. */
import {
  allocateEntryIds,
  balanceKey,
  type LedgerEntry,
  lockBalances,
  plainEntry,
  writeLedger,
} from '#app/data/ledger/ledger.ts';
import { findMembersWithExpiredLots, readLots } from '#app/data/ledger/lots.ts';
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
    const balances = await lockBalances(tx, memberIds);
    // What is held for a sale going on is good until that is decided.
    const lots = (await readLots(tx, memberIds)).filter(
      ({ memberId, unit }) => (balances.get(balanceKey(memberId, unit))?.held ?? 0) === 0,
    );
    const plans = planExpiry(lots, at);
    const entryIds = await allocateEntryIds(tx, plans.length);
    const entries = plans.map(({ lot, expired }, index): LedgerEntry => ({
      ...plainEntry,
      entryId: entryIds[index] ?? '',
      memberId: lot.memberId,
      unit: lot.unit,
      kind: 'expiration',
      amount: -expired,
      source: 'schedule',
      // A lot can expire again after points were given back to it.
      sourceKey: `expiry:${lot.lotId}:${entryIds[index]}`,
      orderId: lot.orderId,
      lotId: lot.lotId,
      actor: 'system',
      occurredAt: lot.expiresAt ?? at,
    }));
    await writeLedger(tx, { entries, newLots: [], lotUpdates: plans.map(({ lot }) => lot), bookedAt: at });
    await touchPasses(tx, memberIds);
    return entries.length;
  });
}
