/**
 * What could do harm in the hands of somebody who found a card's link takes a code that is mailed to the address the member
 * proved: another address, a copy of all data, erasure. Members without such an address need none.
 */
import { addMailRequest, type MailKind } from '#app/data/members/mail-requests.ts';
import { lockMember } from '#app/data/members/members.ts';
import { readProvenAddress } from '#app/data/members/proven-addresses.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { canSendMail } from '#app/gateways/mail.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound, RateLimited, Unavailable } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

export type SteppedUp = 'contact-code' | 'download-code' | 'erasure-code';

export type AskMailedCode = {
  shopId: ShopId;
  memberId: MemberId;
  kind: SteppedUp;
  locale: string;
  /** The address to change to, for 'contact-code'. */
  nextAddress?: string;
};

/**
 * 'mailed': a code is on its way; 'link-mailed': the new address got a link, as there is no old one to ask; 'not-needed':
 * go ahead. Throws `RateLimited` when the address had enough mails for a day, `Unavailable` where there is no mail.
 */
export async function askMailedCode(asked: AskMailedCode): Promise<{ kind: 'mailed' | 'link-mailed' | 'not-needed' }> {
  return withShop(asked.shopId, async (tx) => {
    const member = await lockMember(tx, asked.memberId);
    if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
    const proven = await readProvenAddress(tx, asked.memberId);
    if (proven !== null) {
      await mail(tx, asked, { kind: asked.kind, address: proven });
      return { kind: 'mailed' };
    }
    if (asked.nextAddress === undefined) return { kind: 'not-needed' };
    await mail(tx, { ...asked, nextAddress: undefined }, { kind: 'email-proof', address: asked.nextAddress });
    return { kind: 'link-mailed' };
  });
}

type Told = Omit<AskMailedCode, 'nextAddress'> & { nextAddress?: string | undefined };

async function mail(tx: Tx, asked: Told, { kind, address }: { kind: MailKind; address: string }): Promise<void> {
  if (!canSendMail())
    throw new Unavailable('mail-not-set-up', 'No mail server is set up', {
      publicMessage: 'We cannot send mail right now. Please ask the shop.',
    });
  const { memberId, locale, nextAddress } = asked;
  const at = now();
  const next = nextAddress === undefined ? {} : { nextAddress };
  const requestId = await addMailRequest(tx, { memberId, kind, locale, address, ...next, at });
  if (requestId === null) throw new RateLimited('too-many-mails', 'An address had enough mails for a day');
  await enqueue(tx, 'send-mail', { requestId });
  await appendAudit(tx, {
    actor: 'shopper',
    action: `contact.ask.${kind}`,
    object: `member:${memberId}`,
    beforeHash: null,
    afterHash: fingerprint({ requestId }),
    reason: null,
    occurredAt: at,
  });
}
