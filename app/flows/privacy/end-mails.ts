/** One click in a mail ends offers by mail. No question, no log-in. */
import { openPlainLink } from '#app/data/cards/card-links.ts';
import { lockMember } from '#app/data/members/members.ts';
import { changeChoices } from '#app/data/privacy/consent-changes.ts';
import { readConsents } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';

/** Withdraws the consent to offers by mail, also one that still waits. Safe to repeat. Throws `Forbidden` for a bad link. */
export async function endMails({ token }: { token: string }): Promise<void> {
  const at = now();
  const { shopId, subjectId } = await openPlainLink(token, { purpose: 'unsubscribe', at });
  await withShop(shopId, async (tx) => {
    const member = await lockMember(tx, subjectId);
    if (member.state === 'erased') return;
    const known = (await readConsents(tx, member.memberId)).find(
      ({ purpose, channel }) => purpose === 'marketing' && channel === 'email',
    );
    await changeChoices(tx, member, {
      choices: [{ purpose: 'marketing', channel: 'email', granted: false }],
      wordingVersion: known?.wordingVersion ?? 'none',
      locale: member.locale,
      source: 'unsubscribe',
      actor: 'shopper',
      at,
    });
  });
}
