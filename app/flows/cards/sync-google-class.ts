/** A program's live design at Google: one class, drawn once for all members. */
import { newestCardDesign } from '#app/data/cards/card-designs.ts';
import { bringClass } from '#app/data/cards/google-classes.ts';
import { readActiveGoogleAccount } from '#app/data/cards/google-issuers.ts';
import { googleTurns } from '#app/data/cards/google-turns.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { googleClassOf } from '#app/gateways/google-cards.ts';
import { googleWalletOf } from '#app/gateways/google-issuers.ts';
import { now } from '#app/lib/clock.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

const patienceMs = 10_000;
const timeoutMs = 10_000;

/** Sends the live design unless Google has it as it is. Safe to repeat. Throws `Unavailable` or `Rejected`. */
export async function syncGoogleClass(asked: { shopId: ShopId; programId: string }): Promise<void> {
  const { shopId } = asked;
  const wallet = googleWalletOf(await withShop(shopId, readActiveGoogleAccount));
  const programId = asked.programId as ProgramId;
  if (wallet === null) return;
  const { issuerId } = wallet;
  const google = wallet.paced({ ...googleTurns(issuerId, { isBulk: false, patienceMs }), timeoutMs });
  const { version, design } = await withShop(shopId, async (tx) => ({
    version: await newestRuleVersion(tx, programId),
    design: await newestCardDesign(tx, programId),
  }));
  if (version === null || design === null) return;
  const content = googleClassOf(google, { programId, document: version.document, design });
  await bringClass(
    shopId,
    { programId, designNumber: design.number, issuerId },
    { content, at: now(), send: () => google.upsertClass(content) },
  );
}
