/** A card is scanned at the till. */
import { findScannedCard } from '#app/data/cards/scanned-cards.ts';
import { isCurrent, readRotatingCode, spendStep } from '#app/data/cards/rotating-codes.ts';
import { findShopKeys } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, NotFound } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

/**
 * The member behind a scanned code, also of a frozen card: whoever asks is told so, and nothing can be done with it. Throws
 * `Conflict` for a card that was replaced and for a changing code that is old or was scanned before, and
 * `NotFound` for codes this shop did not sign, whatever they are, and for members who are gone: from outside they all look
 * the same.
 */
export async function findCardMember(scan: { shopId: ShopId; code: string }): Promise<MemberId> {
  const code = scan.code.trim();
  const card = await withShop(scan.shopId, async (tx) => {
    await spendCode(tx, code);
    return findScannedCard(tx, { code, scannedAt: now() });
  });
  if (card.kind === 'unknown')
    throw new NotFound('member-not-found', 'A scanned code belongs to no member of the shop');
  if (card.kind === 'replaced')
    throw new Conflict('card-replaced', 'A scanned card was replaced', {
      publicMessage: 'This card was replaced by a new one. Ask for the new card.',
    });
  return card.member.memberId;
}

/** A changing code is good for one scan at the time it is shown: a picture of it is worth nothing. Throws `Conflict`. */
async function spendCode(tx: Tx, code: string): Promise<void> {
  const keys = await findShopKeys(tx);
  const shown = keys === null ? null : readRotatingCode(keys, code);
  // Phones make codes by the real clock, which no test moves.
  if (shown === null || (isCurrent(shown, new Date()) && (await spendStep(tx, shown)))) return;
  throw new Conflict('card-code-over', 'A changing code was scanned late or twice', {
    publicMessage: 'This code is over. Open the card again and scan the new code.',
  });
}
