/**
 * What binds a single API client: the programs it was made for, and the ids under which it knows members. Both are settled
 * here, before and after the handlers, so that no handler can forget them.
 */
import type { ApiOperation } from '#app/contracts/api-operation.ts';
import type { ApiOperationId } from '#app/contracts/api-operations.ts';
import type { ApiAnswer, ApiCall } from '#app/edge/api-call.ts';
import { Forbidden, NotFound } from '#app/lib/errors.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';
import { memberBehind, pseudonymOf } from '#app/lib/pseudonyms.ts';
import { isMemberOfPrograms } from '#app/queries/member-program.ts';
import { readCursor, writeCursor } from '#app/web/page-cursor.ts';

type Operation = ApiOperation<ApiOperationId>;
type Fields = Record<string, unknown>;

/** Fields by name; a date is none, nor a list. */
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

const noMember = () => new NotFound('member-not-found', 'No such member');
const noProgram = () =>
  new NotFound('program-not-found', 'No such program', { publicMessage: 'There is no such program.' });

/** These look at the caller's programs themselves. */
const selfBound: ReadonlySet<ApiOperationId> = new Set(['listMembers', 'listPrograms', 'createMember']);
/** Anybody's order may be submitted; a client of some programs says whose it is. */
const boundByBody: ReadonlySet<ApiOperationId> = new Set(['createEstimate', 'submitOrder']);

/**
 * Holds a call against the caller's programs. Throws `NotFound` for what belongs to another program, as if it did not exist,
 * and `Forbidden` for an operation that no single program bounds.
 */
export async function demandPrograms(call: ApiCall, operation: Operation): Promise<void> {
  const { programIds } = call.caller;
  if (programIds === null) return;
  const { memberId, programId } = call.parameters;
  const isBoundByPath = memberId !== undefined || programId !== undefined;
  if (isBoundByPath) return demandOwn({ memberId, programId }, call.caller.shopId, programIds);
  if (selfBound.has(operation.id)) return;
  const told = boundByBody.has(operation.id) ? namesIn(call.body) : {};
  const isBound = told.memberId !== undefined || (told.programId !== undefined && operation.id !== 'submitOrder');
  if (!isBound) throw needsWholeShop();
  await demandOwn(told, call.caller.shopId, programIds);
}

type Names = { memberId?: string | undefined; programId?: string | undefined };

async function demandOwn({ memberId, programId }: Names, shopId: ShopId, programIds: ProgramId[]): Promise<void> {
  if (programId !== undefined && !programIds.some((own) => own === programId)) throw noProgram();
  if (memberId !== undefined && !(await isMemberOfPrograms(shopId, memberId, programIds))) throw noMember();
}

/** What a body names; the schema of the operation has its own word on the rest of it. */
function namesIn(body: unknown): Names {
  if (!isFields(body)) return {};
  const { memberId, programId } = body;
  return {
    ...(typeof memberId === 'string' && { memberId }),
    ...(typeof programId === 'string' && { programId }),
  };
}

function needsWholeShop(): Forbidden {
  return new Forbidden('needs-whole-shop', 'A client of some programs asked for what belongs to the whole shop', {
    publicMessage: 'This client is for some programs only: name a member of one of them, or use another client.',
  });
}

/** With a member's id, or a client's own name for one. */
const memberCursor = [/^\d{1,13}$/, /^[\w-]{36,64}$/];

/** A cursor of members carries an id, which changes its name like any other. */
function renameCursor(cursor: unknown, rename: (id: string) => string): unknown {
  if (typeof cursor !== 'string') return cursor;
  const [at = '', memberId = ''] = readCursor(cursor, memberCursor);
  return writeCursor([at, rename(memberId)]);
}

/** The call as the product knows it: a client's own names of members become their ids. */
export function openNames(call: ApiCall, operation: Operation): ApiCall {
  const key = call.caller.pseudonymKey;
  if (key === null) return call;
  const open = (id: string) => memberBehind(key, id);
  const { memberId } = call.parameters;
  const named = isFields(call.body) ? call.body['memberId'] : undefined;
  return {
    ...call,
    ...(memberId !== undefined && { parameters: { ...call.parameters, memberId: open(memberId) } }),
    ...(isFields(call.body) && typeof named === 'string' && { body: { ...call.body, memberId: open(named) } }),
    ...(operation.id === 'listMembers' && {
      query: { ...call.query, cursor: renameCursor(call.query['cursor'], open) },
    }),
  };
}

/** Members as such: what they are called elsewhere goes too, unless the client may know people. */
const elsewhere = ['externalId', 'shopifyCustomerId', 'cardUrl'];

type Hiding = {
  rename: (id: string) => string;
  isIdentityShown: boolean;
  /** Whom the call is about; wherever their id stands in a text, it changes its name. */
  memberId: string | undefined;
};

function hide(value: unknown, hiding: Hiding): unknown {
  if (Array.isArray(value)) return value.map((item) => hide(item, hiding));
  if (typeof value === 'string') return hideIn(value, hiding);
  if (!isFields(value)) return value;
  const isMember = 'enrolledVia' in value;
  const hideField = ([name, item]: [string, unknown]): [string, unknown] => {
    if (isMember && !hiding.isIdentityShown && elsewhere.includes(name)) return [name, null];
    const isId = name === 'memberId' || (isMember && name === 'id');
    return [name, isId && typeof item === 'string' ? hiding.rename(item) : hide(item, hiding)];
  };
  return Object.fromEntries(Object.entries(value).map(hideField));
}

function hideIn(text: string, { memberId, rename }: Hiding): string {
  return memberId === undefined || memberId === '' ? text : text.replaceAll(memberId, () => rename(memberId));
}

/** An answer as this client may know it: each member under the client's own name for them. */
export function hideNames(answer: ApiAnswer, { caller, parameters }: ApiCall, operation: Operation): ApiAnswer {
  const key = caller.pseudonymKey;
  if (key === null) return answer;
  const rename = (id: string) => pseudonymOf(key, id);
  const { memberId } = parameters;
  const value = hide(answer.value, { rename, isIdentityShown: caller.scopes.has('members:pii'), memberId });
  if (operation.id === 'listMembers' && isFields(value))
    value['nextCursor'] = renameCursor(value['nextCursor'], rename);
  return { ...answer, value, ...(answer.headers && { headers: hideLocation(answer, memberId, rename) }) };
}

/** Where a new thing is found: below a member's own address. */
function hideLocation(
  { headers, value }: ApiAnswer,
  memberId: string | undefined,
  rename: Hiding['rename'],
): Record<string, string> {
  const id = memberId ?? (isFields(value) && 'enrolledVia' in value ? String(value['id']) : '');
  if (headers?.['location'] === undefined || id === '') return headers ?? {};
  return { ...headers, location: headers['location'].replace(id, rename(id)) };
}
