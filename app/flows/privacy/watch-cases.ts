/** Requests that are still open when their date comes near, or is past, are said so: on the page, in the audit, in the log. */
import { listDueCases, markUrgency } from '#app/data/privacy/case-progress.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { dueSoonAt, urgencyOf } from '#app/domain/privacy/case.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { log } from '#app/lib/log.ts';

const casesMax = 500;

/**
 * Escalates what is due soon or overdue, each once, and has it worked on again: what waited for the next attempt of a job
 * that gave up does not wait any longer. Safe to repeat.
 */
export async function watchCases({ shopId }: { shopId: ShopId }): Promise<void> {
  const escalated = await withShop(shopId, async (tx) => {
    const at = now();
    const due = await listDueCases(tx, dueSoonAt(at), casesMax);
    const news = due.flatMap((each) => {
      const urgency = urgencyOf(each.dueAt, at);
      return urgency === null || urgency === each.urgency ? [] : [{ ...each, urgency }];
    });
    for (const { caseId, kind, urgency } of news) {
      await markUrgency(tx, caseId, urgency);
      await appendAudit(tx, {
        actor: 'system',
        action: `case.${urgency}.${kind}`,
        object: `case:${caseId}`,
        beforeHash: null,
        afterHash: null,
        reason: null,
        occurredAt: at,
      });
    }
    for (const { caseId } of due) await enqueue(tx, 'process-case', { caseId });
    return news;
  });
  for (const { caseId, urgency } of escalated)
    log[urgency === 'overdue' ? 'error' : 'warn']('a privacy case is late', { shopId, caseId, code: urgency });
}
