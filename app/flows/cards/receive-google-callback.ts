/** Google says that a shopper saved or removed a card. */
import { noteShopper, takeNonce } from '#app/data/cards/google-objects.ts';
import { findPassBySerial, type Pass } from '#app/data/cards/passes.ts';
import { findShopByProgram } from '#app/data/directory.ts';
import { readMember } from '#app/data/members/members.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { googleCallbacks, googleWallet } from '#app/gateways/connections.ts';
import { type GoogleNames, readGoogleNames } from '#app/gateways/google-cards.ts';
import type { GoogleEvent } from '#app/gateways/google-callbacks.ts';
import { enqueue } from '#app/jobs/enqueue.ts';

/** `refused`: not Google's word, too old, or about no card of ours. */
export type CallbackOutcome = 'taken' | 'repeated' | 'refused' | 'malformed';

/**
 * Remembers whether the shopper has the card. One saved by a link that brought it along is then sent whole, and one that was
 * voided meanwhile is blanked. Calls may repeat and come in any order. Throws `Unavailable` while Google's keys are not to
 * be had.
 */
export async function receiveGoogleCallback(body: unknown): Promise<CallbackOutcome> {
  const event = await googleCallbacks().read(body);
  if (event === 'malformed') return event;
  if (event === 'forged' || event === 'expired') return 'refused';
  const names = readGoogleNames(event);
  const shopId = names === null ? null : await findShopByProgram(names.programId);
  if (names === null || shopId === null) return 'refused';
  return withShop(shopId, async (tx) => {
    const pass = await findNamedPass(tx, names);
    if (pass === null) return 'refused';
    return (await takeNonce(tx, event)) ? takeIn(tx, pass, event) : 'repeated';
  });
}

/** The pass, when class, object, member and issuer belong together. */
async function findNamedPass(tx: Tx, { programId, serial, issuerId }: GoogleNames): Promise<Pass | null> {
  const pass = await findPassBySerial(tx, serial);
  if (pass === null || pass.wallet !== 'google') return null;
  const ownIssuer = pass.googleIssuerId ?? googleWallet()?.issuerId;
  if (issuerId !== ownIssuer) return null;
  return (await readMember(tx, pass.memberId)).programId === programId ? pass : null;
}

async function takeIn(tx: Tx, pass: Pass, { kind, expiresAt }: GoogleEvent): Promise<'taken'> {
  const held = await noteShopper(tx, pass.passId, { state: kind, until: expiresAt });
  // Whoever opens an old link may bring an old card along.
  const isBehind = held !== null && (held.isFromLink || pass.state === 'void' || pass.seenVersion < pass.version);
  // In bulk: everybody may be joining just now, which is when links bring the cards along.
  if (kind === 'saved' && isBehind) await enqueue(tx, 'sync-google', { passId: pass.passId, isBulk: true });
  return 'taken';
}
