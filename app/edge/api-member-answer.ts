/** One member as an answer, with the tag by which a caller later says what they have seen. */
import type { ApiAnswer, ApiCall } from '#app/edge/api-call.ts';
import { HttpRefusal, tagOf } from '#app/edge/http-exchange.ts';
import { Conflict } from '#app/lib/errors.ts';
import { memberRecord } from '#app/queries/member-records.ts';

const tagPattern = /^(?:W\/)?"([\w-]{27})\.[\w-]{27}"$/;

/**
 * The member and their tag: the revision, and a digest of what of them this caller is shown, so that callers of other scopes
 * get other tags and still mean the same by them.
 */
export async function memberAnswer(
  { caller }: ApiCall,
  memberId: string,
): Promise<{ value: Awaited<ReturnType<typeof memberRecord>>['record']; tag: string }> {
  const viewer = { shopId: caller.shopId, isIdentityShown: caller.scopes.has('members:pii') };
  const { record, revision } = await memberRecord(viewer, memberId);
  return { value: record, tag: `"${revision}.${tagOf(record).slice(3, -1)}"` };
}

/** The revisions that an `If-Match` names; null when any will do. A tag we never gave names none. */
function seenRevisions(ifMatch: string | null): string[] | null {
  if (ifMatch === null || ifMatch.trim() === '*') return null;
  return ifMatch.split(',').map((tag) => tagPattern.exec(tag.trim())?.[1] ?? '');
}

/** Does what changes a member, told which revisions the caller saw. Throws `HttpRefusal` 412 when the member is none of them. */
export async function withIfMatch(
  { ifMatch }: ApiCall,
  work: (seen: { seenRevisions?: string[] }) => Promise<ApiAnswer>,
): Promise<ApiAnswer> {
  const seen = seenRevisions(ifMatch);
  try {
    return await work(seen === null ? {} : { seenRevisions: seen });
  } catch (error) {
    if (!(error instanceof Conflict) || error.code !== 'member-changed') throw error;
    throw new HttpRefusal(412, { code: error.code, detail: error.publicMessage ?? '' });
  }
}
