/** An owner says how people come in, and from which cost on a redemption needs a manager. */
import { type AccessSettings, readAccessSettings, writeAccessSettings } from '#app/data/access/access-settings.ts';
import { lockStaff } from '#app/data/access/staff.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

const costMax = 1_000_000_000;

/** Replaces the settings; they hold from the next request on. Safe to repeat. Throws `InvalidInput`. */
export async function changeAccessSettings(asked: {
  shopId: ShopId;
  actor: string;
  settings: AccessSettings;
}): Promise<void> {
  const { shopId, actor, settings } = asked;
  const issues = (['tillCostMax', 'apiCostMax'] as const)
    .filter((field) => !isCost(settings[field]))
    .map((path) => ({ path, message: 'Enter a whole number, or nothing for no limit.' }));
  if (issues.length > 0) throw new InvalidInput('access-settings-invalid', 'Settings were refused', { issues });
  await withShop(shopId, async (tx) => {
    await lockStaff(tx);
    const before = await readAccessSettings(tx);
    await writeAccessSettings(tx, settings, { actor, at: now() });
    await appendAudit(tx, {
      actor,
      action: 'access.settings',
      object: `shop:${shopId}`,
      beforeHash: fingerprint(before),
      afterHash: fingerprint(settings),
      reason: null,
      occurredAt: now(),
    });
  });
}

function isCost(value: number | null): boolean {
  return value === null || (Number.isSafeInteger(value) && value >= 0 && value <= costMax);
}
