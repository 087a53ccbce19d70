/**
 * Keeps Google's copy of our cards. Google holds the object itself, so a change is one call and every call here may be
 * repeated: the latest state wins. Google allows about 20 calls a second for an issuer; the caller paces.
 */
import { JWT } from 'google-auth-library';
import { importPKCS8, SignJWT } from 'jose';
import { z } from 'zod';
import {
  type GoogleLoyaltyClass,
  type GoogleLoyaltyObject,
  toBlankGoogleObject,
} from '#app/domain/cards/google-pass.ts';
import { parseRetryAfterMs } from '#app/gateways/retry-after.ts';
import { InvalidInput, invariant, Rejected, Unavailable } from '#app/lib/errors.ts';

export type GoogleWalletOptions = {
  serviceAccount: { clientEmail: string; privateKeyPem: string };
  issuerId: string;
  /** Sites that may show the save button. */
  origins: string[];
  /** A stand-in that answers for all of Google's hosts; absent means Google itself. */
  baseUrl?: string;
  fetch: typeof fetch;
};

export type GoogleWallet = {
  issuerId: string;
  /** Creates the class, or changes it when it exists. */
  upsertClass: (loyaltyClass: GoogleLoyaltyClass) => Promise<void>;
  /** Creates the object, or changes it when it exists: for a card that may be new to Google. */
  upsertObject: (loyaltyObject: GoogleLoyaltyObject) => Promise<void>;
  /**
   * Changes an object that Google should know, and creates it when it does not. `isNotifying` asks for a notice on the
   * phone; Google shows at most three a day for a card and drops the rest.
   */
  patchObject: (loyaltyObject: GoogleLoyaltyObject, options: { isNotifying: boolean }) => Promise<void>;
  /** Blanks an object for good: Google has no delete. An object Google never knew is fine. */
  expireObject: (object: { objectId: string; classId: string }) => Promise<void>;
  /** The address of the save button for objects that exist already. */
  saveLink: (objectIds: string[]) => Promise<string>;
};

type Method = 'POST' | 'PATCH' | 'PUT';
type Kind = 'loyaltyClass' | 'loyaltyObject';
type Answer = 'done' | 'exists' | 'absent' | 'token-refused';
type ApiRequest = { url: string; method: Method; data: object };

const scope = 'https://www.googleapis.com/auth/wallet_object.issuer';
const apiUrl = 'https://walletobjects.googleapis.com/walletobjects/v1';
const saveUrl = 'https://pay.google.com/gp/v/save';
const hosts = new Map([
  ['oauth2.googleapis.com', '/oauth2'],
  ['walletobjects.googleapis.com', ''],
]);
const timeoutMs = 10_000;
/** Longer links are cut by some browsers and messengers. */
const saveTokenLengthMax = 1_800;

const resourceSchema = z.object({ id: z.string() });
const refusalSchema = z.object({ error: z.object({ status: z.string() }) });

