/** Google holds the card itself: the object is brought to the member's current state. */
import { readCardView } from '#app/data/cards/card-view.ts';
import { findPass, markSeen } from '#app/data/cards/passes.ts';
import { markGoogleClassSynced } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { googleWallet } from '#app/gateways/connections.ts';
import { blankObject, syncClass, syncObject } from '#app/gateways/google-cards.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Sends the newest content of a Google pass; with a new design, its class first. Safe to repeat: the latest state wins.
 * Throws `Unavailable` or `Rejected`.
 */
export async function syncGooglePass({ shopId, passId }: { shopId: ShopId; passId: string }): Promise<void> {
  const google = googleWallet();
  if (google === null) return;
  const found = await withShop(shopId, async (tx) => {
    const pass = await findPass(tx, passId);
    return pass === null ? null : { pass, view: await readCardView(tx, pass.memberId, { pass, at: now() }) };
  });
  if (found === null) return;
  const { pass, view } = found;
  const card = { programId: view.member.programId, serial: pass.serial };
  // A void card shows nobody, so there is nothing to send but that.
  if (pass.state === 'void') return blankObject(google, card);
  const program = { programId: view.member.programId, document: view.document, design: view.design };
  if (view.design.googleClassSyncedAt === null) await syncClass(google, program);
  await syncObject(google, { ...program, serial: pass.serial, content: view.content, isNew: false });
  const isStillActive = await withShop(shopId, async (tx) => {
    await markGoogleClassSynced(tx, view.member.programId, view.design.number, now());
    await markSeen(tx, pass.passId, { version: pass.version, at: now() });
    return (await findPass(tx, passId))?.state === 'active';
  });
  // Erased while we were sending: what was just sent names the person.
  if (!isStillActive) await blankObject(google, card);
}
