/** Whether somebody may act at a till now: a person or a place that is stopped gives nothing away. */
import { readControls } from '#app/data/security/controls.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { Forbidden } from '#app/lib/errors.ts';

/** Throws `Forbidden` 'till-paused' while the person, or the place if one is named, is stopped. */
export async function demandOpenTill(
  tx: Tx,
  { actor, locationId, at }: { actor: string; locationId: string | null; at: Date },
): Promise<void> {
  const subjects = [actor, ...(locationId === null ? [] : [`location:${locationId}`])];
  const controls = await readControls(tx, { subjects, at });
  const stop = controls.find(({ kind }) => kind === 'pause-staff' || kind === 'pause-location');
  if (stop === undefined) return;
  throw new Forbidden('till-paused', `A till is stopped by ${stop.kind}`, {
    publicMessage:
      stop.kind === 'pause-staff'
        ? 'You cannot give stamps or rewards for the moment. Please ask the owner of the shop.'
        : 'This till is paused for the moment. Please ask the owner of the shop.',
  });
}
