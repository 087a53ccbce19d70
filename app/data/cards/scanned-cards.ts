/** What a scanned code stands for at the time of the scan: news of a sale may arrive long after it. */
import { verifiedCardId } from '#app/data/cards/card-codes.ts';
import { readRotatingCode } from '#app/data/cards/rotating-codes.ts';
import { findCardHolder, type Member, readMembers, resolveFolded } from '#app/data/members/members.ts';
import { findShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';

/**
 * A frozen card is known and good for nothing; a replaced one is nobody's. Codes this shop did not sign are unknown. `holder`
 * is whose card it was, `member` who that is by now.
 */
export type ScannedCard =
  { kind: 'good' | 'frozen'; member: Member; holder: Member } | { kind: 'replaced' } | { kind: 'unknown' };

/** Looks a code up. A card that was frozen or replaced only after `scannedAt` was good then. */
export async function findScannedCard(tx: Tx, scan: { code: string; scannedAt: Date }): Promise<ScannedCard> {
  const keys = await findShopKeys(tx);
  // However old a changing code is, it says whose card it was: only the till, which sees it shown, asks for a fresh one.
  const cardId =
    keys === null ? null : (verifiedCardId(keys, scan.code) ?? readRotatingCode(keys, scan.code)?.cardId ?? null);
  if (cardId === null) return { kind: 'unknown' };
  const holder = await findCardHolder(tx, cardId);
  if (holder !== null) return stateOf(tx, holder, scan.scannedAt);
  const [retired] = await tx.query<{ member_id: string; retired_at: Date }>(
    'select member_id, retired_at from retired_card where shop_id = $1 and card_id = $2',
    [tx.shopId, cardId],
  );
  if (retired === undefined) return { kind: 'unknown' };
  if (retired.retired_at <= scan.scannedAt) return { kind: 'replaced' };
  const [former] = await readMembers(tx, [retired.member_id]);
  return former === undefined ? { kind: 'unknown' } : stateOf(tx, former, scan.scannedAt);
}

/** Before the holder was folded into another, their own card said how it stood; since then that of the other. */
async function stateOf(tx: Tx, holder: Member, scannedAt: Date): Promise<ScannedCard> {
  const [member = holder] = await resolveFolded(tx, [holder]);
  const asked = holder.foldedAt !== null && scannedAt < holder.foldedAt ? holder : member;
  const isFrozen = asked.state === 'frozen' && (asked.frozenAt === null || asked.frozenAt <= scannedAt);
  return { kind: isFrozen ? 'frozen' : 'good', member, holder };
}
