/** Keys made here that wait for Apple's certificate. The key never leaves: only the request does. */
import { lockShop, readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { Conflict } from '#app/lib/errors.ts';
import { isId, newId } from '#app/lib/ids.ts';
import { seal, unseal } from '#app/lib/sealed-box.ts';

export type WaitingRequest = { requestId: string; request: string; createdAt: Date };

const requestsMax = 5;
const keyPlace = (requestId: string) => ({ table: 'certificate_request', column: 'sealed_key', row: requestId });

/** Keeps a key and its request. Throws `Conflict` when five wait already. */
export async function insertCertificateRequest(
  tx: Tx,
  made: { request: string; keyPem: string; keyFingerprint: string; createdBy: string; createdAt: Date },
): Promise<string> {
  await lockShop(tx);
  if ((await listCertificateRequests(tx)).length >= requestsMax)
    throw new Conflict('certificate-requests-max', 'Too many certificate requests wait', {
      publicMessage: `${requestsMax} requests wait for their certificate. Use one of them, or remove one.`,
    });
  const requestId = newId();
  await tx.query(
    `insert into certificate_request (shop_id, id, request, key_fingerprint, sealed_key, created_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      tx.shopId,
      requestId,
      made.request,
      made.keyFingerprint,
      seal(await readShopKeys(tx), keyPlace(requestId), made.keyPem),
      made.createdBy,
      made.createdAt,
    ],
  );
  return requestId;
}

/** The requests that wait, newest first. */
export async function listCertificateRequests(tx: Tx): Promise<WaitingRequest[]> {
  return tx.query<WaitingRequest>(
    `select id as "requestId", request, created_at as "createdAt" from certificate_request where shop_id = $1
     order by created_at desc, id desc limit 50`,
    [tx.shopId],
  );
}

/** The key of the request that a certificate answers, or null. */
export async function findRequestedKey(tx: Tx, keyFingerprint: string): Promise<string | null> {
  const [row] = await tx.query<{ id: string; sealed_key: Buffer }>(
    'select id, sealed_key from certificate_request where shop_id = $1 and key_fingerprint = $2',
    [tx.shopId, keyFingerprint],
  );
  return row === undefined ? null : unseal(await readShopKeys(tx), keyPlace(row.id), row.sealed_key);
}

/** Forgets a request and its key. False when there is none. Safe to repeat. */
export async function deleteCertificateRequest(
  tx: Tx,
  which: { requestId: string } | { keyFingerprint: string },
): Promise<boolean> {
  if ('requestId' in which && !isId(which.requestId)) return false;
  const rows =
    'requestId' in which
      ? await tx.query('delete from certificate_request where shop_id = $1 and id = $2 returning 1 as one', [
          tx.shopId,
          which.requestId,
        ])
      : await tx.query(
          'delete from certificate_request where shop_id = $1 and key_fingerprint = $2 returning 1 as one',
          [tx.shopId, which.keyFingerprint],
        );
  return rows.length > 0;
}
