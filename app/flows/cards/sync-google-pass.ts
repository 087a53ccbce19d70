/** Google holds the card itself: the object is brought to the member's current state. */
import { type CardView, readCardView } from '#app/data/cards/card-view.ts';
import { designOfPass } from '#app/data/cards/card-designs.ts';
import { isDesignToBlame } from '#app/data/cards/design-failure.ts';
import { markSeen } from '#app/data/cards/freshness.ts';
import { bringClass } from '#app/data/cards/google-classes.ts';
import { readGoogleAccountOfPass } from '#app/data/cards/google-issuers.ts';
import { letGo, letGoSent, readGoogleObjects, takeInHand, takeNotice } from '#app/data/cards/google-objects.ts';
import { googleTurns } from '#app/data/cards/google-turns.ts';
import { findPass, type Pass } from '#app/data/cards/passes.ts';
import { rotatingOf } from '#app/data/cards/rotating-codes.ts';
import { readMember } from '#app/data/members/members.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { blankObject, changeObject, googleClassOf } from '#app/gateways/google-cards.ts';
import { googleWalletOf } from '#app/gateways/google-issuers.ts';
import type { GoogleWallet } from '#app/gateways/google-wallet.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

const patienceMs = 10_000;
const timeoutMs = 10_000;
/** When to look again for an object that another sender has in hand. */
const inHandRetryMs = 1_000;

type Asked = { shopId: ShopId; passId: string; isBulk: boolean };

/** What has to be sent: a card as it is now, or that there is none any more. */
type Card = { pass: Pass; programId: ProgramId } & (
  { kind: 'void'; designNumber: number } | { kind: 'active'; view: CardView; isNotifying: boolean }
);

/**
 * Sends the newest content of a Google pass, with a design that is new there its class first; a void pass is blanked. One
 * sender at a time, so the newest state wins in whatever order jobs run. A notice is asked for while the card has one left,
 * and in bulk for a message of the shop alone. Safe to repeat. Throws `Unavailable` or `Rejected`.
 */
export async function syncGooglePass(asked: Asked): Promise<void> {
  const { shopId, isBulk } = asked;
  const wallet = googleWalletOf(await withShop(shopId, (tx) => readGoogleAccountOfPass(tx, asked.passId)));
  if (wallet === null) return;
  const google = wallet.paced({ ...googleTurns(wallet.issuerId, { isBulk, patienceMs }), timeoutMs });
  const card = await withShop(shopId, (tx) => takeCard(tx, asked));
  if (card === null) return;
  try {
    await (card.kind === 'void' ? blank(google, card) : send(google, { shopId, ...card }));
  } catch (error) {
    await withShop(shopId, (tx) => letGo(tx, card.pass.passId));
    // Its cards are asked for again with the design before.
    if (card.kind === 'active') await isDesignToBlame(shopId, card.view, { error, at: now() });
    throw error;
  }
  await finish(google, shopId, card);
}

async function takeCard(tx: Tx, { passId, isBulk }: Asked): Promise<Card | null> {
  const pass = await findPass(tx, passId);
  if (pass === null || pass.wallet !== 'google') return null;
  const { programId } = await readMember(tx, pass.memberId);
  const designNumber = await classedUnder(tx, pass, programId);
  if (designNumber === null) return null;
  const held = await takeInHand(tx, pass.passId, designNumber);
  if (held === null) {
    await enqueue(tx, 'sync-google', { passId, isBulk }, new Date(Date.now() + inHandRetryMs));
    return null;
  }
  // Read again, now that nobody else sends: what the last sender sent is not newer than this.
  const newest = await findPass(tx, passId);
  if (newest?.state !== 'active') return { kind: 'void', pass, programId, designNumber: held.designNumber };
  const view = await readCardView(tx, pass.memberId, { pass: newest, at: now() });
  const isWorthANotice = !isBulk || hasUnseenNews(view, newest);
  return {
    kind: 'active',
    pass: newest,
    programId,
    view,
    isNotifying: isWorthANotice && (await takeNotice(tx, pass.passId)),
  };
}

/** A message of the shop comes in bulk, and is there to be noticed. */
function hasUnseenNews({ member }: CardView, { seenAt }: Pass): boolean {
  return member.news !== null && (seenAt === null || member.news.at > seenAt);
}

/** The design whose class the object is of, or will be; null when it is void and Google never heard of it. */
async function classedUnder(tx: Tx, pass: Pass, programId: ProgramId): Promise<number | null> {
  const known = (await readGoogleObjects(tx, [pass.passId])).get(pass.passId);
  if (known !== undefined) return known.designNumber;
  if (pass.state === 'void') return null;
  return (await designOfPass(tx, programId, pass.passId))?.number ?? 0;
}

async function blank(google: GoogleWallet, { pass, programId, designNumber }: Extract<Card, { kind: 'void' }>) {
  await blankObject(google, { programId, designNumber, serial: pass.serial });
}

async function send(google: GoogleWallet, card: Extract<Card, { kind: 'active' }> & { shopId: ShopId }): Promise<void> {
  const { shopId, pass, programId, view, isNotifying } = card;
  const { design, document, content, keys, member } = view;
  const loyaltyClass = googleClassOf(google, { programId, document, design });
  await bringClass(
    shopId,
    { programId, designNumber: design.number, issuerId: google.issuerId },
    { content: loyaltyClass, at: now(), send: () => google.upsertClass(loyaltyClass) },
  );
  const rotating = rotatingOf(keys, { cardId: member.cardId, design: design.design });
  await changeObject(google, { programId, document, design, content, serial: pass.serial, rotating }, { isNotifying });
}

async function finish(google: GoogleWallet, shopId: ShopId, card: Card): Promise<void> {
  const { pass, programId } = card;
  const designNumber = card.kind === 'void' ? card.designNumber : card.view.design.number;
  const isStillActive = await withShop(shopId, async (tx) => {
    await letGoSent(tx, pass.passId, designNumber);
    await markSeen(tx, pass.passId, { version: pass.version, at: now() });
    return (await findPass(tx, pass.passId))?.state === 'active';
  });
  // Erased while we were sending: what was just sent names the person.
  if (card.kind === 'active' && !isStillActive)
    await blankObject(google, { programId, designNumber, serial: pass.serial });
}
