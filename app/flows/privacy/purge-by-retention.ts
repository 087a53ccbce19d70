/** What has been kept long enough is removed, class by class, and the report says how much. */
import { purgeAnswers } from '#app/data/privacy/cases.ts';
import { purgeVoidDevices } from '#app/data/cards/devices.ts';
import { purgePreparedPasses } from '#app/data/cards/prepared-passes.ts';
import { purgeNonces } from '#app/data/cards/google-objects.ts';
import { purgeSteps } from '#app/data/cards/rotating-codes.ts';
import { purgeRecipients } from '#app/data/campaigns/recipients.ts';
import { purgeFreshnessHours } from '#app/data/cards/freshness.ts';
import { purgeDeliveries } from '#app/data/orders/inbox.ts';
import { purgeIdempotency, retentionClasses, writePurgeReport } from '#app/data/privacy/retention.ts';
import { purgeShopImages } from '#app/data/cards/shop-images.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const batchMax = 5_000;

type RetentionClass = keyof typeof retentionClasses;

const purges: Record<RetentionClass, (tx: Tx, before: Date) => Promise<number>> = {
  'applied deliveries': (tx, before) => purgeDeliveries(tx, { states: ['done'], before, limit: batchMax }),
  'quarantined bodies': (tx, before) => purgeDeliveries(tx, { states: ['quarantined'], before, limit: batchMax }),
  'parked deliveries': (tx, before) => purgeDeliveries(tx, { states: ['parked'], before, limit: batchMax }),
  'answers to data requests': (tx, before) => purgeAnswers(tx, before),
  'devices of erased members': (tx, before) => purgeVoidDevices(tx, before, batchMax),
  'idempotency keys': (tx, before) => purgeIdempotency(tx, before, batchMax),
  'marks of calls from Google': (tx, before) => purgeNonces(tx, before, batchMax),
  'used half minutes of card codes': (tx, before) => purgeSteps(tx, before, batchMax),
  'logos never published': (tx, before) => purgeShopImages(tx, before, batchMax),
  'who got a message': (tx, before) => purgeRecipients(tx, before, batchMax),
  'prepared passes': (tx, before) => purgePreparedPasses(tx, before, batchMax),
  'hours of card freshness': (tx, before) => purgeFreshnessHours(tx, before, batchMax),
};

/** Purges every class of the shop by its period, in batches. Safe to repeat. */
export async function purgeByRetention({ shopId }: { shopId: ShopId }): Promise<void> {
  const at = now();
  for (const [name, period] of Object.entries(retentionClasses)) {
    const before = new Date(at.getTime() - period.hours * 3_600_000);
    const purge = purges[name as RetentionClass];
    let removed = 0;
    for (;;) {
      const done = await withShop(shopId, (tx) => purge(tx, before));
      removed += done;
      if (done < batchMax) break;
    }
    if (removed > 0) await withShop(shopId, (tx) => writePurgeReport(tx, { name, removed, before, at }));
  }
}
