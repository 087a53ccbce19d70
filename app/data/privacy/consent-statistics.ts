/** How many members agree to what, as of now. */
import type { ConsentChannel, ConsentPurpose } from '#app/data/privacy/chains.ts';
import type { Tx } from '#app/data/tenancy.ts';

export type OptInCount = { purpose: ConsentPurpose; channel: ConsentChannel; granted: number; waiting: number };

/** Members who are neither erased nor folded, and the newest word of each of them on every purpose and channel. */
export async function countOptIns(tx: Tx): Promise<{ members: number; counts: OptInCount[] }> {
  const [all] = await tx.query<{ members: number }>(
    `select count(*)::int as members from member where shop_id = $1 and state <> 'erased' and folded_into is null`,
    [tx.shopId],
  );
  const counts = await tx.query<OptInCount>(
    `select purpose, channel, count(*) filter (where granted)::int as granted,
       count(*) filter (where confirmation = 'asked')::int as waiting
     from (select distinct on (c.subject, c.purpose, c.channel) c.purpose, c.channel, c.granted, c.confirmation
           from consent_record c
           join member m on m.shop_id = $1 and m.id = c.subject and m.state <> 'erased' and m.folded_into is null
           where c.shop_id = $1 order by c.subject, c.purpose, c.channel, c.sequence desc) newest
     group by purpose, channel`,
    [tx.shopId],
  );
  return { members: all?.members ?? 0, counts };
}
