/** The staged switch, the renewal and the way back: a merchant chooses which certificate new cards take. */
import {
  readAppleIssuer,
  retireActiveIssuer,
  type Switched,
  switchAppleIssuer,
} from '#app/data/cards/apple-issuers.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

type Choice = {
  shopId: ShopId;
  /** 'platform' for the platform's. */
  issuerId: string;
  actor: string;
};

/**
 * Puts a certificate to use; cards that are out there go on working. Safe to repeat, and to undo by choosing the one
 * before. Throws `NotFound`, and `InvalidInput` for one that has expired or was revoked.
 */
export async function chooseAppleCertificate({ shopId, issuerId, actor }: Choice): Promise<Switched> {
  return withShop(shopId, async (tx) => {
    const outcome = issuerId === 'platform' ? await usePlatform(tx) : await useOwn(tx, issuerId);
    if (outcome !== 'in-use-already')
      await appendAudit(tx, {
        actor,
        action: outcome === 'renewed' ? 'certificate.renew' : 'certificate.switch',
        object: `apple-certificate:${issuerId}`,
        beforeHash: null,
        afterHash: null,
        reason: null,
        occurredAt: now(),
      });
    return outcome;
  });
}

async function usePlatform(tx: Tx): Promise<Switched> {
  return (await retireActiveIssuer(tx)) ? 'switched' : 'in-use-already';
}

async function useOwn(tx: Tx, issuerId: string): Promise<Switched> {
  const issuer = await readAppleIssuer(tx, issuerId);
  if (issuer.isRevoked)
    throw refusal('Apple has revoked this certificate. Have Apple issue a new one and upload that.');
  if (issuer.expiresAt <= new Date())
    throw refusal('This certificate has expired. Have Apple issue a new one and upload that.');
  return switchAppleIssuer(tx, issuerId);
}

function refusal(message: string): InvalidInput {
  return new InvalidInput('certificate-unusable', 'A certificate that has ended was chosen', {
    publicMessage: message,
    issues: [{ path: 'certificate', message }],
  });
}
