/** A shopper says that something on their card was not them; somebody at the shop looks at it and closes it. */
import { closeReport, openReport } from '#app/data/members/activity-reports.ts';
import { lockMember } from '#app/data/members/members.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput, NotFound } from '#app/lib/errors.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

const subjectPattern = /^(entry|activity):[0-9A-Za-z-]{1,64}$/;

/** Notes a report once for each line. Safe to repeat. Throws `InvalidInput` for no line, `NotFound`. */
export async function reportActivity(asked: { shopId: ShopId; memberId: MemberId; subject: string }): Promise<void> {
  const { shopId, memberId, subject } = asked;
  if (!subjectPattern.test(subject)) throw new InvalidInput('report-subject', 'A report is about no line');
  await withShop(shopId, async (tx) => {
    const member = await lockMember(tx, memberId);
    if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
    const at = now();
    if (!(await openReport(tx, { memberId, subject, at }))) return;
    await appendAudit(tx, {
      actor: 'shopper',
      action: 'activity.report',
      object: `member:${memberId}`,
      beforeHash: null,
      afterHash: null,
      reason: subject,
      occurredAt: at,
    });
  });
}

/** Closes a report. Safe to repeat. Throws `NotFound` when there is no such open report. */
export async function closeActivityReport(asked: { shopId: ShopId; reportId: string; actor: string }): Promise<void> {
  const { shopId, reportId, actor } = asked;
  await withShop(shopId, async (tx) => {
    const at = now();
    const memberId = await closeReport(tx, { reportId, by: actor, at });
    if (memberId === null) throw new NotFound('report-not-found', 'There is no such open report');
    await appendAudit(tx, {
      actor,
      action: 'activity.report-closed',
      object: `member:${memberId}`,
      beforeHash: null,
      afterHash: null,
      reason: null,
      occurredAt: at,
    });
  });
}
