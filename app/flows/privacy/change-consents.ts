/** A shopper changes what they agree to. */
import { lockMember } from '#app/data/members/members.ts';
import { readProfiles } from '#app/data/members/profiles.ts';
import { type ChangedConsents, changeChoices, type ConsentChoice } from '#app/data/privacy/consent-changes.ts';
import { currentWording } from '#app/data/privacy/consent-wordings.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { Language } from '#app/domain/members/languages.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, InvalidInput, NotFound } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

export type ChangeConsents = {
  shopId: ShopId;
  memberId: MemberId;
  choices: ConsentChoice[];
  /** The version of the words that were on the page. */
  wordingVersion: string;
  language: Language;
};

/**
 * Writes what is otherwise than before; the newest word counts from this moment on. What must be confirmed by mail is
 * asked. Safe to repeat. Throws `Conflict` 'wording-changed', `InvalidInput` 'no-address', and `NotFound`.
 */
export async function changeConsents(asked: ChangeConsents): Promise<Omit<ChangedConsents, 'mailId'>> {
  const { shopId, memberId, choices, wordingVersion, language } = asked;
  return withShop(shopId, async (tx) => {
    const member = await lockMember(tx, memberId);
    if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
    const wording = await currentWording(tx, member.programId, language);
    const grants = choices.filter(({ granted }) => granted);
    if (grants.length > 0 && wording.version !== wordingVersion)
      throw new Conflict('wording-changed', 'The wording of the consents changed');
    const profile = (await readProfiles(tx, [memberId])).get(memberId);
    if (grants.some(({ channel }) => channel !== 'wallet' && profile?.[channel === 'sms' ? 'phone' : channel] == null))
      throw new InvalidInput('no-address', 'A consent is for a channel without an address');
    const { mailId, ...changed } = await changeChoices(tx, member, {
      choices,
      wordingVersion,
      locale: language,
      source: 'preferences',
      actor: 'shopper',
      at: now(),
    });
    if (mailId !== null) await enqueue(tx, 'send-mail', { requestId: mailId });
    return changed;
  });
}
