/** A request that will not be used any more. */
import { deleteCertificateRequest } from '#app/data/cards/certificate-requests.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Forgets a request and its key: a certificate that Apple issues for it later is of no use. Safe to repeat. */
export async function dropCertificateRequest({
  shopId,
  requestId,
  actor,
}: {
  shopId: ShopId;
  requestId: string;
  actor: string;
}): Promise<'dropped' | 'gone'> {
  return withShop(shopId, async (tx) => {
    if (!(await deleteCertificateRequest(tx, { requestId }))) return 'gone';
    await appendAudit(tx, {
      actor,
      action: 'certificate.drop-request',
      object: `certificate-request:${requestId}`,
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: now(),
    });
    return 'dropped';
  });
}
