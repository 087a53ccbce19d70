/** A member chooses the language of their card: their cards are drawn in it, and what is mailed to them is written in it. */
import { touchPasses } from '#app/data/cards/passes.ts';
import { writeLanguage } from '#app/data/members/locales.ts';
import { lockMember } from '#app/data/members/members.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type Language, languageOfTag } from '#app/domain/members/languages.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type ChangeLanguage = { shopId: ShopId; memberId: string; language: Language; actor: string };

/** Safe to repeat: the language they read already changes nothing, a region of it included. Throws `NotFound`. */
export async function changeLanguage({ shopId, memberId, language, actor }: ChangeLanguage): Promise<void> {
  await withShop(shopId, async (tx) => {
    const member = await lockMember(tx, memberId);
    if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
    if (languageOfTag(member.locale) === language) return;
    await writeLanguage(tx, member.memberId, language);
    await touchPasses(tx, [member.memberId]);
    await appendAudit(tx, {
      actor,
      action: 'member.language',
      object: `member:${member.memberId}`,
      beforeHash: null,
      afterHash: null,
      reason: language,
      occurredAt: now(),
    });
  });
}
