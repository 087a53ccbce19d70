/** What each operation of the API does: parsed input in, answer out. */
import type { z } from 'zod';

import {
  apiLimits,
  ledgerQuerySchema,
  memberCreateSchema,
  memberQuerySchema,
  type MemberLedger,
  type MemberRecords,
} from '#app/contracts/api.ts';
import type { ApiOperationId } from '#app/contracts/api-operations.ts';
import { createMember } from '#app/flows/members/create-member.ts';
import { listMemberPasses } from '#app/flows/cards/list-member-passes.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { memberBalance } from '#app/queries/member-balance.ts';
import { memberLedger } from '#app/queries/member-ledger.ts';
import { memberRecord, memberRecords } from '#app/queries/member-records.ts';
import type { ApiCaller } from '#app/web/authenticate-api.ts';
import { readCursor, writeCursor } from '#app/web/page-cursor.ts';

export type ApiCall = {
  caller: ApiCaller;
  memberId: string;
  query: Record<string, unknown>;
  body: unknown;
  /** Empty for operations that change nothing. */
  idempotencyKey: string;
};

export type ApiAnswer = { status: 200 | 201; value: unknown; headers?: Record<string, string> };

const memberCursor = [/^\d{1,13}$/, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/];
const entryCursor = [/^\d{1,18}$/];

const viewerOf = ({ caller }: ApiCall) => ({
  shopId: caller.shopId,
  isIdentityShown: caller.scopes.has('members:pii'),
});

/** Every operation by its id. */
export const apiHandlers: Record<ApiOperationId, (call: ApiCall) => Promise<ApiAnswer>> = {
  createMember: async (call) => {
    const member = parse(memberCreateSchema, call.body);
    const { shopId, clientId } = call.caller;
    const { status, memberId } = await createMember({ shopId, clientId, idempotencyKey: call.idempotencyKey, member });
    const value = await memberRecord(viewerOf(call), memberId);
    return { status, value, headers: { location: `/api/v1/members/${memberId}` } };
  },
  listMembers: async (call) => {
    const { cursor, limit = apiLimits.pageDefault, ...filters } = parse(memberQuerySchema, call.query);
    const [at = '', memberId = ''] = cursor === undefined ? [] : readCursor(cursor, memberCursor);
    const after = cursor === undefined ? null : { enrolledAt: new Date(Number(at)), memberId };
    const { members, next } = await memberRecords(viewerOf(call), { ...filters, after, limit });
    const nextCursor = next === null ? null : writeCursor([String(next.enrolledAt.getTime()), next.memberId]);
    return { status: 200, value: { members, nextCursor } satisfies MemberRecords };
  },
  getMember: async (call) => ({ status: 200, value: await memberRecord(viewerOf(call), call.memberId) }),
  getMemberBalance: async ({ caller, memberId }) => ({
    status: 200,
    value: await memberBalance(caller.shopId, memberId),
  }),
  listMemberLedger: async ({ caller, memberId, query }) => {
    const { cursor, limit = apiLimits.pageDefault } = parse(ledgerQuerySchema, query);
    const before = cursor === undefined ? null : (readCursor(cursor, entryCursor)[0] ?? null);
    const { entries, next } = await memberLedger(caller.shopId, memberId, { before, limit });
    return {
      status: 200,
      value: { entries, nextCursor: next === null ? null : writeCursor([next]) } satisfies MemberLedger,
    };
  },
  listMemberPasses: async ({ caller, memberId }) => {
    const isTokenShown = caller.scopes.has('passes:secret');
    return { status: 200, value: await listMemberPasses(caller.shopId, memberId, { isTokenShown }) };
  },
};

/** Input by its schema. Throws `InvalidInput` that names each field and what is wrong with it, never its value. */
export function parse<Shape extends z.ZodType>(schema: Shape, input: unknown): z.infer<Shape> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => {
    const place = issue.path.join('.');
    if (issue.code === 'unrecognized_keys')
      return `${place === '' ? '' : `${place}: `}unknown field ${issue.keys.join(', ')}`;
    return `${place === '' ? 'body' : place}: ${issue.message}`;
  });
  throw new InvalidInput('invalid-input', 'A request does not fit its schema', {
    publicMessage: issues.slice(0, 10).join('; '),
  });
}
