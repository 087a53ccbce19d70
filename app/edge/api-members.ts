/** What each operation of the API on members does: parsed input in, answer out. */
import type { MemberOperationId } from '#app/contracts/api-member-operations.ts';
import {
  apiLimits,
  ledgerQuerySchema,
  memberCreateSchema,
  type MemberCreate,
  memberQuerySchema,
  type MemberLedger,
  type MemberRecords,
} from '#app/contracts/api.ts';
import { type ApiCall, type ApiHandlers, parse } from '#app/edge/api-call.ts';
import { memberAnswer } from '#app/edge/api-member-answer.ts';
import { createMember } from '#app/flows/members/create-member.ts';
import { listMemberPasses } from '#app/flows/cards/list-member-passes.ts';
import { memberBalance } from '#app/queries/member-balance.ts';
import { memberLedger } from '#app/queries/member-ledger.ts';
import { memberRecords } from '#app/queries/member-records.ts';
import { InvalidInput, NotFound } from '#app/lib/errors.ts';
import { readCursor, writeCursor } from '#app/web/page-cursor.ts';

const memberCursor = [/^\d{1,13}$/, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/];
const entryCursor = [/^\d{1,18}$/];

const viewerOf = ({ caller }: ApiCall) => ({
  shopId: caller.shopId,
  isIdentityShown: caller.scopes.has('members:pii'),
});

const memberOf = ({ parameters }: ApiCall): string => parameters['memberId'] ?? '';

/** A client of some programs enrolls into those alone; of a single one it need not be said. */
function inOwnProgram({ caller: { programIds } }: ApiCall, member: MemberCreate): MemberCreate {
  if (programIds === null) return member;
  const { programId = programIds.length === 1 ? programIds[0] : undefined } = member;
  if (programId === undefined)
    throw new InvalidInput('program-required', 'A client of several programs named none', {
      publicMessage: 'This client is for several programs: say which one with programId.',
    });
  if (!programIds.some((own) => own === programId))
    throw new NotFound('program-not-found', 'No such program', { publicMessage: 'There is no such program.' });
  return { ...member, programId };
}

export const memberHandlers: ApiHandlers<MemberOperationId> = {
  createMember: async (call) => {
    const member = inOwnProgram(call, parse(memberCreateSchema, call.body));
    const { shopId, clientId } = call.caller;
    const { status, memberId } = await createMember({ shopId, clientId, idempotencyKey: call.idempotencyKey, member });
    const answer = await memberAnswer(call, memberId);
    return { status, ...answer, headers: { location: `/api/v1/members/${memberId}` } };
  },
  listMembers: async (call) => {
    const { cursor, limit = apiLimits.pageDefault, ...filters } = parse(memberQuerySchema, call.query);
    const [at = '', memberId = ''] = cursor === undefined ? [] : readCursor(cursor, memberCursor);
    const after = cursor === undefined ? null : { enrolledAt: new Date(Number(at)), memberId };
    const { members, next } = await memberRecords(
      { ...viewerOf(call), programIds: call.caller.programIds },
      { ...filters, after, limit },
    );
    const nextCursor = next === null ? null : writeCursor([String(next.enrolledAt.getTime()), next.memberId]);
    return { status: 200, value: { members, nextCursor } satisfies MemberRecords };
  },
  getMember: async (call) => ({ status: 200, ...(await memberAnswer(call, memberOf(call))) }),
  getMemberBalance: async (call) => ({
    status: 200,
    value: await memberBalance(call.caller.shopId, memberOf(call)),
  }),
  listMemberLedger: async (call) => {
    const { cursor, limit = apiLimits.pageDefault } = parse(ledgerQuerySchema, call.query);
    const before = cursor === undefined ? null : (readCursor(cursor, entryCursor)[0] ?? null);
    const { entries, next } = await memberLedger(call.caller.shopId, memberOf(call), { before, limit });
    return {
      status: 200,
      value: { entries, nextCursor: next === null ? null : writeCursor([next]) } satisfies MemberLedger,
    };
  },
  listMemberPasses: async (call) => {
    const isTokenShown = call.caller.scopes.has('passes:secret');
    return { status: 200, value: await listMemberPasses(call.caller.shopId, memberOf(call), { isTokenShown }) };
  },
};
