/**
 * Keeps Google's copy of our cards. Google holds the object itself, so a change is one call and every call here may be
 * repeated: the latest state wins. Google allows about 20 calls a second for an issuer; a `GooglePace` keeps to that.
 */
import { JWT } from 'google-auth-library';
import { z } from 'zod';
import {
  type GoogleLoyaltyClass,
  type GoogleLoyaltyObject,
  toBlankGoogleObject,
} from '#app/domain/cards/google-pass.ts';
import type { RotatingBarcode } from '#app/domain/cards/rotating-code.ts';
import { fullSaveLink, saveLink } from '#app/gateways/google-save-link.ts';
import { parseRetryAfterMs } from '#app/gateways/retry-after.ts';
import { type Breaker, createBreaker } from '#app/lib/circuit-breaker.ts';
import { invariant, isFailure, Rejected, Unavailable } from '#app/lib/errors.ts';

export type GoogleWalletOptions = {
  serviceAccount: { clientEmail: string; privateKeyPem: string };
  issuerId: string;
  /** Sites that may show the save button. */
  origins: string[];
  /** A stand-in that answers for all of Google's hosts; absent means Google itself. */
  baseUrl?: string;
  fetch: typeof fetch;
};

/** How fast Google may be called. Every single call takes a turn right before it is sent. */
export type GooglePace = {
  /** Resolves when the call may be sent at once, with what to call when it is over. Throws `Unavailable` when that takes too long. */
  takeTurn: () => Promise<() => Promise<void>>;
  /** Google asked for rest: nobody should call for so long. */
  rest: (forMs: number) => Promise<void>;
  /** How long one call may take, turns not counted. */
  timeoutMs: number;
};

/** An object as it is sent: `null` takes a field away that an earlier change may have set. */
export type SentObject = GoogleLoyaltyObject & { rotatingBarcode?: RotatingBarcode };

export type GoogleWallet = {
  issuerId: string;
  /** The same wallet, at this pace. Without one, nothing waits. */
  paced: (pace: GooglePace) => GoogleWallet;
  /** Creates the class, or changes it when it exists. */
  upsertClass: (loyaltyClass: GoogleLoyaltyClass) => Promise<void>;
  /** Creates the object, or changes it when it exists: for a card that may be new to Google. */
  upsertObject: (loyaltyObject: SentObject) => Promise<void>;
  /**
   * Changes an object that Google should know, and creates it when it does not. `isNotifying` asks for a notice on the
   * phone; Google shows at most three a day for a card and drops the rest.
   */
  patchObject: (loyaltyObject: SentObject, options: { isNotifying: boolean }) => Promise<void>;
  /** Blanks an object for good: Google has no delete. An object Google never knew is fine. */
  expireObject: (object: { objectId: string; classId: string }) => Promise<void>;
  /** The address of the save button for objects that exist already. */
  saveLink: (objectIds: string[]) => Promise<string>;
  /** The address of a save button that brings the object along, or as much of it as fits, without any call. */
  fullSaveLink: (loyaltyObject: GoogleLoyaltyObject) => Promise<string>;
};

type Method = 'POST' | 'PATCH' | 'PUT';
type Kind = 'loyaltyClass' | 'loyaltyObject';
type Answer = 'done' | 'exists' | 'absent' | 'token-refused';
type ApiRequest = { url: string; method: Method; data: object; fetchImplementation: typeof fetch };

const scope = 'https://www.googleapis.com/auth/wallet_object.issuer';
const apiUrl = 'https://walletobjects.googleapis.com/walletobjects/v1';
const hosts = new Map([
  ['oauth2.googleapis.com', '/oauth2'],
  ['walletobjects.googleapis.com', ''],
]);
const noPace: GooglePace = {
  takeTurn: () => Promise.resolve(() => Promise.resolve()),
  rest: () => Promise.resolve(),
  timeoutMs: 10_000,
};
/** Asked for when Google refuses a call for coming too fast without saying for how long. */
const restMs = 2_000;

const resourceSchema = z.object({ id: z.string() });
const refusalSchema = z.object({ error: z.object({ status: z.string() }) });

/** A client for one issuer; keep it, because it remembers its access token. All functions throw `Unavailable` or `Rejected`. */
export function createGoogleWallet(options: GoogleWalletOptions): GoogleWallet {
  const connect = () =>
    new JWT({
      email: options.serviceAccount.clientEmail,
      key: options.serviceAccount.privateKeyPem,
      scopes: [scope],
      transporterOptions: { fetchImplementation: guardedFetch(options, noPace) },
    });
  return walletAt(options, { client: connect(), connect, breaker: createBreaker(breaking) }, noPace);
}

/** The client in use and the circuit to Google, shared by all paces. */
type Login = { client: JWT; connect: () => JWT; breaker: Breaker };

/** Google gone: one call in five seconds looks whether it is back. A turn that did not come says nothing of Google. */
const breaking = { failuresMax: 10, openMs: 5_000, counts: (code: string) => code.startsWith('google-wallet-') };

