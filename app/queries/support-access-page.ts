/** What a merchant sees of the platform's support in the shop. */
import { listSupportAccess } from '#app/data/access/support-access.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** All access there was, the newest first, and whether it goes on. Never writes. */
export async function supportAccessPage(shopId: ShopId) {
  const at = now();
  const rows = await withShop(shopId, listSupportAccess);
  return rows.map((row) => ({
    accessId: row.accessId,
    kind: row.kind,
    operator: row.operator,
    scopes: row.scopes,
    reason: row.reason,
    openedAt: row.openedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    endedBy: row.endedBy,
    isOpen: row.endedAt === null && row.expiresAt > at,
  }));
}
