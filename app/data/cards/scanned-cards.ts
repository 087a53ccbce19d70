/** What a scanned code stands for at the time of the scan: news of a sale may arrive long after it. */
import { verifiedCardId } from '#app/data/cards/card-codes.ts';
import { readRotatingCode } from '#app/data/cards/rotating-codes.ts';
import { findMemberByCard, type Member, readMember } from '#app/data/members/members.ts';
import { findShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';

/** A frozen card is known and good for nothing; a replaced one is nobody's. Codes this shop did not sign are unknown. */
export type ScannedCard = { kind: 'good' | 'frozen'; member: Member } | { kind: 'replaced' } | { kind: 'unknown' };

/** Looks a code up. A card that was frozen or replaced only after `scannedAt` was good then. */
export async function findScannedCard(tx: Tx, scan: { code: string; scannedAt: Date }): Promise<ScannedCard> {
  const keys = await findShopKeys(tx);
  // However old a changing code is, it says whose card it was: only the till, which sees it shown, asks for a fresh one.
  const cardId =
    keys === null ? null : (verifiedCardId(keys, scan.code) ?? readRotatingCode(keys, scan.code)?.cardId ?? null);
  if (cardId === null) return { kind: 'unknown' };
  const member = await findMemberByCard(tx, cardId);
  if (member !== null) return stateOf(member, scan.scannedAt);
  const [retired] = await tx.query<{ member_id: string; retired_at: Date }>(
    'select member_id, retired_at from retired_card where shop_id = $1 and card_id = $2',
    [tx.shopId, cardId],
  );
  if (retired === undefined) return { kind: 'unknown' };
  if (retired.retired_at <= scan.scannedAt) return { kind: 'replaced' };
  return stateOf(await readMember(tx, retired.member_id), scan.scannedAt);
}

function stateOf(member: Member, scannedAt: Date): ScannedCard {
  const isFrozen = member.state === 'frozen' && (member.frozenAt === null || member.frozenAt <= scannedAt);
  return { kind: isFrozen ? 'frozen' : 'good', member };
}
