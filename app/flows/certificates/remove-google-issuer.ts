/** An issuer at Google that is needed no more. */
import { removeGoogleIssuer as removeRow } from '#app/data/cards/google-issuers.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Forgets an issuer and its key. Throws `NotFound` (also when it is repeated), and `Conflict` while saved cards need it. */
export async function removeGoogleIssuer({
  shopId,
  id,
  actor,
}: {
  shopId: ShopId;
  id: string;
  actor: string;
}): Promise<void> {
  await withShop(shopId, async (tx) => {
    const removed = await removeRow(tx, id);
    await appendAudit(tx, {
      actor,
      action: 'google-issuer.remove',
      object: `google-issuer:${id}`,
      beforeHash: null,
      afterHash: null,
      reason: removed.issuerId,
      occurredAt: now(),
    });
  });
}
