/** A merchant uploads the service account of their own issuer at Google. It is checked and staged; no card changes yet. */
import { saveGoogleIssuer } from '#app/data/cards/google-issuers.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { googleWallet } from '#app/gateways/connections.ts';
import { readGoogleAccount } from '#app/gateways/read-google-account.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Keeps an account sealed; one for an issuer that is known takes the place of its former key. Safe to repeat. Throws
 * `InvalidInput` whose issues name the field and what would be right.
 */
export async function addGoogleIssuer({
  shopId,
  file,
  issuerId,
  actor,
}: {
  shopId: ShopId;
  file: Uint8Array;
  issuerId: string;
  actor: string;
}): Promise<{ id: string; isNew: boolean }> {
  const account = readGoogleAccount({ file, issuerId });
  if (googleWallet()?.issuerId === issuerId) {
    const message = 'This issuer belongs to the platform. Register one of your own at Google.';
    throw new InvalidInput('google-account-refused', "The platform's issuer was uploaded", {
      publicMessage: message,
      issues: [{ path: 'issuerId', message }],
    });
  }
  return withShop(shopId, async (tx) => {
    const createdAt = now();
    const saved = await saveGoogleIssuer(tx, { account, createdBy: actor, createdAt });
    await appendAudit(tx, {
      actor,
      action: saved.isNew ? 'google-issuer.add' : 'google-issuer.exchange-key',
      object: `google-issuer:${saved.id}`,
      beforeHash: null,
      afterHash: null,
      reason: issuerId,
      occurredAt: createdAt,
    });
    return saved;
  });
}
