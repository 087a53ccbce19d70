/** Takes what a link to an export offers, which can be done once. */
import { markExportTaken, readExportLink, readExportShop } from '#app/data/access/export-links.ts';
import { findStaffByUser } from '#app/data/access/staff.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { exportNeeds, type ExportOffer } from '#app/domain/access/exports.ts';
import { allows } from '#app/domain/access/permissions.ts';
import { now } from '#app/lib/clock.ts';
import { Forbidden } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type TakenExport = { kind: 'open'; shopId: ShopId; offer: ExportOffer; at: Date } | { kind: 'over' };

/**
 * Opens a link and writes down that it was; of many who try at once, one gets the file. 'over': it was taken before, or is too old.
 * Throws `Forbidden` for a link that is not ours or was changed, and when whoever asked for it may not have it any more.
 */
export async function takeExport(token: string): Promise<TakenExport> {
  const shopId = readExportShop(token) as ShopId | null;
  if (shopId === null) throw invalid();
  const at = now();
  // A link that is over leaves no second record: the transaction that found it taken is undone.
  return withShop(shopId, async (tx): Promise<TakenExport> => {
    const offer = await readExportLink(tx, token);
    if (offer === null) throw invalid();
    if (new Date(offer.expiresAt) <= at) return { kind: 'over' };
    await demandStillAllowed(tx, offer, at);
    if (!(await markExportTaken(tx, offer, at))) throw new TakenBefore();
    return { kind: 'open', shopId, offer, at };
  }).catch((error: unknown) => {
    if (error instanceof TakenBefore) return { kind: 'over' } as const;
    throw error;
  });
}

class TakenBefore extends Error {}

const invalid = () =>
  new Forbidden('link-invalid', 'A link to an export was refused', { publicMessage: 'This link is not valid.' });

/** Somebody who was shut out since does not get the file either. */
async function demandStillAllowed(tx: Tx, { actor, kind }: ExportOffer, at: Date): Promise<void> {
  const staff = await findStaffByUser(tx, actor.replace(/^staff:/, ''));
  const isIn = staff !== null && !staff.isLocked && (staff.expiresAt === null || staff.expiresAt > at);
  const needs = ['exports:create' as const, ...exportNeeds[kind]];
  if (!isIn || !needs.every((permission) => allows(staff.role, permission)))
    throw new Forbidden('permission-missing', 'Who asked for an export may not have it any more', {
      publicMessage: 'You may not export any more.',
    });
}
