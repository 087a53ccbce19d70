/** The zone of a member's own clock: when messages may come is theirs to live by. */
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Remembers where a member's day begins; the newest word counts. Nothing is kept of who was erased. Safe to repeat. */
export async function writeTimeZone(tx: Tx, memberId: MemberId, timeZone: string): Promise<void> {
  await tx.query(`update member set time_zone = $3 where shop_id = $1 and id = $2 and state <> 'erased'`, [
    tx.shopId,
    memberId,
    timeZone,
  ]);
}
