/** What a link in one of our mails is about, before anything is done. */
import { openPlainLink } from '#app/data/cards/card-links.ts';
import { readMailRequest } from '#app/data/members/mail-requests.ts';
import { readMember } from '#app/data/members/members.ts';
import { currentWording, organizationOf } from '#app/data/privacy/consent-wordings.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { languageOfTag } from '#app/domain/members/languages.ts';
import { now } from '#app/lib/clock.ts';
import { Forbidden } from '#app/lib/errors.ts';

export type MailLinkPage = {
  locale: string;
  organization: string;
  /** The words that a confirmation also agrees to, or null. */
  agreed: string | null;
  /** Whether the link did its work. */
  isOver: boolean;
};

const gone = () =>
  new Forbidden('link-invalid', 'A link in a mail leads to nothing any more', {
    publicMessage: 'This link is not valid any more.',
  });

/** Throws `Forbidden` for a link that is not genuine, too old, or about somebody who is gone. */
export async function mailLinkPage(token: string, purpose: 'confirm' | 'unsubscribe'): Promise<MailLinkPage> {
  const { shopId, subjectId } = await openPlainLink(token, { purpose, at: now() });
  return withShop(shopId, (tx) => (purpose === 'confirm' ? confirmPage(tx, subjectId) : memberPage(tx, subjectId)));
}

async function memberPage(tx: Tx, memberId: string): Promise<MailLinkPage> {
  const { state, locale, programId } = await readMember(tx, memberId);
  if (state === 'erased') throw gone();
  return { locale, organization: await organizationOf(tx, programId), agreed: null, isOver: false };
}

async function confirmPage(tx: Tx, requestId: string): Promise<MailLinkPage> {
  const request = await readMailRequest(tx, requestId);
  if (request === null) throw gone();
  const { memberId, locale, consents, doneAt } = request;
  const page = await memberPage(tx, memberId);
  const { programId } = await readMember(tx, memberId);
  const wording = await currentWording(tx, programId, languageOfTag(locale) ?? 'en');
  const [waiting] = consents;
  return { ...page, locale, agreed: waiting === undefined ? null : wording[waiting.purpose], isOver: doneAt !== null };
}
