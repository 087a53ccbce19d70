/**
 * A shopper taps "Add to Google Wallet": the object is created at Google, then the save link leads to it. When Google takes no
 * call in time, the link brings the object along instead, and Google makes the card by itself.
 */
import { openCardLink } from '#app/data/cards/card-links.ts';
import { type CardView, readCardView } from '#app/data/cards/card-view.ts';
import { isDesignToBlame } from '#app/data/cards/design-failure.ts';
import { markSeen } from '#app/data/cards/freshness.ts';
import { bringClass, type GoogleClassKey, readClassHash } from '#app/data/cards/google-classes.ts';
import { letGo, letGoSent, noteOfferedByLink, takeInHand } from '#app/data/cards/google-objects.ts';
import { readGoogleAccount } from '#app/data/cards/google-issuers.ts';
import { googleTurns } from '#app/data/cards/google-turns.ts';
import { issuePass } from '#app/data/cards/pass-issuing.ts';
import { findPass, type Pass } from '#app/data/cards/passes.ts';
import { rotatingOf } from '#app/data/cards/rotating-codes.ts';
import { withShop } from '#app/data/tenancy.ts';
import {
  blankObject,
  fullSaveLinkOf,
  type GoogleCard,
  googleClassOf,
  insertObject,
  saveLinkOf,
} from '#app/gateways/google-cards.ts';
import { googleWalletOf } from '#app/gateways/google-issuers.ts';
import type { GoogleWallet } from '#app/gateways/google-wallet.ts';
import { now } from '#app/lib/clock.ts';
import { Unavailable } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** A shopper is looking: what takes longer than this goes by the link. */
const patienceMs = 1_200;
const timeoutMs = 3_000;

type Offer = { shopId: ShopId; pass: Pass; view: CardView; card: GoogleCard; classKey: GoogleClassKey };

/**
 * The save link behind a card link. Throws `Forbidden` for a bad link, and when the shop's plan lets no more cards out;
 * `Unavailable` without Google, or when it does not answer and has never seen the card's design. Safe to repeat.
 */
export async function issueGooglePass({ token }: { token: string }): Promise<{ saveUrl: string }> {
  const { shopId, memberId } = await openCardLink(token, now());
  const { pass, view, isInHand, wallet } = await withShop(shopId, async (tx) => {
    const made = await issuePass(tx, memberId, { wallet: 'google', at: now() });
    const issuer = googleWalletOf(await readGoogleAccount(tx, made.googleIssuerId));
    // Thrown in here, so that the card does not count as handed out.
    if (issuer === null)
      throw new Unavailable('google-wallet-not-configured', 'Google Wallet is not configured', {
        publicMessage: 'Google Wallet is not available at the moment.',
      });
    const before = await readCardView(tx, memberId, { pass: made, at: now() });
    const held = await takeInHand(tx, made.passId, before.design.number);
    const newest = await readCardView(tx, memberId, { pass: made, at: now() });
    return { pass: made, view: newest, isInHand: held !== null, wallet: issuer };
  });
  const google = wallet.paced({ ...googleTurns(wallet.issuerId, { isBulk: false, patienceMs }), timeoutMs });
  const offer = offerOf({ shopId, pass, view, issuerId: google.issuerId });
  try {
    await sendClass(google, offer);
    if (isInHand) await insertObject(google, offer.card);
  } catch (error) {
    if (isInHand) await withShop(shopId, (tx) => letGo(tx, pass.passId));
    if (await isDesignToBlame(shopId, view, { error, at: now() })) return issueGooglePass({ token });
    if (error instanceof Unavailable) return offerByLink(google, offer, error);
    throw error;
  }
  // Another sender is at it: the object may or may not be there when the shopper arrives.
  if (!isInHand) return offerByLink(google, offer);
  const isStillActive = await withShop(shopId, async (tx) => {
    await letGoSent(tx, pass.passId, view.design.number);
    await markSeen(tx, pass.passId, { version: pass.version, at: now() });
    return (await findPass(tx, pass.passId))?.state === 'active';
  });
  // Erased, or replaced, while we were sending: what was just sent names the person.
  if (!isStillActive) await blankObject(google, { ...offer.classKey, serial: pass.serial });
  return { saveUrl: await saveLinkOf(google, pass.serial) };
}

function offerOf({
  shopId,
  pass,
  view,
  issuerId,
}: Pick<Offer, 'shopId' | 'pass' | 'view'> & { issuerId: string }): Offer {
  const { document, design, content, keys, member } = view;
  const { programId, cardId } = member;
  const rotating = rotatingOf(keys, { cardId, design: design.design });
  const card = { programId, document, design, content, serial: pass.serial, rotating };
  return { shopId, pass, view, card, classKey: { programId, designNumber: design.number, issuerId } };
}

/** The first to tap may still be bringing it: whoever taps meanwhile must not be told that it is not there. */
async function sendClass(google: GoogleWallet, { shopId, card, classKey }: Offer): Promise<void> {
  const content = googleClassOf(google, card);
  await bringClass(shopId, classKey, { content, at: now(), send: () => google.upsertClass(content) });
}

/** No call, so nothing that Google could refuse. Only the class must be there: a link has no room for it. */
async function offerByLink(
  google: GoogleWallet,
  { shopId, pass, view, card, classKey }: Offer,
  cause?: Unavailable,
): Promise<{ saveUrl: string }> {
  const isClassThere = await withShop(shopId, async (tx) => {
    const isThere = (await readClassHash(tx, classKey)) !== null;
    if (isThere) await noteOfferedByLink(tx, pass.passId, view.design.number);
    return isThere;
  });
  if (!isClassThere)
    throw new Unavailable('google-wallet-unavailable', 'Google Wallet has not seen this design yet', {
      cause,
      publicMessage: 'Google Wallet is busy at the moment. Please try again in a minute.',
    });
  return { saveUrl: await fullSaveLinkOf(google, card) };
}
