import type {
  PosMemberAnswer,
  PosRedemption,
  PosRedemptionAnswer,
  PosStamp,
  PosStampAnswer,
  PosUndo,
} from '#app/contracts/pos.ts';
import type { Problem } from '#app/contracts/problem.ts';

/** What came of a call. After `unreachable` the same call may be repeated: its key makes it count once. */
export type Answer<Value> =
  | { kind: 'ok'; value: Value }
  | { kind: 'refused'; code: string }
  | { kind: 'no-permission' }
  | { kind: 'unreachable' };

/** Undefined when the person logged in to POS may not use the app. */
export type TokenSource = () => Promise<string | undefined>;

export interface PosClient {
  findMember: (code: string) => Promise<Answer<PosMemberAnswer>>;
  stamp: (stamp: PosStamp) => Promise<Answer<PosStampAnswer>>;
  redeem: (redemption: PosRedemption) => Promise<Answer<PosRedemptionAnswer>>;
  undo: (undo: PosUndo) => Promise<Answer<PosMemberAnswer>>;
}

const requestTimeoutMs = 10_000;

/** Speaks `/pos/v1`. POS resolves relative addresses against the app's own. */
export function createPosClient(getToken: TokenSource): PosClient {
  const post = <Value>(path: string, body: object): Promise<Answer<Value>> =>
    call(getToken, path, { method: 'POST', body: JSON.stringify(body) });
  return {
    findMember: (code) => call(getToken, `/pos/v1/members?code=${encodeURIComponent(code)}`, { method: 'GET' }),
    stamp: (stamp) => post('/pos/v1/stamps', stamp),
    redeem: (redemption) => post('/pos/v1/redemptions', redemption),
    undo: (undo) => post('/pos/v1/undo', undo),
  };
}

async function call<Value>(
  getToken: TokenSource,
  path: string,
  request: { method: 'GET' | 'POST'; body?: string },
): Promise<Answer<Value>> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), requestTimeoutMs);
  try {
    const token = await getToken();
    if (token === undefined || token === '') return { kind: 'no-permission' };
    const headers: Record<string, string> = { Accept: 'application/json', Authorization: `Bearer ${token}` };
    if (request.body !== undefined) headers['Content-Type'] = 'application/json';
    const response = await fetch(path, { ...request, headers, signal: abort.signal });
    if (response.ok) return { kind: 'ok', value: (await response.json()) as Value };
    if (response.status === 401 || response.status === 403) return { kind: 'no-permission' };
    if (response.status >= 500 || response.status === 429) return { kind: 'unreachable' };
    return { kind: 'refused', code: await problemCode(response) };
  } catch {
    // No network, no answer in time, or one that cannot be read: the till can only try again.
    return { kind: 'unreachable' };
  } finally {
    clearTimeout(timer);
  }
}

async function problemCode(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as Partial<Problem>;
    return problem.code ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
