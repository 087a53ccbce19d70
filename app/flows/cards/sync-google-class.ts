/** A program's design at Google: one class, drawn once for all members. */
import { markGoogleClassSynced, newestCardDesign, newestRuleVersion } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { googleWallet } from '#app/gateways/connections.ts';
import { syncClass } from '#app/gateways/google-cards.ts';
import { now } from '#app/lib/clock.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

/** Sends the newest design. Safe to repeat. Throws `Unavailable` or `Rejected`. */
export async function syncGoogleClass(asked: { shopId: ShopId; programId: string }): Promise<void> {
  const google = googleWallet();
  const programId = asked.programId as ProgramId;
  if (google === null) return;
  const found = await withShop(asked.shopId, async (tx) => ({
    version: await newestRuleVersion(tx, programId),
    design: await newestCardDesign(tx, programId),
  }));
  if (found.version === null || found.design === null) return;
  await syncClass(google, { programId, document: found.version.document, design: found.design });
  const { number } = found.design;
  await withShop(asked.shopId, (tx) => markGoogleClassSynced(tx, programId, number, now()));
}
