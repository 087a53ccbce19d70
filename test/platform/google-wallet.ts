/**
 * A stand-in for Google Wallet over HTTP: issues access tokens for assertions it can verify, keeps classes and objects,
 * and refuses what the published types do not know.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { jwtVerify, type JWTPayload } from 'jose';
import { googleSchemaProblems } from '#test/platform/google-schema.ts';
import { closeServer, listen, readBody, sendJson } from '#test/platform/http.ts';

export const testGoogleIssuerId = '3388000000012345678';

export type GoogleServiceAccount = { clientEmail: string; privateKeyPem: string };
export type GoogleRequest = { method: string; path: string; body: unknown; status: number };
type Resource = Record<string, unknown>;

/** What the next matching calls get instead of an answer. `times` counts down. */
export type GoogleFault =
  | { kind: 'status'; status: number; retryAfterS?: number; times: number }
  | { kind: 'reset'; times: number }
  | { kind: 'silence'; times: number }
  | { kind: 'forget-tokens' };

export type GoogleWalletPlatform = {
  url: string;
  serviceAccount: GoogleServiceAccount;
  issuerId: string;
  requests: GoogleRequest[];
  /** How many access tokens were given out. */
  tokensIssued: () => number;
  classById: (id: string) => Resource | undefined;
  objectById: (id: string) => Resource | undefined;
  /** Puts a fault in front of the API; calls still count as requests. */
  fail: (fault: GoogleFault) => void;
  /** Opens a save link as Google would; throws when it is not one of ours, or names an object that is not here. */
  openSaveLink: (link: string) => Promise<{ objects: Resource[]; claims: JWTPayload }>;
  close: () => Promise<void>;
};

type State = {
  publicKey: KeyObject;
  clientEmail: string;
  classes: Map<string, Resource>;
  objects: Map<string, Resource>;
  tokens: Set<string>;
  issued: number;
  faults: Exclude<GoogleFault, { kind: 'forget-tokens' }>[];
  requests: GoogleRequest[];
  onChange: (() => void) | undefined;
};

export type GoogleWalletPlatformOptions = {
  port?: number;
  /** A PKCS#8 key to keep across restarts; absent makes a fresh one. */
  serviceAccount?: GoogleServiceAccount;
  /** Told after every change of a class or an object. */
  onChange?: () => void;
};

/** Starts the stand-in on loopback. */
export async function startGoogleWallet(options: GoogleWalletPlatformOptions = {}): Promise<GoogleWalletPlatform> {
  const serviceAccount = options.serviceAccount ?? makeServiceAccount();
  const state: State = {
    publicKey: createPublicKey(serviceAccount.privateKeyPem),
    clientEmail: serviceAccount.clientEmail,
    classes: new Map(),
    objects: new Map(),
    tokens: new Set(),
    issued: 0,
    faults: [],
    requests: [],
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
    requests: state.requests,
    tokensIssued: () => state.issued,
    classById: (id) => state.classes.get(id),
    objectById: (id) => state.objects.get(id),
    fail: (fault) => {
      if (fault.kind === 'forget-tokens') state.tokens.clear();
      else state.faults.push({ ...fault });
    },
    openSaveLink: (link) => openSaveLink(state, link),
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
  const method = request.method ?? '';
  const text = (await readBody(request)).toString('utf8');
  if (path === '/oauth2/token') return issueToken(state, text, response);
  const fault = state.faults[0];
  if (fault) {
    state.requests.push({ method, path, body: null, status: 0 });
    return disturb(state, fault, response);
  }
  const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
  const body = parseJson(text);
  const status = state.tokens.has(token)
    ? apply(state, { method, path, body }, response)
    : refuse(response, 401, 'UNAUTHENTICATED');
  state.requests.push({ method, path, body, status });
  if (status === 200) state.onChange?.();
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

function apply(state: State, { method, path, body }: ApiCall, response: ServerResponse): number {
  const [, kind, encodedId] = /^\/walletobjects\/v1\/loyalty(Class|Object)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (!kind) return refuse(response, 404, 'NOT_FOUND');
  const store = kind === 'Class' ? state.classes : state.objects;
  const id = encodedId === undefined ? '' : decodeURIComponent(encodedId);
  if (method === 'GET') return reply(response, store.get(id));
  if (!isResource(body)) return refuse(response, 400, 'INVALID_ARGUMENT', ['the body is not an object']);
  const problems = [
    ...googleSchemaProblems(`Loyalty${kind}`, body),
    ...requiredProblems(state, kind, { method, body }),
  ];
  if (problems.length > 0) return refuse(response, 400, 'INVALID_ARGUMENT', problems);
  return method === 'POST' && id === '' ? insert(store, body, response) : change(store, { method, id, body }, response);
}

type Change = { method: string; id: string; body: Resource };

function change(store: Map<string, Resource>, { method, id, body }: Change, response: ServerResponse): number {
  const existing = store.get(id);
  if (!existing) return refuse(response, 404, 'NOT_FOUND');
  if (method !== 'PATCH' && method !== 'PUT') return refuse(response, 405, 'UNIMPLEMENTED');
  const { notifyPreference: _ephemeral, ...kept } = body;
  store.set(id, method === 'PATCH' ? { ...existing, ...kept } : kept);
  return reply(response, store.get(id));
}

function insert(store: Map<string, Resource>, body: Resource, response: ServerResponse): number {
  const id = String(body['id']);
  if (store.has(id)) return refuse(response, 409, 'ALREADY_EXISTS');
  store.set(id, body);
  return reply(response, body);
}

/** What the published types leave optional and the service demands. */
function requiredProblems(state: State, kind: string, { method, body }: { method: string; body: Resource }): string[] {
  const names =
    kind === 'Class' ? ['id', 'issuerName', 'programName', 'programLogo', 'reviewStatus'] : ['id', 'classId', 'state'];
  const problems = method === 'PATCH' ? [] : names.filter((name) => !body[name]).map((name) => `${name}: is required`);
  const id = body['id'];
  if (typeof id === 'string' && !new RegExp(`^${testGoogleIssuerId}\\.[A-Za-z0-9._-]+$`).test(id))
    problems.push('id: must be issuerId.suffix');
  if (kind === 'Object' && method === 'POST' && !state.classes.has(String(body['classId'])))
    problems.push('classId: no such class');
  return problems;
}

async function openSaveLink(state: State, link: string) {
  const [, token = ''] = /^https:\/\/pay\.google\.com\/gp\/v\/save\/(.+)$/.exec(link) ?? [];
  if (token.length > 1_800) throw new Error('the save link is too long');
  const { payload } = await jwtVerify(token, state.publicKey, {
    audience: 'google',
    issuer: state.clientEmail,
    algorithms: ['RS256'],
  });
  if (payload['typ'] !== 'savetowallet') throw new Error('the save link has a wrong type');
  const content = payload['payload'];
  const listed = isResource(content) && Array.isArray(content['loyaltyObjects']) ? content['loyaltyObjects'] : [];
  const objects = listed.map((entry: unknown) => {
    const object = isResource(entry) ? state.objects.get(String(entry['id'])) : undefined;
    if (!object) throw new Error('the save link names an object that does not exist');
    return object;
  });
  if (objects.length === 0) throw new Error('the save link names no object');
  return { objects, claims: payload };
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

function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
