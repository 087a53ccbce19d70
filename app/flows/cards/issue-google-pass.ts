/** A shopper taps "Add to Google Wallet": the object is created at Google, then the save link leads to it. */
import { openCardLink } from '#app/data/cards/card-links.ts';
import { readCardView } from '#app/data/cards/card-view.ts';
import { ensurePass, markSeen } from '#app/data/cards/passes.ts';
import { markGoogleClassSynced } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { googleWallet } from '#app/gateways/connections.ts';
import { saveLinkOf, syncClass, syncObject } from '#app/gateways/google-cards.ts';
import { now } from '#app/lib/clock.ts';
import { Unavailable } from '#app/lib/errors.ts';

/** The save link behind a card link. Throws `Forbidden` for a bad link, `Unavailable` without Google. Safe to repeat. */
export async function issueGooglePass({ token }: { token: string }): Promise<{ saveUrl: string }> {
  const google = googleWallet();
  if (google === null)
    throw new Unavailable('google-wallet-not-configured', 'Google Wallet is not configured', {
      publicMessage: 'Google Wallet is not available at the moment.',
    });
  const link = await openCardLink(token, now());
  const { pass, view } = await withShop(link.shopId, async (tx) => {
    const made = await ensurePass(tx, link.memberId, 'google');
    return { pass: made, view: await readCardView(tx, link.memberId, { pass: made, at: now() }) };
  });
  const program = { programId: view.member.programId, document: view.document, design: view.design };
  if (view.design.googleClassSyncedAt === null) await syncClass(google, program);
  await syncObject(google, { ...program, serial: pass.serial, content: view.content, isNew: true });
  await withShop(link.shopId, async (tx) => {
    await markGoogleClassSynced(tx, view.member.programId, view.design.number, now());
    await markSeen(tx, pass.passId, { version: pass.version, at: now() });
  });
  return { saveUrl: await saveLinkOf(google, pass.serial) };
}
