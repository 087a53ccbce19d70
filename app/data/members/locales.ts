/** The language a member reads. */
import type { Tx } from '#app/data/tenancy.ts';
import type { Language } from '#app/domain/members/languages.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Remembers it; the newest word counts. Nothing is kept of who was erased. Safe to repeat. */
export async function writeLanguage(tx: Tx, memberId: MemberId, language: Language): Promise<void> {
  await tx.query(`update member set locale = $3 where shop_id = $1 and id = $2 and state <> 'erased'`, [
    tx.shopId,
    memberId,
    language,
  ]);
}
