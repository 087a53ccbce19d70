/** The message that is on a member's card. */
import type { Member } from '#app/data/members/members.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { campaignContentSchema } from '#app/domain/campaigns/campaign-schema.ts';
import { textFor } from '#app/domain/campaigns/campaign.ts';

/**
 * What the shop says on the member's card now, in the member's language; null when nothing. Only who has a message costs a
 * statement. It stays until it is taken off the card, which raises the version: a version always says the same.
 */
export async function readNews(
  tx: Tx,
  member: Pick<Member, 'news' | 'locale'>,
): Promise<{ text: string; at: Date } | null> {
  if (member.news === null) return null;
  const [row] = await tx.query<{ content: unknown }>('select content from campaign where shop_id = $1 and id = $2', [
    tx.shopId,
    member.news.campaignId,
  ]);
  if (row === undefined) return null;
  return { text: textFor(campaignContentSchema.parse(row.content), member.locale), at: member.news.at };
}
