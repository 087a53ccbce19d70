/**
 * A shop's own pass certificates and which of them is for what. Of those of one pass type exactly one signs; at most one
 * pass type is for new passes. Installed passes keep their type whatever is switched here.
 */
import { appleKeyPlace } from '#app/data/cards/apple-certificates.ts';
import { lockShop, readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { AppleCertificate } from '#app/domain/cards/apple-certificate.ts';
import { Conflict, NotFound } from '#app/lib/errors.ts';
import { isId, newId } from '#app/lib/ids.ts';
import { seal } from '#app/lib/sealed-box.ts';

export type IssuerState =
  /** Checked, and waits to be used. */
  | 'staged'
  /** New passes take it. */
  | 'active'
  /** Signs the passes that are out there. */
  | 'retiring'
  /** Another certificate of its pass type took over; kept so that it can take it back. */
  | 'replaced';

export type AppleIssuerRow = {
  issuerId: string;
  passTypeIdentifier: string;
  teamIdentifier: string;
  fingerprint: string;
  state: IssuerState;
  isRevoked: boolean;
  revocationAskedAt: Date | null;
  expiresAt: Date;
  alarmedDays: number | null;
  createdAt: Date;
  /** Passes that were handed out under its pass type and are still served: void ones for 30 days, so that phones learn of it. */
  passes: number;
};

/** The most certificates a shop keeps; each pass type of the past keeps one. */
const issuersMax = 20;

const columns = `id as "issuerId", pass_type_identifier as "passTypeIdentifier", team_identifier as "teamIdentifier",
  fingerprint, state, is_revoked as "isRevoked", revocation_asked_at as "revocationAskedAt", expires_at as "expiresAt",
  alarmed_days as "alarmedDays", created_at as "createdAt",
  case when state in ('active', 'retiring') then (
    select count(*)::int from pass p where p.shop_id = i.shop_id and p.pass_type_identifier = i.pass_type_identifier
      and p.issued_at is not null and coalesce(p.voided_at, now()) > now() - interval '30 days') else 0 end as passes`;

/** The shop's certificates, the one for new passes first. */
export async function listAppleIssuers(tx: Tx): Promise<AppleIssuerRow[]> {
  return tx.query<AppleIssuerRow>(
    `select ${columns} from apple_issuer i where shop_id = $1
     order by array_position(array['active', 'staged', 'retiring', 'replaced'], state), created_at desc, id limit 100`,
    [tx.shopId],
  );
}

/** One certificate. Throws `NotFound`, for another shop's as well. */
export async function readAppleIssuer(tx: Tx, issuerId: string): Promise<AppleIssuerRow> {
  const [row] = isId(issuerId)
    ? await tx.query<AppleIssuerRow>(`select ${columns} from apple_issuer i where shop_id = $1 and id = $2`, [
        tx.shopId,
        issuerId,
      ])
    : [];
  if (row === undefined)
    throw new NotFound('certificate-not-found', 'No such certificate', { publicMessage: 'This certificate is gone.' });
  return row;
}

export type NewAppleIssuer = AppleCertificate & {
  passTypeIdentifier: string;
  teamIdentifier: string;
  expiresAt: Date;
  /** When the authority said that it was not revoked; null when it did not answer. */
  revocationAskedAt: Date | null;
  createdBy: string;
  createdAt: Date;
};

export type StagedIssuer = {
  issuerId: string;
  /** False: this very certificate was uploaded before. */
  isNew: boolean;
  /** Whether it is a newer certificate of a pass type in use. */
  isRenewal: boolean;
};

/** Keeps a checked certificate as the staged one, instead of one that was staged before. Safe to repeat. */
export async function stageAppleIssuer(tx: Tx, issuer: NewAppleIssuer): Promise<StagedIssuer> {
  await lockShop(tx);
  const known = await listAppleIssuers(tx);
  const same = known.find(({ fingerprint }) => fingerprint === issuer.fingerprint);
  const isRenewal = known.some(
    (each) => each.passTypeIdentifier === issuer.passTypeIdentifier && isSigning(each.state) && each !== same,
  );
  if (same !== undefined) return { issuerId: same.issuerId, isNew: false, isRenewal };
  if (known.length >= issuersMax)
    throw new Conflict('certificates-max', `The shop keeps ${known.length} certificates`, {
      publicMessage: `At most ${issuersMax} certificates are kept. Remove one that is no longer used.`,
    });
  await tx.query(`delete from apple_issuer where shop_id = $1 and state = 'staged'`, [tx.shopId]);
  const issuerId = newId();
  await tx.query(
    `insert into apple_issuer (shop_id, id, pass_type_identifier, team_identifier, fingerprint, certificate, intermediate,
       sealed_key, state, revocation_asked_at, expires_at, created_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'staged', $9, $10, $11, $12)`,
    [
      tx.shopId,
      issuerId,
      issuer.passTypeIdentifier,
      issuer.teamIdentifier,
      issuer.fingerprint,
      issuer.certificatePem,
      issuer.intermediatePem,
      seal(await readShopKeys(tx), appleKeyPlace(issuerId), issuer.keyPem),
      issuer.revocationAskedAt,
      issuer.expiresAt,
      issuer.createdBy,
      issuer.createdAt,
    ],
  );
  return { issuerId, isNew: true, isRenewal };
}

const isSigning = (state: IssuerState) => state === 'active' || state === 'retiring';

async function setState(tx: Tx, issuerId: string, state: IssuerState): Promise<void> {
  await tx.query('update apple_issuer set state = $3 where shop_id = $1 and id = $2', [tx.shopId, issuerId, state]);
}

export type Switched = 'in-use-already' | 'renewed' | 'switched';

/**
 * Puts a certificate to use. One of a pass type in use takes over that type's passes, new and installed ('renewed'); any
 * other becomes the one for new passes ('switched'), while the one before goes on signing what is out there. The way back
 * is the same call for the certificate before. Safe to repeat.
 */
export async function switchAppleIssuer(tx: Tx, issuerId: string): Promise<Switched> {
  await lockShop(tx);
  const chosen = await readAppleIssuer(tx, issuerId);
  if (chosen.state === 'active') return 'in-use-already';
  const all = await listAppleIssuers(tx);
  const before = all.find((each) => each.passTypeIdentifier === chosen.passTypeIdentifier && isSigning(each.state));
  if (before !== undefined && before.issuerId !== issuerId) {
    await setState(tx, before.issuerId, 'replaced');
    await setState(tx, issuerId, before.state);
    return 'renewed';
  }
  await retireActive(tx);
  await setState(tx, issuerId, 'active');
  return 'switched';
}

/** Makes new passes the platform's again. False when they were. Safe to repeat. */
export async function retireActiveIssuer(tx: Tx): Promise<boolean> {
  await lockShop(tx);
  return retireActive(tx);
}

async function retireActive(tx: Tx): Promise<boolean> {
  const rows = await tx.query(
    `update apple_issuer set state = 'retiring' where shop_id = $1 and state = 'active' returning 1 as one`,
    [tx.shopId],
  );
  return rows.length > 0;
}

/** Forgets a certificate and its key. Throws `NotFound`, and `Conflict` while passes that are out there need it. */
export async function removeAppleIssuer(tx: Tx, issuerId: string): Promise<AppleIssuerRow> {
  await lockShop(tx);
  const issuer = await readAppleIssuer(tx, issuerId);
  if (issuer.state === 'active' || issuer.passes > 0)
    throw new Conflict('certificate-in-use', `${issuer.passes} passes need this certificate`, {
      publicMessage:
        issuer.state === 'active'
          ? 'New cards use this certificate. Switch to another one first.'
          : `${issuer.passes} cards on phones still need this certificate. Re-issue them first.`,
    });
  await tx.query('delete from apple_issuer where shop_id = $1 and id = $2', [tx.shopId, issuerId]);
  return issuer;
}

/** How many certificates that cards depend on end before a day, or were revoked. */
export async function countTroubledIssuers(tx: Tx, before: Date): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(*)::int as count from apple_issuer
     where shop_id = $1 and state in ('active', 'retiring') and (expires_at <= $2 or is_revoked)`,
    [tx.shopId, before],
  );
  return row?.count ?? 0;
}

/** Notes that an alarm was given this many days before the end. False when that one, or a nearer one, was given before. */
export async function noteExpiryAlarm(tx: Tx, issuerId: string, days: number): Promise<boolean> {
  const rows = await tx.query(
    `update apple_issuer set alarmed_days = $3
     where shop_id = $1 and id = $2 and (alarmed_days is null or alarmed_days > $3) returning 1 as one`,
    [tx.shopId, issuerId, days],
  );
  return rows.length > 0;
}

/** Notes what the authority said. True when it is news that the certificate was revoked. */
export async function noteRevocation(
  tx: Tx,
  issuerId: string,
  said: { isRevoked: boolean; at: Date },
): Promise<boolean> {
  const rows = await tx.query(
    `update apple_issuer set is_revoked = $3, revocation_asked_at = $4
     where shop_id = $1 and id = $2 and (is_revoked is distinct from $3 or not $3) returning 1 as one`,
    [tx.shopId, issuerId, said.isRevoked, said.at],
  );
  return said.isRevoked && rows.length > 0;
}

/** The certificate and its intermediate as PEM, without the key. */
export async function readCertificatePems(
  tx: Tx,
  issuerId: string,
): Promise<{ certificatePem: string; intermediatePem: string } | null> {
  const [row] = await tx.query<{ certificate: string; intermediate: string }>(
    'select certificate, intermediate from apple_issuer where shop_id = $1 and id = $2',
    [tx.shopId, issuerId],
  );
  return row === undefined ? null : { certificatePem: row.certificate, intermediatePem: row.intermediate };
}

/** Forgets every certificate, request and account of the shop. Answers how many. */
export async function deleteIssuers(tx: Tx): Promise<number> {
  const removed = [
    await tx.query('delete from apple_issuer where shop_id = $1 returning 1 as one', [tx.shopId]),
    await tx.query('delete from certificate_request where shop_id = $1 returning 1 as one', [tx.shopId]),
    await tx.query('delete from google_issuer where shop_id = $1 returning 1 as one', [tx.shopId]),
  ];
  return removed.flat().length;
}
