/** A certificate that is needed no more. */
import { removeAppleIssuer } from '#app/data/cards/apple-issuers.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Forgets a certificate and its key. Throws `NotFound` (also when it is repeated), and `Conflict` while cards that are
 * out there need it.
 */
export async function removeAppleCertificate({
  shopId,
  issuerId,
  actor,
}: {
  shopId: ShopId;
  issuerId: string;
  actor: string;
}): Promise<void> {
  await withShop(shopId, async (tx) => {
    const removed = await removeAppleIssuer(tx, issuerId);
    await appendAudit(tx, {
      actor,
      action: 'certificate.remove',
      object: `apple-certificate:${issuerId}`,
      beforeHash: Buffer.from(removed.fingerprint, 'hex'),
      afterHash: null,
      reason: removed.passTypeIdentifier,
      occurredAt: now(),
    });
  });
}
