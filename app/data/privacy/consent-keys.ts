/**
 * A key for each person whose consents say more than yes or no: what they say is sealed under it inside the consent log,
 * and an erasure destroys it. The log's hashes cover the sealed bytes, so it verifies as before; nobody can read it.
 */
import { createDecipheriv, randomBytes } from 'node:crypto';

import { readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { decryptBox, encryptBox, seal, type ShopKeys, unseal } from '#app/lib/sealed-box.ts';

const place = (memberId: string) => ({ table: 'consent_key', column: 'sealed_key', row: memberId });
const nonceBytes = 12;
const tagBytes = 16;

/** What is kept with a consent for a channel that has an address. */
export type ConsentEvidence = { address: string };

/**
 * How everything begins that is bound to its record. What is older begins with a random nonce and is bound to nothing but its
 * person's key; it stays as it is, because the log's hashes cover it.
 */
const boundMark = Buffer.from('evidence\u0002', 'utf8');

type Row = { shopId: string; sequence: number };
const rowText = ({ shopId, sequence }: Row) => `${shopId}/consent_record/evidence/${sequence}`;

function sealUnder(key: Buffer, evidence: ConsentEvidence, row: Row): Buffer {
  const text = Buffer.from(JSON.stringify(evidence), 'utf8');
  return Buffer.concat([boundMark, encryptBox({ key, algorithm: 'aes-256-gcm' }, text, rowText(row))]);
}

/** Opens what was sealed under a person's key; throws when it is of another key or record, or was changed. */
function openUnder(key: Buffer, sealed: Buffer, row: Row): ConsentEvidence {
  const isBound = sealed.subarray(0, boundMark.length).equals(boundMark);
  const box = sealed.subarray(boundMark.length);
  const text = isBound ? decryptBox({ key, algorithm: 'aes-256-gcm' }, box, rowText(row)) : openUnbound(key, sealed);
  return JSON.parse(text.toString('utf8')) as ConsentEvidence;
}

function openUnbound(key: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes));
  decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
}

async function readKey(tx: Tx, keys: ShopKeys, memberId: string): Promise<Buffer | null> {
  const [row] = await tx.query<{ sealed_key: Buffer }>(
    'select sealed_key from consent_key where shop_id = $1 and member_id = $2',
    [tx.shopId, memberId],
  );
  return row === undefined ? null : Buffer.from(unseal(keys, place(memberId), row.sealed_key), 'base64');
}

/** Seals particulars under the person's key, which is made when there is none, once it is known for which record. */
export async function sealEvidence(
  tx: Tx,
  memberId: string,
  evidence: ConsentEvidence,
): Promise<(sequence: number) => Buffer> {
  const keys = await readShopKeys(tx);
  const made = seal(keys, place(memberId), randomBytes(32).toString('base64'));
  await tx.query(
    `insert into consent_key (shop_id, member_id, sealed_key, created_at) values ($1, $2, $3, $4) on conflict do nothing`,
    [tx.shopId, memberId, made, now()],
  );
  const key = await readKey(tx, keys, memberId);
  if (key === null) throw new Error('Broken invariant: a key that was just made is gone');
  return (sequence) => sealUnder(key, evidence, { shopId: tx.shopId, sequence });
}

/** The particulars of a person's consents, by sequence; those whose key was destroyed are absent. */
export async function readEvidence(tx: Tx, memberId: string): Promise<Map<number, ConsentEvidence>> {
  const key = await readKey(tx, await readShopKeys(tx), memberId);
  if (key === null) return new Map();
  const rows = await tx.query<{ sequence: number; evidence: Buffer }>(
    `select sequence, evidence from consent_record
     where shop_id = $1 and subject = $2 and evidence is not null order by sequence`,
    [tx.shopId, memberId],
  );
  return new Map(
    rows.map((row) => [row.sequence, openUnder(key, row.evidence, { shopId: tx.shopId, sequence: row.sequence })]),
  );
}

/** Destroys these people's keys, and what waits to be mailed to them. Only the worker may. Safe to repeat. */
export async function destroyConsentKeys(tx: Tx, memberIds: string[]): Promise<number> {
  for (const statement of [
    'delete from mail_request where shop_id = $1 and member_id = any($2)',
    'delete from activity_report where shop_id = $1 and member_id = any($2)',
  ])
    await tx.query(statement, [tx.shopId, memberIds]);
  const rows = await tx.query('delete from consent_key where shop_id = $1 and member_id = any($2) returning 1 as one', [
    tx.shopId,
    memberIds,
  ]);
  return rows.length;
}
