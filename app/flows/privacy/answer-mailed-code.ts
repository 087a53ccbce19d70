/** A mailed code is typed in: what it was asked for may go ahead. */
import { addMailRequest, findOpenMail, lockMailRequest, tryCode } from '#app/data/members/mail-requests.ts';
import { lockMember } from '#app/data/members/members.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';
import { createLinkToken } from '#app/lib/signed-link.ts';

const downloadMinutes = 15;

export type AnsweredCode =
  | { kind: 'wrong' | 'over' }
  /** The new address got a link. */
  | { kind: 'link-mailed' }
  /** `token` opens the download for a quarter of an hour. */
  | { kind: 'may-download'; token: string }
  | { kind: 'may-erase' };

/** Tries a code against the newest thing that asked for one. Every try counts, and is logged; a right code is good once. */
export async function answerMailedCode(asked: {
  shopId: ShopId;
  memberId: MemberId;
  code: string;
}): Promise<AnsweredCode> {
  const at = now();
  const { shopId, memberId, code } = asked;
  return withShop(shopId, async (tx) => {
    await lockMember(tx, memberId);
    const kinds = ['contact-code', 'download-code', 'erasure-code'] as const;
    const open = await findOpenMail(tx, { memberId, kinds: [...kinds], at });
    const verdict = open === null ? 'over' : await tryCode(tx, { requestId: open.requestId, code, at });
    const isRight = verdict === 'right';
    log.security(isRight ? 'authentication passed' : 'authentication failed', {
      code: 'mailed-code',
      shopId,
      memberId,
    });
    if (open === null) return { kind: 'over' };
    const { requestId } = open;
    if (verdict !== 'right') {
      await appendAudit(tx, {
        actor: 'shopper',
        action: 'contact.code-refused',
        object: `member:${memberId}`,
        beforeHash: null,
        afterHash: fingerprint({ requestId }),
        reason: open.kind,
        occurredAt: at,
      });
      return { kind: verdict };
    }
    if (open.kind === 'erasure-code') return { kind: 'may-erase' };
    const keys = await readShopKeys(tx);
    if (open.kind === 'download-code') {
      const expiresAt = new Date(at.getTime() + downloadMinutes * 60_000);
      return {
        kind: 'may-download',
        token: createLinkToken(keys, 'download', { subjectId: memberId, expiresAt, generation: 0 }),
      };
    }
    const request = await lockMailRequest(tx, requestId);
    if (request === null || request.nextAddress === null) return { kind: 'over' };
    const { locale, nextAddress: address } = request;
    const mailId = await addMailRequest(tx, { memberId, kind: 'email-proof', locale, address, at });
    if (mailId !== null) await enqueue(tx, 'send-mail', { requestId: mailId });
    return mailId === null ? { kind: 'over' } : { kind: 'link-mailed' };
  });
}
