/** Offers a file to somebody who may have it: a link that works once, for some minutes. */
import { writeExportLink } from '#app/data/access/export-links.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type ExportKind, exportLinkMs, exportObject, exportReason } from '#app/domain/access/exports.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { newId, type ShopId } from '#app/lib/ids.ts';

export type AskedExport = {
  shopId: ShopId;
  /** Whoever asks has shown that they may, and their PIN. */
  actor: string;
  kind: ExportKind;
  fields: Record<string, string>;
  reason: string;
};

/** The path of the link. Every call makes another one, and an audit record. Throws `InvalidInput` without a reason. */
export async function offerExport({ shopId, actor, kind, fields, reason: given }: AskedExport): Promise<string> {
  const reason = given.trim();
  if (reason.length < exportReason.lengthMin)
    throw new InvalidInput('reason-missing', 'Nothing is exported without a reason', {
      publicMessage: 'Say in a few words what the file is for.',
    });
  const at = now();
  const offer = { exportId: newId(), kind, fields, actor, reason, expiresAt: new Date(at.getTime() + exportLinkMs).toISOString() }; // prettier-ignore
  return withShop(shopId, async (tx) => {
    await appendAudit(tx, {
      actor,
      action: 'export.offer',
      object: exportObject(offer.exportId),
      beforeHash: null,
      afterHash: null,
      reason: `${kind}: ${reason}`,
      occurredAt: at,
    });
    return `/export/${await writeExportLink(tx, offer)}`;
  });
}
