/** A mail to a shopper is written and handed to the mail server. */
import { cardUrlOf, preferencesUrlOf } from '#app/data/cards/card-view.ts';
import { codeOf, lockMailRequest, type MailRequest, markMail } from '#app/data/members/mail-requests.ts';
import { findHolders, provenAmong } from '#app/data/members/proven-addresses.ts';
import { type Member, readMember } from '#app/data/members/members.ts';
import { currentWording, organizationOf } from '#app/data/privacy/consent-wordings.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { languageOfTag } from '#app/domain/members/languages.ts';
import { type MailText, writeMail } from '#app/domain/members/mail-texts.ts';
import { sendMail } from '#app/gateways/mail.ts';
import { now } from '#app/lib/clock.ts';
import { appUrl } from '#app/lib/env.ts';
import type { ShopId } from '#app/lib/ids.ts';
import type { ShopKeys } from '#app/lib/sealed-box.ts';
import { createLinkToken } from '#app/lib/signed-link.ts';

const unsubscribeDays = 365;

type WrittenMail = MailText & { to: string; headers: Record<string, string> };

/**
 * Sends what a request asks for, once; after a crash between sending and noting it, once more. What is over, or was for
 * somebody who is gone, is not sent. Throws `Unavailable` to be tried again, `Rejected` when the server refuses it.
 */
export async function sendMemberMail(asked: { shopId: ShopId; requestId: string }): Promise<void> {
  const mail = await withShop(asked.shopId, (tx) => writeOnce(tx, asked.requestId));
  if (mail === null) return;
  await sendMail(mail);
  await withShop(asked.shopId, (tx) => markMail(tx, asked.requestId, { what: 'sent', at: now() }));
}

async function writeOnce(tx: Tx, requestId: string): Promise<WrittenMail | null> {
  const request = await lockMailRequest(tx, requestId);
  if (request === null || request.sentAt !== null || request.doneAt !== null || request.expiresAt <= now()) return null;
  const member = await readMember(tx, request.memberId);
  if (member.state === 'erased') return null;
  const keys = await readShopKeys(tx);
  const language = languageOfTag(request.locale) ?? 'en';
  const wording = await currentWording(tx, member.programId, language);
  const [waiting] = request.consents;
  const url = await urlOf(tx, { request, member, keys });
  const text = writeMail(request.kind, language, {
    organization: await organizationOf(tx, member.programId),
    url,
    code: codeOf(keys, requestId),
    agreed: waiting === undefined ? null : wording[waiting.purpose],
  });
  return { ...text, to: request.address, headers: unsubscribeHeaders(keys, member, request) };
}

type About = { request: MailRequest; member: Member; keys: ShopKeys };

async function urlOf(tx: Tx, { request, member, keys }: About): Promise<string> {
  const { requestId: subjectId, expiresAt, kind } = request;
  if (kind === 'email-proof')
    return `${appUrl()}/confirm/${createLinkToken(keys, 'confirm', { subjectId, expiresAt, generation: 0 })}`;
  if (kind === 'address-changed') return preferencesUrlOf(keys, member, now());
  if (kind === 'new-card') return cardUrlOf(keys, member, now());
  if (kind !== 'known-address') return '';
  // Whoever proved the address has the card it belongs to; only that one is shown.
  const holders = await findHolders(tx, member, request.address);
  const proven = await provenAmong(
    tx,
    holders.map(({ memberId }) => memberId),
  );
  const holder = holders.find(({ memberId }) => proven.has(memberId));
  return holder === undefined ? '' : cardUrlOf(keys, holder, now());
}

/** One click ends what a confirmation would begin (RFC 8058). */
function unsubscribeHeaders(keys: ShopKeys, member: Member, { consents }: MailRequest): Record<string, string> {
  if (consents.length === 0) return {};
  const expiresAt = new Date(now().getTime() + unsubscribeDays * 86_400_000);
  const token = createLinkToken(keys, 'unsubscribe', { subjectId: member.memberId, expiresAt, generation: 0 });
  return {
    'List-Unsubscribe': `<${appUrl()}/unsubscribe/${token}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
}
