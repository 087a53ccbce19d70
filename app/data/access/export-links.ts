/**
 * Links to exports: sealed, so that they tell nothing, and bound to shop and export. Layout before base64url: shop id (16) ‖
 * export id (16) ‖ what is offered, sealed. What was taken stands in the audit log, which is also what makes a link work once.
 */
import { z } from 'zod';

import { appendAudit } from '#app/data/privacy/chains.ts';
import { findShopKeys, readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { exportKinds, exportObject, type ExportOffer } from '#app/domain/access/exports.ts';
import { seal, unseal } from '#app/lib/sealed-box.ts';

const offerSchema = z.strictObject({
  exportId: z.string(),
  kind: z.enum(exportKinds),
  fields: z.record(z.string(), z.string()),
  actor: z.string(),
  reason: z.string(),
  expiresAt: z.iso.datetime(),
});

const idBytes = 16;
const placeOf = (exportId: string) => ({ table: 'export_link', column: 'offer', row: exportId });
const bytesOf = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex');

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The token of a link to what is offered. */
export async function writeExportLink(tx: Tx, offer: ExportOffer): Promise<string> {
  const sealed = seal(await readShopKeys(tx), placeOf(offer.exportId), JSON.stringify(offer));
  return Buffer.concat([bytesOf(tx.shopId), bytesOf(offer.exportId), sealed]).toString('base64url');
}

/** Which shop a token claims to be of, unverified; null when it is none. */
export function readExportShop(token: string): string | null {
  const bytes = Buffer.from(token, 'base64url');
  return bytes.length <= 2 * idBytes || bytes.toString('base64url') !== token
    ? null
    : uuidOf(bytes.subarray(0, idBytes));
}

/** What a token offers; null when this shop did not make it, or not so. Whether it is over is the caller's to check. */
export async function readExportLink(tx: Tx, token: string): Promise<ExportOffer | null> {
  const keys = await findShopKeys(tx);
  if (keys === null) return null;
  const bytes = Buffer.from(token, 'base64url');
  const exportId = uuidOf(bytes.subarray(idBytes, 2 * idBytes));
  try {
    return offerSchema.parse(JSON.parse(unseal(keys, placeOf(exportId), bytes.subarray(2 * idBytes))));
  } catch {
    // Altered, made for another place, or sealed with a key that is gone: no link of ours in any case.
    return null;
  }
}

/**
 * Writes down that an export is taken. False when it was before: of many at once one is told true, because audit records of a
 * shop are appended one after the other.
 */
export async function markExportTaken(tx: Tx, { exportId, actor, reason }: ExportOffer, at: Date): Promise<boolean> {
  const record = { actor, action: 'export.take', object: exportObject(exportId), reason, occurredAt: at };
  await appendAudit(tx, { ...record, beforeHash: null, afterHash: null });
  const [row] = await tx.query<{ times: number }>(
    `select count(*)::int as times from audit_record where shop_id = $1 and object = $2 and action = 'export.take'`,
    [tx.shopId, exportObject(exportId)],
  );
  return row?.times === 1;
}
