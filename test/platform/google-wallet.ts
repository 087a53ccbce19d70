/**
 * A stand-in for Google Wallet over HTTP: issues access tokens for assertions it can verify, keeps classes and objects,
 * refuses what the published types do not know and whoever calls too often, and signs callbacks.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { jwtVerify, type JWTPayload } from 'jose';
import {
  bodyProblems,
  createNotices,
  createQuota,
  isClassThere,
  isResource,
  type Notices,
  type Quota,
  type Resource,
} from '#test/platform/google-rules.ts';
import { openSaveLink } from '#test/platform/google-save-links.ts';
import { type CallbackSigner, createCallbackSigner } from '#test/platform/google-signing.ts';
import { closeServer, listen, readBody, sendJson } from '#test/platform/http.ts';

export const testGoogleIssuerId = '3388000000012345678';

export type GoogleServiceAccount = { clientEmail: string; privateKeyPem: string };
export type GoogleRequest = { method: string; path: string; body: unknown; status: number };

/** What the next matching calls get instead of an answer. `times` counts down. */
export type GoogleFault =
  | { kind: 'status'; status: number; retryAfterS?: number; times: number }
  | { kind: 'reset'; times: number }
  | { kind: 'silence'; times: number }
  /** Carried out and answered, but only once `until` resolves: what is sent later arrives earlier. */
  | { kind: 'held'; until: Promise<void>; times: number }
  | { kind: 'forget-tokens' };

export type GoogleWalletPlatform = {
  url: string;
  serviceAccount: GoogleServiceAccount;
  issuerId: string;
  /** Lets the account act for one more issuer. */
  addIssuer: (issuerId: string) => void;
  requests: GoogleRequest[];
  /** How many access tokens were given out. */
  tokensIssued: () => number;
  classById: (id: string) => Resource | undefined;
  objectById: (id: string) => Resource | undefined;
  /** Puts a fault in front of the API; calls still count as requests. */
  fail: (fault: GoogleFault) => void;
  /** When API calls came, in milliseconds of this process; those that were too many are among them. */
  callTimes: readonly number[];
  /** How many notices phones were shown of a card, and how many more were asked for and dropped, of all cards. */
  noticesShown: (id: string) => number;
  noticesDropped: () => number;
  /** Signs what is told to issuers, and keeps the keys that they fetch. */
  callbacks: CallbackSigner;
  /** How often the root keys were fetched. */
  keysFetched: () => number;
  /**
   * Opens a save link as Google would: an object that the link brings along is made when it is new. Throws when the link is
   * not one of ours, or names an object that is not here.
   */
  openSaveLink: (link: string) => Promise<{ objects: Resource[]; claims: JWTPayload }>;
  close: () => Promise<void>;
};

type State = {
  publicKey: KeyObject;
  clientEmail: string;
  issuers: string[];
  classes: Map<string, Resource>;
  objects: Map<string, Resource>;
  tokens: Set<string>;
  issued: number;
  faults: Exclude<GoogleFault, { kind: 'forget-tokens' }>[];
  requests: GoogleRequest[];
  quota: Quota;
  notices: Notices;
  callbacks: CallbackSigner;
  keysFetched: number;
  onChange: (() => void) | undefined;
};

export type GoogleWalletPlatformOptions = {
  port?: number;
  /** A PKCS#8 key to keep across restarts; absent makes a fresh one. */
  serviceAccount?: GoogleServiceAccount;
  /** Told after every change of a class or an object. */
  onChange?: () => void;
  /** Calls admitted in any second. */
  callsPerSecondMax?: number;
};

const callsPerSecondMax = 20;

