/** A merchant wants a certificate without handling a key: the key is made here and only its request goes to Apple. */
import { insertCertificateRequest } from '#app/data/cards/certificate-requests.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { makeCertificateRequest } from '#app/gateways/certificate-request.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const nameLengthMax = 60;

/**
 * Makes a key pair and keeps it sealed; `request` is the PEM to upload at Apple. Each call makes another one. Throws
 * `Conflict` when five wait already.
 */
export async function requestCertificate({
  shopId,
  actor,
}: {
  shopId: ShopId;
  actor: string;
}): Promise<{ requestId: string; request: string }> {
  const shop = await withShop(shopId, readShop);
  const made = await makeCertificateRequest((shop.name ?? shop.domain).slice(0, nameLengthMax));
  return withShop(shopId, async (tx) => {
    const createdAt = now();
    const requestId = await insertCertificateRequest(tx, { ...made, createdBy: actor, createdAt });
    await appendAudit(tx, {
      actor,
      action: 'certificate.request',
      object: `certificate-request:${requestId}`,
      beforeHash: null,
      afterHash: Buffer.from(made.keyFingerprint, 'hex'),
      reason: null,
      occurredAt: createdAt,
    });
    return { requestId, request: made.request };
  });
}
