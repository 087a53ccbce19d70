/**
 * Apple's yes to a push is no promise: a phone that was off, or that heard too much from us, may never ask. Devices that
 * did not fetch are told again after 1, 6 and 24 hours, and then left in peace until the next change.
 */
import { askBulkPushes } from '#app/data/cards/bulk-pushes.ts';
import { markReminders } from '#app/data/cards/pushes.ts';
import { withShop } from '#app/data/tenancy.ts';
import { reminderWaitsMs } from '#app/domain/cards/push-pacing.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const devicesPerSlice = 1_000;
const slicesMax = 100;

/** Puts them in line behind everything that one shopper waits for. Safe to repeat: who is in line is not put there again. */
export async function remindDevices({ shopId }: { shopId: ShopId }): Promise<void> {
  for (let slice = 0; slice < slicesMax; slice += 1) {
    const found = await withShop(shopId, async (tx) => {
      const passIds = await markReminders(tx, { waitsMs: reminderWaitsMs, at: now(), limit: devicesPerSlice });
      if (passIds.length === 0) return 0;
      // They wait since long: no pause before the reminder.
      const at = await askBulkPushes(tx, passIds, 0);
      if (at !== null) await enqueue(tx, 'push-waiting', {}, at);
      return passIds.length;
    });
    if (found === 0) return;
  }
}
