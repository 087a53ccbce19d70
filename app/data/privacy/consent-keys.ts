/**
 * A key for each person whose consents say more than yes or no: what they say is sealed under it inside the consent log,
 * and an erasure destroys it. The log's hashes cover the sealed bytes, so it verifies as before; nobody can read it.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import { readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { seal, type ShopKeys, unseal } from '#app/lib/sealed-box.ts';

const place = (memberId: string) => ({ table: 'consent_key', column: 'sealed_key', row: memberId });
const nonceBytes = 12;
const tagBytes = 16;

/** What is kept with a consent for a channel that has an address. */
export type ConsentEvidence = { address: string };

function sealUnder(key: Buffer, evidence: ConsentEvidence): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(JSON.stringify(evidence), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** Opens what was sealed under a person's key; throws when it is of another key or was changed. */
function openUnder(key: Buffer, sealed: Buffer): ConsentEvidence {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes));
  decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
  const text = Buffer.concat([decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()]);
  return JSON.parse(text.toString('utf8')) as ConsentEvidence;
}

async function readKey(tx: Tx, keys: ShopKeys, memberId: string): Promise<Buffer | null> {
  const [row] = await tx.query<{ sealed_key: Buffer }>(
    'select sealed_key from consent_key where shop_id = $1 and member_id = $2',
    [tx.shopId, memberId],
  );
  return row === undefined ? null : Buffer.from(unseal(keys, place(memberId), row.sealed_key), 'base64');
}

/** Seals particulars under the person's key, which is made when there is none. */
export async function sealEvidence(tx: Tx, memberId: string, evidence: ConsentEvidence): Promise<Buffer> {
  const keys = await readShopKeys(tx);
  const made = seal(keys, place(memberId), randomBytes(32).toString('base64'));
  await tx.query(
    `insert into consent_key (shop_id, member_id, sealed_key, created_at) values ($1, $2, $3, $4) on conflict do nothing`,
    [tx.shopId, memberId, made, now()],
  );
  const key = await readKey(tx, keys, memberId);
  if (key === null) throw new Error('Broken invariant: a key that was just made is gone');
  return sealUnder(key, evidence);
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
  return new Map(rows.map((row) => [row.sequence, openUnder(key, row.evidence)]));
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