function walletAt(options: GoogleWalletOptions, login: Login, pace: GooglePace): GoogleWallet {
  const send = guardedFetch(options, pace);
  const call = async (method: Method, resource: string, data: object): Promise<Exclude<Answer, 'token-refused'>> => {
    const used = login.client;
    const request = { url: `${apiUrl}/${resource}`, method, data, fetchImplementation: send };
    const first = await login.breaker.run(() => attempt(request, used, pace));
    if (first !== 'token-refused') return first;
    // The library keeps a refused token until it expires; a new client asks for a new one. Calls that fail together share it.
    if (login.client === used) login.client = login.connect();
    const second = await login.breaker.run(() => attempt(request, login.client, pace));
    if (second === 'token-refused')
      throw new Rejected('google-wallet-refused', 'Google Wallet refuses our access token');
    return second;
  };
  const insert = (kind: Kind, body: { id: string }) => call('POST', kind, body);
  const patch = (kind: Kind, body: { id: string }) => call('PATCH', `${kind}/${encodeURIComponent(body.id)}`, body);

  const insertOrPatch = async (kind: Kind, body: { id: string }, change: { id: string }) => {
    if ((await insert(kind, body)) !== 'exists') return;
    if ((await patch(kind, change)) === 'absent') throw contradiction();
  };

  return {
    issuerId: options.issuerId,
    paced: (wanted) => walletAt(options, login, wanted),
    upsertClass: (loyaltyClass) => insertOrPatch('loyaltyClass', loyaltyClass, loyaltyClass),
    upsertObject: (loyaltyObject) => insertOrPatch('loyaltyObject', loyaltyObject, asChange(loyaltyObject)),
    patchObject: async (loyaltyObject, { isNotifying }) => {
      const notice = isNotifying ? { notifyPreference: 'NOTIFY_ON_UPDATE' } : {};
      if ((await patch('loyaltyObject', { ...asChange(loyaltyObject), ...notice })) !== 'absent') return;
      if ((await insert('loyaltyObject', loyaltyObject)) === 'exists') throw contradiction();
    },
    expireObject: async ({ objectId, classId }) => {
      await call('PUT', `loyaltyObject/${encodeURIComponent(objectId)}`, toBlankGoogleObject({ objectId, classId }));
    },
    saveLink: (objectIds) => saveLink(options, objectIds),
    fullSaveLink: (loyaltyObject) => fullSaveLink(options, loyaltyObject),
  };
}

/** A change keeps what it does not name: what the card no longer has is named as nothing. */
function asChange(loyaltyObject: SentObject): { id: string } {
  const gone = Object.fromEntries(optionalFields.map((field) => [field, null]));
  return { ...gone, ...loyaltyObject };
}
const optionalFields = [
  'loyaltyPoints',
  'secondaryLoyaltyPoints',
  'barcode',
  'rotatingBarcode',
  'heroImage',
] as const satisfies (keyof SentObject)[];

async function attempt(request: ApiRequest, client: JWT, pace: GooglePace): Promise<Answer> {
  try {
    const response = await client.request<unknown>({ ...request, retry: false });
    const parsed = resourceSchema.safeParse(response.data);
    if (!parsed.success) throw new Unavailable('google-wallet-answer', 'Google Wallet answered without an id');
    return 'done';
  } catch (error) {
    const answer = answerOf(error);
    if (!(answer instanceof Unavailable)) return answer;
    if (answer.retryAfterMs !== undefined) await pace.rest(answer.retryAfterMs);
    throw answer;
  }
}

/** The only door to the network: Google's two hosts, or the stand-in in their place; anything else is refused. */
function guardedFetch({ baseUrl, fetch: send }: GoogleWalletOptions, pace: GooglePace): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const prefix = hosts.get(url.hostname);
    invariant(prefix !== undefined, `Google Wallet calls must not reach ${url.hostname}`);
    const target = baseUrl === undefined ? url : `${baseUrl}${prefix}${url.pathname}${url.search}`;
    // Taken here and not earlier: whatever lies between a turn and its call would move the call into another second.
    const endTurn = await pace.takeTurn();
    try {
      return await send(target, { ...init, redirect: 'error', signal: AbortSignal.timeout(pace.timeoutMs) });
    } finally {
      await endTurn();
    }
  };
}

type FailedResponse = { status: number; data: unknown; headers: { get: (name: string) => string | null } };

/** What a failed call means; what may work later is answered as `Unavailable`. Throws `Rejected`. */
function answerOf(error: unknown): Answer | Unavailable {
  if (error instanceof Unavailable) return error;
  // The library wraps what is thrown below it: no turn came in time, or the database was not there to give one.
  if (error instanceof Error && isFailure(error.cause)) throw error.cause;
  const response = responseOf(error);
  if (!response) return new Unavailable('google-wallet-unreachable', 'Google Wallet did not answer', { cause: error });
  const answer = answers.get(response.status);
  if (answer !== undefined) return answer;
  if (response.status === 429 || response.status >= 500) return busy(response);
  // Google's own message may repeat what we sent, names included: only the stable status word is kept.
  const refusal = refusalSchema.safeParse(response.data);
  const reason = refusal.success ? refusal.data.error.status : 'without a reason';
  throw new Rejected('google-wallet-refused', `Google Wallet answered ${response.status} ${reason}`);
}

const answers = new Map<number, Answer>([
  [409, 'exists'],
  [404, 'absent'],
  [401, 'token-refused'],
]);

function busy({ status, headers }: FailedResponse): Unavailable {
  const retryAfterMs = parseRetryAfterMs(headers.get('retry-after')) ?? (status === 429 ? restMs : undefined);
  const details = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new Unavailable('google-wallet-busy', `Google Wallet answered ${status}`, details);
}

function responseOf(error: unknown): FailedResponse | null {
  if (!(error instanceof Error) || !('response' in error)) return null;
  const response = error.response;
  return isFailedResponse(response) ? response : null;
}

function isFailedResponse(value: unknown): value is FailedResponse {
  return (
    typeof value === 'object' &&
    value !== null &&
    'status' in value &&
    'headers' in value &&
    'data' in value &&
    typeof value.status === 'number'
  );
}

function contradiction(): Unavailable {
  return new Unavailable('google-wallet-race', 'Google Wallet says a resource both exists and does not');
}
