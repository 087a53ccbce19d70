/** A person asks something about their own data, themselves, through the shop or through an integrator: a case is opened. */
import { readMemberRevision } from '#app/data/members/member-revision.ts';
import { lockMember, type Member } from '#app/data/members/members.ts';
import { isBirthday } from '#app/domain/members/birthday.ts';
import { isTimeZone } from '#app/domain/campaigns/decide-recipient.ts';
import { type CaseDetails, findOpenCase, openCase } from '#app/data/privacy/cases.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { answerOnce, type ApiRequest } from '#app/data/shops/api-idempotency.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { CaseReason, SubjectCaseKind, SubjectCaseOrigin } from '#app/domain/privacy/case.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, InvalidInput, NotFound } from '#app/lib/errors.ts';
import { type CaseId, newId, type ShopId } from '#app/lib/ids.ts';

export type OpenSubjectCase = {
  shopId: ShopId;
  memberId: string;
  kind: SubjectCaseKind;
  origin: SubjectCaseOrigin;
  actor: string;
  /** Why, where the shop asks for somebody. */
  reason?: CaseReason;
  /** What a rectification changes. A new e-mail address must have been confirmed by its owner. */
  details?: CaseDetails;
  /** Revisions of the member, one of which whoever asks has seen last; absent asks whatever they are now. */
  seenRevisions?: string[];
  /** Who asks under which key, where somebody does: the same call later opens nothing more. */
  request?: ApiRequest;
};

export type OpenedCase = { caseId: CaseId };

/**
 * Opens a case about a member and asks for it to be worked on at once. While one of the same kind is open, that one is
 * answered: asking twice does no more than asking once. Throws `NotFound` for a member that is unknown or erased,
 * `InvalidInput` for a rectification that says nothing or nonsense, and `Conflict` when the key was used for something else or
 * ('member-changed') the member is not as they were seen.
 */
export async function openSubjectCase(asked: OpenSubjectCase): Promise<OpenedCase> {
  checkDetails(asked);
  const at = now();
  return withShop(asked.shopId, (tx) => answerOnce(tx, { request: asked.request, at }, () => open(tx, asked, at)));
}

async function open(tx: Tx, asked: OpenSubjectCase, at: Date): Promise<OpenedCase> {
  const { kind, origin, actor, details = null, reason = null } = asked;
  // Two who ask at once wait for each other here: the second finds the first one's case.
  const member = await lockMember(tx, asked.memberId);
  if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
  if (asked.seenRevisions !== undefined) await demandUnchanged(tx, member, asked.seenRevisions);
  const before = kind === 'rectification' ? null : await findOpenCase(tx, member.memberId, kind);
  if (before !== null) return { caseId: before };
  const subject = { customerId: null, email: null, phone: null, orderIds: [], memberIds: [member.memberId] };
  const caseId = await openCase(tx, { kind, origin, actor, subject, details, sourceKey: `${origin}:${newId()}`, at });
  await appendAudit(tx, {
    actor,
    action: `case.open.${kind}`,
    object: `case:${caseId}`,
    beforeHash: null,
    afterHash: null,
    reason,
    occurredAt: at,
  });
  await enqueue(tx, 'process-case', { caseId });
  return { caseId };
}

/** A correction that is asked for and not done yet is a change already: of two at once the second has not seen the first. */
async function demandUnchanged(tx: Tx, { memberId }: Member, seen: string[]): Promise<void> {
  const isAsSeen = seen.includes(await readMemberRevision(tx, memberId));
  if (isAsSeen && (await findOpenCase(tx, memberId, 'rectification')) === null) return;
  throw new Conflict('member-changed', 'The member is not as they were seen', {
    publicMessage: 'The member was changed meanwhile: read them again.',
  });
}

function checkDetails({ kind, details }: OpenSubjectCase): void {
  if (kind !== 'rectification') return;
  if (details === undefined || Object.values(details).every((value) => value === undefined || value === ''))
    throw new InvalidInput('rectification-empty', 'A rectification says nothing', {
      publicMessage: 'Say what should be corrected.',
    });
  if (details.birthday !== undefined && details.birthday !== '' && !isBirthday(details.birthday))
    throw new InvalidInput('birthday-invalid', 'A birthday is a day and a month', {
      publicMessage: 'Enter the day and the month of the birthday.',
    });
  if (details.timeZone !== undefined && details.timeZone !== '' && !isTimeZone(details.timeZone))
    throw new InvalidInput('time-zone-invalid', 'There is no such time zone', {
      publicMessage: 'Enter a time zone such as Europe/Berlin.',
    });
}
