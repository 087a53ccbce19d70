/** The agreement with merchants follows what the software does and who works for us: when that changes, so does its version. */
import { announceToShop } from '#app/data/privacy/agreements.ts';
import { addAgreement, newestAgreement } from '#app/data/system/agreement-versions.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { annexesOf, objectionDays } from '#app/domain/privacy/agreement.ts';
import { ownSubProcessors, readSubProcessors } from '#app/domain/privacy/sub-processors.ts';
import { now } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

const dayMs = 86_400_000;

/**
 * Publishes a new version when the annexes have changed; `ownList` is the installation's own list, as JSON. True when they
 * had. Safe to repeat, and in several processes at once. Throws `InvalidInput` that names what is wrong with the list.
 */
export async function publishAgreement(ownList = env().SUB_PROCESSORS_FILE ?? '[]'): Promise<boolean> {
  const annexes = annexesOf({
    subProcessors: [...ownSubProcessors, ...readSubProcessors(ownList)],
  });
  const at = now();
  const countsFrom = new Date(at.getTime() + objectionDays * dayMs);
  return addAgreement({ hash: fingerprint(annexes), annexes, at, countsFrom });
}

/** Tells a shop of the newest version, once: from then on it waits for the merchant’s word. Safe to repeat. */
export async function announceAgreement({ shopId }: { shopId: ShopId }): Promise<void> {
  const newest = await newestAgreement();
  if (newest === null) return;
  await withShop(shopId, async (tx) => {
    const at = now();
    if (!(await announceToShop(tx, newest.number, at))) return;
    await appendAudit(tx, {
      actor: 'system',
      action: 'agreement.announce',
      object: `agreement:${newest.number}`,
      beforeHash: null,
      afterHash: fingerprint(newest.annexes),
      reason: null,
      occurredAt: at,
    });
  });
}
