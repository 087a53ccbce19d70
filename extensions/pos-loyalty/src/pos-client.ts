import type {
  PosMemberAnswer,
  PosPreview,
  PosPreviewQuery,
  PosRedemption,
  PosRedemptionAnswer,
  PosStamp,
  PosStampAnswer,
  PosUndo,
} from '#app/contracts/pos.ts';
import { isMemberAnswer, isPreviewAnswer, isRedemptionAnswer, isStampAnswer, problemCode } from './pos-answers.ts';

/** What came of a call. After `unreachable` the same call may be repeated: its key makes it count once. */
export type Answer<Value> =
  | { kind: 'ok'; value: Value }
  | { kind: 'refused'; code: string }
  | { kind: 'no-permission' }
  | { kind: 'unreachable' };

/** Undefined when the person logged in to POS may not use the app. */
export type TokenSource = () => Promise<string | undefined>;

/** Who asks, and the language that the till speaks now. */
export interface PosCaller {
  getToken: TokenSource;
  language: () => string;
}

export interface PosClient {
  findMember: (code: string) => Promise<Answer<PosMemberAnswer>>;
  preview: (query: PosPreviewQuery) => Promise<Answer<PosPreview>>;
  stamp: (stamp: PosStamp) => Promise<Answer<PosStampAnswer>>;
  redeem: (redemption: PosRedemption) => Promise<Answer<PosRedemptionAnswer>>;
  undo: (undo: PosUndo) => Promise<Answer<PosMemberAnswer>>;
}

const requestTimeoutMs = 10_000;

/** Speaks `/pos/v1`. POS resolves relative addresses against the app's own. */
export function createPosClient(caller: PosCaller): PosClient {
  return {
    findMember: (code) =>
      call(caller, { path: `/pos/v1/members?code=${encodeURIComponent(code)}`, isAnswer: isMemberAnswer }),
    preview: (body) => call(caller, { path: '/pos/v1/preview', body, isAnswer: isPreviewAnswer }),
    stamp: (body) => call(caller, { path: '/pos/v1/stamps', body, isAnswer: isStampAnswer }),
    redeem: (body) => call(caller, { path: '/pos/v1/redemptions', body, isAnswer: isRedemptionAnswer }),
    undo: (body) => call(caller, { path: '/pos/v1/undo', body, isAnswer: isMemberAnswer }),
  };
}

interface Call<Value> {
  path: string;
  /** Present for a POST. */
  body?: object;
  isAnswer: (value: unknown) => value is Value;
}

async function call<Value>(
  { getToken, language }: PosCaller,
  { path, body, isAnswer }: Call<Value>,
): Promise<Answer<Value>> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), requestTimeoutMs);
  try {
    const token = await getToken();
    if (token === undefined || token === '') return { kind: 'no-permission' };
    const headers: Record<string, string> = {
      Accept: 'application/json',
      'Accept-Language': language(),
      Authorization: `Bearer ${token}`,
    };
    const request: RequestInit = { method: 'GET', headers, signal: abort.signal };
    if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
      request.method = 'POST';
      request.body = JSON.stringify(body);
    }
    return await read(await fetch(path, request), isAnswer);
  } catch {
    // No network, no answer in time, or one that cannot be read: the till can only try again.
    return { kind: 'unreachable' };
  } finally {
    clearTimeout(timer);
  }
}

async function read<Value>(response: Response, isAnswer: Call<Value>['isAnswer']): Promise<Answer<Value>> {
  const { status } = response;
  if (status === 401) return { kind: 'no-permission' };
  if (status >= 500) return { kind: 'unreachable' };
  const value: unknown = await response.json();
  const code = problemCode(value);
  // Most of these two are about the till as a whole; what is about this one call has a sentence of its own.
  if (status === 403 && !isAboutCall(code)) return { kind: 'no-permission' };
  if (status === 429 && !isAboutCall(code)) return { kind: 'unreachable' };
  if (!response.ok) return { kind: 'refused', code };
  return isAnswer(value) ? { kind: 'ok', value } : { kind: 'unreachable' };
}

function isAboutCall(code: string): boolean {
  return ['step_up_required', 'step_up_failed', 'pin-locked', 'not-at-this-till'].includes(code);
}
