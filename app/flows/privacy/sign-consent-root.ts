/** Once a day the consent log gets a signed root: from then on nothing in it can be changed or cut off unnoticed. */
import { growTree, writeRoot } from '#app/data/privacy/consent-roots.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { signEvidence } from '#app/lib/evidence.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { rootOf } from '#app/lib/merkle.ts';

/** Signs the root over all consents so far; a log that did not grow keeps its last one. Safe to repeat. */
export async function signConsentRoot({ shopId }: { shopId: ShopId }): Promise<{ size: number; isNew: boolean }> {
  return withShop(shopId, async (tx) => {
    const { frontier, headHash } = await growTree(tx);
    if (headHash === null) return { size: frontier.size, isNew: false };
    const at = now();
    const signed = signEvidence({
      kind: 'consent-root' as const,
      shopId,
      size: frontier.size,
      root: rootOf(frontier).toString('hex'),
      headHash: headHash.toString('hex'),
      madeAt: at.toISOString(),
    });
    await writeRoot(tx, { frontier, signed, at });
    return { size: frontier.size, isNew: true };
  });
}