/** Starts the stand-in on loopback. */
export async function startGoogleWallet(options: GoogleWalletPlatformOptions = {}): Promise<GoogleWalletPlatform> {
  const serviceAccount = options.serviceAccount ?? makeServiceAccount();
  const state: State = {
    publicKey: createPublicKey(serviceAccount.privateKeyPem),
    clientEmail: serviceAccount.clientEmail,
    issuers: [testGoogleIssuerId],
    classes: new Map(),
    objects: new Map(),
    tokens: new Set(),
    issued: 0,
    faults: [],
    requests: [],
    quota: createQuota(options.callsPerSecondMax ?? callsPerSecondMax),
    notices: createNotices(),
    callbacks: createCallbackSigner(),
    keysFetched: 0,
    onChange: options.onChange,
  };
  const server = createServer((request, response) => {
    handle(state, request, response).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, 500, { error: { code: 500, message: String(error) } });
    });
  });
  const port = await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${port}`,
    serviceAccount,
    issuerId: testGoogleIssuerId,
    addIssuer: (issuerId) => state.issuers.push(issuerId),
    requests: state.requests,
    tokensIssued: () => state.issued,
    classById: (id) => state.classes.get(id),
    objectById: (id) => state.objects.get(id),
    fail: (fault) => {
      if (fault.kind === 'forget-tokens') state.tokens.clear();
      else state.faults.push({ ...fault });
    },
    callTimes: state.quota.times,
    noticesShown: state.notices.shown,
    noticesDropped: state.notices.dropped,
    callbacks: state.callbacks,
    keysFetched: () => state.keysFetched,
    openSaveLink: (link) => openSaveLink({ ...state, issuerId: testGoogleIssuerId }, link),
    close: () => closeServer(server),
  };
}

/** A service account with a new key. */
export function makeServiceAccount(): GoogleServiceAccount {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    clientEmail: 'stampwell@stand-in.iam.gserviceaccount.com',
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

async function handle(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://stand-in').pathname;
  if (path === '/oauth2/token') return issueToken(state, (await readBody(request)).toString('utf8'), response);
  if (path === '/pay/gp/m/issuer/keys') {
    state.keysFetched += 1;
    return sendJson(response, 200, state.callbacks.rootKeys());
  }
  await handleApi(state, { request, path }, response);
}

async function handleApi(
  state: State,
  { request, path }: { request: IncomingMessage; path: string },
  response: ServerResponse,
): Promise<void> {
  // Counted when it comes, not when it has been read.
  const isAdmitted = state.quota.admit();
  const method = request.method ?? '';
  const text = (await readBody(request)).toString('utf8');
  const fault = state.faults[0];
  if (fault?.kind === 'held') await hold(state, fault);
  else if (fault) {
    state.requests.push({ method, path, body: null, status: 0 });
    return disturb(state, fault, response);
  }
  const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
  const body = parseJson(text);
  const status = isAdmitted
    ? answer(state, { method, path, body, token }, response)
    : refuse(response, 429, 'RESOURCE_EXHAUSTED');
  state.requests.push({ method, path, body, status });
  if (status === 200) state.onChange?.();
}

async function hold(state: State, fault: { until: Promise<void>; times: number }): Promise<void> {
  fault.times -= 1;
  if (fault.times <= 0) state.faults.shift();
  await fault.until;
}

function disturb(state: State, fault: State['faults'][number], response: ServerResponse): void {
  fault.times -= 1;
  if (fault.times <= 0) state.faults.shift();
  if (fault.kind === 'reset') response.destroy();
  if (fault.kind !== 'status') return;
  if (fault.retryAfterS !== undefined) response.setHeader('retry-after', String(fault.retryAfterS));
  refuse(response, fault.status, 'UNAVAILABLE');
}

async function issueToken(state: State, text: string, response: ServerResponse): Promise<void> {
  const assertion = new URLSearchParams(text).get('assertion') ?? '';
  try {
    const { payload } = await jwtVerify(assertion, state.publicKey, {
      audience: 'https://oauth2.googleapis.com/token',
      issuer: state.clientEmail,
      algorithms: ['RS256'],
    });
    if (!String(payload['scope']).includes('wallet_object.issuer')) throw new Error('scope');
  } catch {
    sendJson(response, 400, { error: 'invalid_grant' });
    return;
  }
  const token = `ya29.${randomUUID()}`;
  state.tokens.add(token);
  state.issued += 1;
  sendJson(response, 200, { access_token: token, expires_in: 3_599, token_type: 'Bearer' });
}

type ApiCall = { method: string; path: string; body: unknown };

function answer(state: State, { token, ...call }: ApiCall & { token: string }, response: ServerResponse): number {
  return state.tokens.has(token) ? apply(state, call, response) : refuse(response, 401, 'UNAUTHENTICATED');
}

function apply(state: State, { method, path, body }: ApiCall, response: ServerResponse): number {
  const target = targetOf(state, path);
  if (target === null) return refuse(response, 404, 'NOT_FOUND');
  if (method === 'GET') return reply(response, target.store.get(target.id ?? ''));
  if (!isResource(body)) return refuse(response, 400, 'INVALID_ARGUMENT', ['the body is not an object']);

  const named = typeof body['id'] === 'string' ? body['id'] : '';
  const issuer = state.issuers.find((each) => named.startsWith(`${each}.`)) ?? testGoogleIssuerId;
  const problems = bodyProblems(issuer, { kind: target.kind, method, body });
  if (problems.length > 0) return refuse(response, 400, 'INVALID_ARGUMENT', problems);
  return write(state, { ...target, method, body }, response);
}

type Target = { kind: 'Class' | 'Object'; store: Map<string, Resource>; id: string | null };

function targetOf(state: State, path: string): Target | null {
  const [, named, encodedId] = /^\/walletobjects\/v1\/loyalty(Class|Object)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (named === undefined) return null;
  const id = encodedId === undefined ? null : decodeURIComponent(encodedId);
  return named === 'Class' ? { kind: 'Class', store: state.classes, id } : { kind: 'Object', store: state.objects, id };
}

function write(state: State, target: Target & { method: string; body: Resource }, response: ServerResponse): number {
  const { kind, store, id, method, body } = target;
  if (id !== null && !store.has(id)) return refuse(response, 404, 'NOT_FOUND');
  if (kind === 'Object' && !isClassThere(state.classes, body))
    return refuse(response, 400, 'INVALID_ARGUMENT', ['classId: no such class']);
  return id === null ? insert(store, body, response) : change(state, { method, id, body, store }, response);
}

type Change = { method: string; id: string; body: Resource; store: Map<string, Resource> };

function change(state: State, { method, id, body, store }: Change, response: ServerResponse): number {
  if (method !== 'PATCH' && method !== 'PUT') return refuse(response, 405, 'UNIMPLEMENTED');
  const { notifyPreference, ...kept } = body;
  if (notifyPreference === 'NOTIFY_ON_UPDATE') state.notices.ask(id);
  store.set(id, withoutNulls(method === 'PATCH' ? { ...store.get(id), ...kept } : kept));
  return reply(response, store.get(id));
}

/** A field that is sent as null is taken away. */
function withoutNulls(resource: Resource): Resource {
  return Object.fromEntries(Object.entries(resource).filter(([, value]) => value !== null));
}

function insert(store: Map<string, Resource>, body: Resource, response: ServerResponse): number {
  const id = String(body['id']);
  if (store.has(id)) return refuse(response, 409, 'ALREADY_EXISTS');
  store.set(id, withoutNulls(body));
  return reply(response, body);
}

function reply(response: ServerResponse, resource: Resource | undefined): number {
  if (!resource) return refuse(response, 404, 'NOT_FOUND');
  sendJson(response, 200, resource);
  return 200;
}

function refuse(response: ServerResponse, code: number, status: string, problems: string[] = []): number {
  sendJson(response, code, { error: { code, status, message: problems.join('; ') } });
  return code;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
