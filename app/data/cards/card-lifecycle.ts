/**
 * A card is frozen and unfrozen, or replaced. Balances are never touched: all of it is about who may use them. Hold the
 * member.
 */
import { voidPasses } from '#app/data/cards/passes.ts';
import { listFolded, type Member } from '#app/data/members/members.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { newSerial } from '#app/lib/ids.ts';

export type FrozenBy = 'member' | 'staff';

/** Freezes a card, or makes staff the one who did. */
export async function markFrozen(tx: Tx, member: Member, { by, at }: { by: FrozenBy; at: Date }): Promise<void> {
  await tx.query(
    `update member set state = 'frozen', frozen_at = coalesce(frozen_at, $3), frozen_by = $4
     where shop_id = $1 and id = $2 and state in ('active', 'frozen')`,
    [tx.shopId, member.memberId, at, by],
  );
}

/** Lifts a freeze. */
export async function markUnfrozen(tx: Tx, member: Member): Promise<void> {
  await tx.query(
    `update member set state = 'active', frozen_at = null, frozen_by = null
     where shop_id = $1 and id = $2 and state = 'frozen'`,
    [tx.shopId, member.memberId],
  );
}

/**
 * Ends the card that is out there: its passes become void, its code is remembered as replaced, links to it open nothing any
 * more. Cards of members who were folded into this one are this one's cards too.
 */
export async function retireCard(tx: Tx, member: Member, at: Date): Promise<void> {
  const folded = await listFolded(tx, [member.memberId]);
  const memberIds = [member.memberId, ...folded.map(({ memberId }) => memberId)];
  await tx.query(
    `insert into retired_card (shop_id, card_id, member_id, retired_at)
     select shop_id, card_id, id, $3 from member where shop_id = $1 and id = any($2)`,
    [tx.shopId, memberIds, at],
  );
  await tx.query(
    `update member m set card_id = n.card_id, card_generation = m.card_generation + 1
     from unnest($2::uuid[], $3::text[]) as n (id, card_id) where m.shop_id = $1 and m.id = n.id`,
    [tx.shopId, memberIds, memberIds.map(() => newSerial())],
  );
  await voidPasses(tx, memberIds, at);
}
