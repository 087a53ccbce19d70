/** By what a member is known to have changed: a digest of all that a caller may correct or is shown, of nobody's to guess from. */
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { Row, Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

const length = 27;

/**
 * The revision of a member: another one after any change of the profile or the membership. What is personal goes in sealed,
 * so it is not opened for it, and saying the same again makes another revision. Repeating is safe.
 */
export async function readMemberRevision(tx: Tx, memberId: MemberId): Promise<string> {
  const [row] = await tx.query<Row>(
    `select m.program_id, m.shopify_customer_id, m.external_id, m.state, m.locale, m.time_zone, m.card_generation,
            m.restricted_at, m.objected_at, p.name, p.email, p.phone, p.birthday
     from member m left join member_profile p on p.shop_id = m.shop_id and p.member_id = m.id
     where m.shop_id = $1 and m.id = $2`,
    [tx.shopId, memberId],
  );
  return fingerprint(row ?? null)
    .toString('base64url')
    .slice(0, length);
}