/** A client for one issuer; keep it, because it remembers its access token. All functions throw `Unavailable` or `Rejected`. */
export function createGoogleWallet(options: GoogleWalletOptions): GoogleWallet {
  const { serviceAccount, issuerId } = options;
  const connect = () =>
    new JWT({
      email: serviceAccount.clientEmail,
      key: serviceAccount.privateKeyPem,
      scopes: [scope],
      transporterOptions: { fetchImplementation: guardedFetch(options) },
    });
  let client = connect();

  const call = async (method: Method, resource: string, data: object): Promise<Exclude<Answer, 'token-refused'>> => {
    const used = client;
    const request = { url: `${apiUrl}/${resource}`, method, data };
    const first = await attempt(request, used);
    if (first !== 'token-refused') return first;
    // The library keeps a refused token until it expires; a new client asks for a new one. Calls that fail together share it.
    if (client === used) client = connect();
    const second = await attempt(request, client);
    if (second === 'token-refused')
      throw new Rejected('google-wallet-refused', 'Google Wallet refuses our access token');
    return second;
  };
  const insert = (kind: Kind, body: { id: string }) => call('POST', kind, body);
  const patch = (kind: Kind, body: { id: string }) => call('PATCH', `${kind}/${encodeURIComponent(body.id)}`, body);

  const insertOrPatch = async (kind: Kind, body: { id: string }) => {
    if ((await insert(kind, body)) !== 'exists') return;
    if ((await patch(kind, body)) === 'absent') throw contradiction();
  };

  return {
    issuerId,
    upsertClass: (loyaltyClass) => insertOrPatch('loyaltyClass', loyaltyClass),
    upsertObject: (loyaltyObject) => insertOrPatch('loyaltyObject', loyaltyObject),
    patchObject: async (loyaltyObject, { isNotifying }) => {
      const notice = isNotifying ? { notifyPreference: 'NOTIFY_ON_UPDATE' } : {};
      if ((await patch('loyaltyObject', { ...loyaltyObject, ...notice })) !== 'absent') return;
      if ((await insert('loyaltyObject', loyaltyObject)) === 'exists') throw contradiction();
    },
    expireObject: async ({ objectId, classId }) => {
      await call('PUT', `loyaltyObject/${encodeURIComponent(objectId)}`, toBlankGoogleObject({ objectId, classId }));
    },
    saveLink: (objectIds) => saveLink(options, objectIds),
  };
}

async function saveLink({ serviceAccount, origins }: GoogleWalletOptions, objectIds: string[]): Promise<string> {
  invariant(objectIds.length > 0, 'a save link names at least one object');
  const key = await importPKCS8(serviceAccount.privateKeyPem, 'RS256');
  const token = await new SignJWT({
    typ: 'savetowallet',
    origins,
    payload: { loyaltyObjects: objectIds.map((id) => ({ id })) },
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(serviceAccount.clientEmail)
    .setAudience('google')
    .setIssuedAt()
    .sign(key);
  if (token.length > saveTokenLengthMax)
    throw new InvalidInput('google-save-link-length', 'Too many objects or origins for one save link');
  return `${saveUrl}/${token}`;
}

async function attempt(request: ApiRequest, client: JWT): Promise<Answer> {
  try {
    const response = await client.request<unknown>({ ...request, timeout: timeoutMs, retry: false });
    const parsed = resourceSchema.safeParse(response.data);
    if (!parsed.success) throw new Unavailable('google-wallet-answer', 'Google Wallet answered without an id');
    return 'done';
  } catch (error) {
    return answerOf(error);
  }
}

/** The only door to the network: Google's two hosts, or the stand-in in their place; anything else is refused. */
function guardedFetch({ baseUrl, fetch: send }: GoogleWalletOptions): typeof fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const prefix = hosts.get(url.hostname);
    invariant(prefix !== undefined, `Google Wallet calls must not reach ${url.hostname}`);
    return baseUrl === undefined ? send(url, init) : send(`${baseUrl}${prefix}${url.pathname}${url.search}`, init);
  };
}

type FailedResponse = { status: number; data: unknown; headers: { get: (name: string) => string | null } };

function answerOf(error: unknown): Answer {
  if (error instanceof Unavailable) throw error;
  const response = responseOf(error);
  if (!response) throw new Unavailable('google-wallet-unreachable', 'Google Wallet did not answer', { cause: error });
  const { status } = response;
  if (status === 409) return 'exists';
  if (status === 404) return 'absent';
  if (status === 401) return 'token-refused';
  if (status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfterMs(response.headers.get('retry-after'));
    const details = retryAfterMs === undefined ? {} : { retryAfterMs };
    throw new Unavailable('google-wallet-busy', `Google Wallet answered ${status}`, details);
  }
  // Google's own message may repeat what we sent, names included: only the stable status word is kept.
  const refusal = refusalSchema.safeParse(response.data);
  const reason = refusal.success ? refusal.data.error.status : 'without a reason';
  throw new Rejected('google-wallet-refused', `Google Wallet answered ${status} ${reason}`);
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
