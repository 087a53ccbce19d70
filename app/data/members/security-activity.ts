/** What happened with a member's card that its owner should recognise: what was done to it, and which phones hold it. */
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';

/** Words of our own for actions of the audit log; what is not here is no business of the shopper's card. */
const kinds = {
  'member.enroll': 'joined',
  'card.freeze': 'frozen',
  'card.unfreeze': 'unfrozen',
  'card.reissue': 'link-renewed',
  'consent.change': 'consents-changed',
  'contact.confirm': 'address-confirmed',
  'contact.deny': 'address-denied',
  'contact.ask.contact-code': 'address-change-asked',
  'contact.ask.download-code': 'download-asked',
  'contact.ask.erasure-code': 'erasure-asked',
  'contact.code-refused': 'code-wrong',
  'reward.reserve': 'reward-asked',
  'reward.redeem': 'redeemed',
  'reward.undo': 'reward-released',
  'reward.release': 'reward-released',
  'balance.adjust': 'adjusted',
} as const;

export type ActivityKind = (typeof kinds)[keyof typeof kinds] | 'phone-added';
/** `actor`: 'shopper', 'staff', 'api' or 'system', never who exactly. `subject` names the line in a report. */
export type SecurityActivity = { subject: string; kind: ActivityKind; actor: string; occurredAt: Date };

/** The newest of it, newest first; at most `limit`. */
export async function listSecurityActivity(tx: Tx, memberId: MemberId, limit: number): Promise<SecurityActivity[]> {
  const actions = await tx.query<{ sequence: number; action: keyof typeof kinds; actor: string; occurred_at: Date }>(
    `select sequence, action, split_part(actor, ':', 1) as actor, occurred_at from audit_record
     where shop_id = $1 and object = $2 and action = any($3) order by sequence desc limit $4`,
    [tx.shopId, `member:${memberId}`, Object.keys(kinds), limit],
  );
  const phones = await tx.query<{ registered_at: Date; name: string }>(
    `select r.registered_at, md5(r.device_library_identifier) as name
     from device_registration r join pass p on p.shop_id = r.shop_id and p.id = r.pass_id
     where r.shop_id = $1 and p.member_id = $2 order by r.registered_at desc, name limit $3`,
    [tx.shopId, memberId, limit],
  );
  return [
    ...actions.map(({ sequence, action, actor, occurred_at }) => ({
      subject: `activity:${sequence}`,
      kind: kinds[action],
      actor,
      occurredAt: occurred_at,
    })),
    ...phones.map(({ registered_at, name }) => ({
      subject: `activity:phone-${name.slice(0, 16)}`,
      kind: 'phone-added' as const,
      actor: 'shopper',
      occurredAt: registered_at,
    })),
  ]
    .toSorted((one, other) => other.occurredAt.getTime() - one.occurredAt.getTime())
    .slice(0, limit);
}
