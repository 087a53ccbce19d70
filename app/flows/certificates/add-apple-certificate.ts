/** A merchant uploads a pass certificate of their own. It is checked and staged; no card changes yet. */
import { listAppleIssuers, type StagedIssuer, stageAppleIssuer } from '#app/data/cards/apple-issuers.ts';
import { deleteCertificateRequest, findRequestedKey } from '#app/data/cards/certificate-requests.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { appleTrust, isPlatformPassType } from '#app/gateways/apple-issuers.ts';
import { checkAppleCertificate, passCertificateOf } from '#app/gateways/check-apple-certificate.ts';
import { askCertificateRevocation } from '#app/gateways/ocsp.ts';
import { type CredentialFiles, readCredentials } from '#app/gateways/read-credentials.ts';
import { keyFingerprint } from '#app/gateways/x509.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type AddedCertificate = StagedIssuer & {
  passTypeIdentifier: string;
  /** False: the authority did not answer whether it was revoked. */
  isRevocationKnown: boolean;
};

/**
 * Checks and stages a certificate. Where the files hold no key, one that was made here for it is taken. Safe to repeat:
 * the same certificate stays one. Throws `InvalidInput` whose issues name the field and what would be right.
 */
export async function addAppleCertificate({
  shopId,
  files,
  actor,
}: {
  shopId: ShopId;
  files: CredentialFiles;
  actor: string;
}): Promise<AddedCertificate> {
  // Certificates live by the real clock, whatever the rules see.
  const at = new Date();
  const { certificatePems, keyPem: given } = await readCredentials(files);
  const spki = passCertificateOf(certificatePems).publicKey.export({ type: 'spki', format: 'der' });
  const fingerprint = keyFingerprint(spki);
  const keyPem = given ?? (await withShop(shopId, (tx) => findRequestedKey(tx, fingerprint)));
  if (keyPem === null)
    throw refusal('key', 'Add the private key of this certificate. No request made here belongs to it.');
  const checked = checkAppleCertificate({ certificatePems, keyPem, trusted: appleTrust(), at });
  const { passTypeIdentifier } = checked;
  if (isPlatformPassType(passTypeIdentifier))
    throw refusal('certificate', 'This pass type belongs to the platform. Register one of your own at Apple.');
  const revocation = await askCertificateRevocation(checked, at);
  if (revocation === 'revoked')
    throw refusal('certificate', 'Apple has revoked this certificate. Have Apple issue a new one.');
  return withShop(shopId, async (tx) => {
    await refuseOtherTeam(tx, checked);
    const createdAt = now();
    const staged = await stageAppleIssuer(tx, {
      ...checked,
      revocationAskedAt: revocation === 'good' ? at : null,
      createdBy: actor,
      createdAt,
    });
    await deleteCertificateRequest(tx, { keyFingerprint: fingerprint });
    if (staged.isNew)
      await appendAudit(tx, {
        actor,
        action: 'certificate.add',
        object: `apple-certificate:${staged.issuerId}`,
        beforeHash: null,
        afterHash: Buffer.from(checked.fingerprint, 'hex'),
        reason: passTypeIdentifier,
        occurredAt: createdAt,
      });
    return { ...staged, passTypeIdentifier, isRevocationKnown: revocation === 'good' };
  });
}

/** A card on a phone takes no update from another team, even under its own pass type. */
async function refuseOtherTeam(tx: Tx, checked: { passTypeIdentifier: string; teamIdentifier: string }): Promise<void> {
  const before = (await listAppleIssuers(tx)).find(
    ({ passTypeIdentifier }) => passTypeIdentifier === checked.passTypeIdentifier,
  );
  if (before === undefined || before.teamIdentifier === checked.teamIdentifier) return;
  throw refusal(
    'certificate',
    `Cards of this pass type belong to team ${before.teamIdentifier}. Have that team renew it, or register another pass type.`,
  );
}

function refusal(field: 'certificate' | 'key', message: string): InvalidInput {
  return new InvalidInput('pass-certificate-refused', `A pass certificate was refused: ${field}`, {
    publicMessage: message,
    issues: [{ path: field, message }],
  });
}
