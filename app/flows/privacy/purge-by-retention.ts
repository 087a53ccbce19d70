/** What has been kept long enough is removed, class by class, and the report says how much. */
import { purgeAnswers } from '#app/data/privacy/cases.ts';
import { purgeVoidDevices } from '#app/data/cards/devices.ts';
import { purgePinLockouts } from '#app/data/access/pins.ts';
import { purgePreparedPasses } from '#app/data/cards/prepared-passes.ts';
import { purgeNonces } from '#app/data/cards/google-objects.ts';
import { purgeSteps } from '#app/data/cards/rotating-codes.ts';
import { purgeRecipients } from '#app/data/campaigns/recipients.ts';
import { purgeFreshnessHours } from '#app/data/cards/freshness.ts';
import { purgeMailRequests } from '#app/data/members/mail-requests.ts';
import { purgeDeliveries } from '#app/data/orders/inbox.ts';
import {
  periodOf,
  purgeBilling,
  purgeIdempotency,
  readRetentionChoices,
  type RetentionClass,
  retentionClasses,
  writePurgeReport,
} from '#app/data/privacy/retention.ts';
import { countRetained } from '#app/data/privacy/retention-counts.ts';
import { purgeShopImages } from '#app/data/cards/shop-images.ts';
import { purgeDecisions } from '#app/data/security/decisions.ts';
import { purgeMemberReads } from '#app/data/security/member-reads.ts';
import { purgeSignals } from '#app/data/security/signals.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const batchMax = 5_000;

const purges: Record<RetentionClass, (tx: Tx, before: Date) => Promise<number>> = {
  'applied deliveries': (tx, before) => purgeDeliveries(tx, { states: ['done'], before, limit: batchMax }),
  'quarantined bodies': (tx, before) => purgeDeliveries(tx, { states: ['quarantined'], before, limit: batchMax }),
  'parked deliveries': (tx, before) => purgeDeliveries(tx, { states: ['parked'], before, limit: batchMax }),
  'answers to data requests': (tx, before) => purgeAnswers(tx, before),
  'devices of erased members': (tx, before) => purgeVoidDevices(tx, before, batchMax),
  'idempotency keys': (tx, before) => purgeIdempotency(tx, before, batchMax),
  'counts of wrong PINs': (tx, before) => purgePinLockouts(tx, before, batchMax),
  'mails to shoppers': (tx, before) => purgeMailRequests(tx, before, batchMax),
  'marks of calls from Google': (tx, before) => purgeNonces(tx, before, batchMax),
  'used half minutes of card codes': (tx, before) => purgeSteps(tx, before, batchMax),
  'logos never published': (tx, before) => purgeShopImages(tx, before, batchMax),
  'who got a message': (tx, before) => purgeRecipients(tx, before, batchMax),
  'prepared passes': (tx, before) => purgePreparedPasses(tx, before, batchMax),
  'signals of detectors': (tx, before) => purgeSignals(tx, before, batchMax),
  'who read which members': (tx, before) => purgeMemberReads(tx, before, batchMax),
  'decisions of machines': (tx, before) => purgeDecisions(tx, before, batchMax),
  'billing records': (tx, before) => purgeBilling(tx, before, batchMax),
  'hours of card freshness': (tx, before) => purgeFreshnessHours(tx, before, batchMax),
};

/** Purges every class of the shop by its period, in batches. Safe to repeat. */
export async function purgeByRetention({ shopId }: { shopId: ShopId }): Promise<void> {
  const at = now();
  const choices = await withShop(shopId, readRetentionChoices);
  for (const name of Object.keys(retentionClasses) as RetentionClass[]) {
    const before = new Date(at.getTime() - periodOf(name, choices) * 3_600_000);
    const { removed, held } = await purgeClass(shopId, name, before);
    if (removed === 0) continue;
    await withShop(shopId, async (tx) => {
      const kept = await countRetained(tx, name, null);
      await writePurgeReport(tx, { name, removed, before, at, held, kept });
    });
  }
}

/** How many rows went, and how many there were before the first did. Nothing is counted where nothing goes. */
async function purgeClass(
  shopId: ShopId,
  name: RetentionClass,
  before: Date,
): Promise<{ removed: number; held: number }> {
  const sum = { removed: 0, held: 0 };
  for (;;) {
    const done = await withShop(shopId, async (tx) => {
      const purged = await purges[name](tx, before);
      if (purged > 0 && sum.removed === 0) sum.held = purged + (await countRetained(tx, name, null));
      return purged;
    });
    sum.removed += done;
    if (done < batchMax) return sum;
  }
}
