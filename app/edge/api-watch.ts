/** Every answer that shows a member is noted: who was shown whom, and which of their data. */
import type { ApiOperationId } from '#app/contracts/api-operations.ts';
import type { ApiAnswer, ApiCall, ApiHandlers } from '#app/edge/api-call.ts';
import { noteRead } from '#app/flows/security/note-read.ts';

type Reading = { fields: readonly string[]; isProfile?: true };

/** What each operation that reads members shows of them; names and addresses only to clients that may see them. */
const readings: Partial<Record<ApiOperationId, Reading>> = {
  listMembers: { fields: ['standing'], isProfile: true },
  getMember: { fields: ['standing'], isProfile: true },
  // Who is enrolled already is answered as they are.
  createMember: { fields: ['standing'], isProfile: true },
  listMemberRewards: { fields: ['standing'] },
  getMemberBalance: { fields: ['balance'] },
  listMemberLedger: { fields: ['ledger'] },
  listMemberPasses: { fields: ['passes'] },
};
const profileFields = ['name', 'email', 'phone', 'birthday'];

/** The same handlers, whose readings are noted before they are answered. */
export function watched(handlers: ApiHandlers<ApiOperationId>): ApiHandlers<ApiOperationId> {
  const watching = { ...handlers };
  for (const [id, reading] of Object.entries(readings) as [ApiOperationId, Reading][]) {
    const handle = handlers[id];
    watching[id] = async (call) => {
      const answer = await handle(call);
      await note(id, { call, answer, reading });
      return answer;
    };
  }
  return watching;
}

async function note(
  operation: ApiOperationId,
  { call, answer, reading }: { call: ApiCall; answer: ApiAnswer; reading: Reading },
): Promise<void> {
  const isNamed = reading.isProfile === true && call.caller.scopes.has('members:pii');
  await noteRead({
    shopId: call.caller.shopId,
    actor: `api:${call.caller.clientId}`,
    operation,
    memberIds: membersOf(call, answer),
    fields: isNamed ? [...reading.fields, ...profileFields] : [...reading.fields],
  });
}

function membersOf({ parameters }: ApiCall, { value }: ApiAnswer): string[] {
  const { memberId } = parameters;
  if (memberId !== undefined) return [memberId];
  const listed = typeof value === 'object' && value !== null && 'members' in value ? value.members : [value];
  return (Array.isArray(listed) ? listed : []).flatMap((member: unknown) =>
    typeof member === 'object' && member !== null && 'id' in member && typeof member.id === 'string' ? [member.id] : [],
  );
}
