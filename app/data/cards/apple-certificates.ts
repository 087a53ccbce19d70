/** The certificates that sign a shop's passes, opened for use. */
import { readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { AppleCertificate } from '#app/domain/cards/apple-certificate.ts';
import { NotFound } from '#app/lib/errors.ts';
import { unseal } from '#app/lib/sealed-box.ts';

/** Where the key of an issuer is sealed for. */
export const appleKeyPlace = (issuerId: string) => ({ table: 'apple_issuer', column: 'sealed_key', row: issuerId });

/**
 * The certificate that signs and pushes the passes of one type; null stays null: the platform's, which no database
 * holds. Throws `NotFound` when the shop has none for that type, or its keys were destroyed.
 */
export async function readSigningCertificate(
  tx: Tx,
  passTypeIdentifier: string | null,
): Promise<AppleCertificate | null> {
  if (passTypeIdentifier === null) return null;
  const [row] = await tx.query<{
    id: string;
    fingerprint: string;
    certificate: string;
    intermediate: string;
    sealed_key: Buffer;
  }>(
    `select id, fingerprint, certificate, intermediate, sealed_key from apple_issuer
     where shop_id = $1 and pass_type_identifier = $2 and state in ('active', 'retiring')`,
    [tx.shopId, passTypeIdentifier],
  );
  if (row === undefined)
    throw new NotFound('pass-certificate-missing', 'The shop has no certificate of this pass type');
  return {
    fingerprint: row.fingerprint,
    certificatePem: row.certificate,
    intermediatePem: row.intermediate,
    keyPem: unseal(await readShopKeys(tx), appleKeyPlace(row.id), row.sealed_key),
  };
}
