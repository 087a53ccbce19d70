/**
 * A stand-in for Apple's push service: HTTP/2 over TLS, demands the pass certificate, and is as strict about what it is
 * sent as Apple. Faults can be put in its way.
 */
import { randomUUID } from 'node:crypto';
import {
  createSecureServer,
  constants,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { TLSSocket } from 'node:tls';
import { type CertificatePems } from '#test/platform/certificates.ts';
import { listen } from '#test/platform/http.ts';

export type ApnsFault =
  /** 410: the device no longer wants the pass, since `timestampMs`. */
  | { kind: 'gone'; timestampMs: number }
  | { kind: 'bad-token' }
  | { kind: 'certificate-refused' }
  | { kind: 'throttled'; retryAfterS?: number }
  | { kind: 'unavailable'; retryAfterS?: number }
  /** The connection is told to go away; this push and those after it are not looked at. */
  | { kind: 'go-away' }
  /** The connection ends at once, without a word. */
  | { kind: 'reset' }
  /** Taken, and never answered. */
  | { kind: 'silence' };

export type AcceptedPush = { pushToken: string; topic: string; at: Date };

export type ApnsPlatform = {
  /** `https://localhost:<port>` */
  url: string;
  /** Every push that was answered with 200, in order. */
  accepted: AcceptedPush[];
  /** What was wrong with pushes that Apple would have refused. */
  problems: string[];
  /** How many connections were ever made. */
  connections: () => number;
  /** The most pushes that were ever under way on one connection. */
  mostInFlight: () => number;
  /** Puts a fault in front of one device, or of all (`'*'`); it stays for `times` pushes. */
  fail: (pushToken: string, fault: ApnsFault, times: number) => void;
  clearFaults: () => void;
  /** Tells every connection to go away, as Apple does with idle ones. */
  goAway: () => void;
  close: () => Promise<void>;
};

export type ApnsPlatformOptions = {
  certificates: CertificatePems;
  port?: number;
  /** Waits this long before every answer. */
  latencyMs?: number;
  maxConcurrentStreams?: number;
  onPush?: (push: AcceptedPush) => void;
};

/** Answers that only a mistake of the sender explains. */
const ownMistakes = new Set([400, 403, 404, 405]);

type Planned = { fault: ApnsFault; times: number };
type State = {
  options: ApnsPlatformOptions;
  faults: Map<string, Planned>;
  accepted: AcceptedPush[];
  problems: string[];
  inFlight: Map<Http2Session | undefined, number>;
  /** The last stream that a connection told to go away still answers. */
  lastStream: Map<Http2Session | undefined, number>;
  mostInFlight: number;
};
type Verdict = { status: number; reason?: string; timestampMs?: number; retryAfterS?: number | undefined };

/** Starts the stand-in on loopback. */
export async function startApns(options: ApnsPlatformOptions): Promise<ApnsPlatform> {
  const { certificates } = options;
  const state: State = {
    options,
    faults: new Map(),
    accepted: [],
    problems: [],
    inFlight: new Map(),
    lastStream: new Map(),
    mostInFlight: 0,
  };
  const sessions = new Set<ServerHttp2Session>();
  let connections = 0;
  const server = createSecureServer({
    key: certificates.serverKey,
    cert: certificates.serverCertificate,
    ca: [certificates.root, certificates.wwdr],
    requestCert: true,
    rejectUnauthorized: true,
    settings: { maxConcurrentStreams: options.maxConcurrentStreams ?? 1_000 },
  });
  server.on('secureConnection', () => (connections += 1));
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    // A client that goes away in the middle is what faults are for.
    session.on('error', () => session.destroy());
  });
  server.on('stream', (stream, headers) => receive(state, stream, headers));
  const port = await listen(server, options.port ?? 0);
  return {
    url: `https://localhost:${port}`,
    accepted: state.accepted,
    problems: state.problems,
    connections: () => connections,
    mostInFlight: () => state.mostInFlight,
    fail: (pushToken, fault, times) => state.faults.set(pushToken, { fault, times }),
    clearFaults: () => state.faults.clear(),
    goAway: () => {
      for (const session of sessions) session.close();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
      }),
  };
}

function receive(state: State, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  countInFlight(state, stream);
  let body = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => (body += chunk));
  // Raised when the other side cancels; there is nobody left to answer.
  stream.on('error', () => undefined);
  stream.on('end', () => {
    const pushToken = /^\/3\/device\/(.+)$/.exec(String(headers[':path']))?.[1] ?? '';
    const fault = takeFault(state, pushToken);
    if (isPastTheEnd(state, stream) || (fault && disturb(state, fault, stream))) return;
    const verdict = (fault && verdictOf(fault)) ?? judge({ stream, headers, body, pushToken });
    setTimeout(() => answer(state, { stream, headers, pushToken, verdict }), state.options.latencyMs ?? 0);
  });
}

function countInFlight(state: State, stream: ServerHttp2Stream): void {
  const { session } = stream;
  const count = (state.inFlight.get(session) ?? 0) + 1;
  state.inFlight.set(session, count);
  state.mostInFlight = Math.max(state.mostInFlight, count);
  stream.on('close', () => state.inFlight.set(session, (state.inFlight.get(session) ?? 1) - 1));
}

function takeFault(state: State, pushToken: string): ApnsFault | null {
  for (const key of [pushToken, '*']) {
    const planned = state.faults.get(key);
    if (!planned) continue;
    planned.times -= 1;
    if (planned.times <= 0) state.faults.delete(key);
    return planned.fault;
  }
  return null;
}

/** Faults of the connection rather than of an answer. True when nothing more is to be said. */
function disturb(state: State, fault: ApnsFault, stream: ServerHttp2Stream): boolean {
  const { session } = stream;
  if (fault.kind === 'silence') return true;
  // Not while Node still reads from the connection: it would meet memory that is gone (nodejs/node#64113, #64850).
  if (fault.kind === 'reset') setImmediate(() => session?.destroy());
  if (fault.kind === 'go-away') {
    const lastStream = Math.max(0, Number(stream.id) - 2);
    state.lastStream.set(session, lastStream);
    setImmediate(() => {
      if (stream.destroyed || !session || session.destroyed) return;
      session.goaway(constants.NGHTTP2_NO_ERROR, lastStream);
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
    });
  }
  return fault.kind === 'reset' || fault.kind === 'go-away';
}

function isPastTheEnd(state: State, stream: ServerHttp2Stream): boolean {
  return Number(stream.id) > (state.lastStream.get(stream.session) ?? Number.POSITIVE_INFINITY);
}

function verdictOf(fault: ApnsFault): Verdict | null {
  if (fault.kind === 'gone') return { status: 410, reason: 'Unregistered', timestampMs: fault.timestampMs };
  if (fault.kind === 'bad-token') return { status: 400, reason: 'BadDeviceToken' };
  if (fault.kind === 'certificate-refused') return { status: 403, reason: 'BadCertificate' };
  if (fault.kind === 'throttled') return { status: 429, reason: 'TooManyRequests', retryAfterS: fault.retryAfterS };
  if (fault.kind === 'unavailable')
    return { status: 503, reason: 'ServiceUnavailable', retryAfterS: fault.retryAfterS };
  return null;
}

type Received = { stream: ServerHttp2Stream; headers: IncomingHttpHeaders; body: string; pushToken: string };

function judge({ stream, headers, body, pushToken }: Received): Verdict {
  const certificateUid = clientUid(stream);
  const topic = headers['apns-topic'];
  if (headers[':method'] !== 'POST') return { status: 405, reason: 'MethodNotAllowed' };
  if (pushToken === '') return { status: 404, reason: 'BadPath' };
  if (!/^[0-9a-f]{64,200}$/.test(pushToken)) return { status: 400, reason: 'BadDeviceToken' };
  if (topic === undefined) return { status: 400, reason: 'MissingTopic' };
  if (topic !== certificateUid) return { status: 400, reason: 'TopicDisallowed' };
  if (body === '') return { status: 400, reason: 'PayloadEmpty' };
  // Apple looks at the payload of a pass push no further; ours must be the empty dictionary that it documents.
  return body === '{}' ? { status: 200 } : { status: 400, reason: 'BadPayload' };
}

/** The UID of the certificate that the client proved to hold. */
function clientUid(stream: ServerHttp2Stream): string | undefined {
  const socket = stream.session?.socket;
  if (!(socket instanceof TLSSocket)) return undefined;
  const line = socket
    .getPeerX509Certificate()
    ?.subject.split('\n')
    .find((part) => part.startsWith('UID='));
  return line?.slice('UID='.length);
}

type Judged = { stream: ServerHttp2Stream; headers: IncomingHttpHeaders; pushToken: string; verdict: Verdict };

function answer(state: State, { stream, headers, pushToken, verdict }: Judged): void {
  if (stream.destroyed || stream.closed || isPastTheEnd(state, stream)) return;
  const { status, reason, timestampMs: timestamp, retryAfterS } = verdict;
  const retryHeader = retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) };
  stream.respond({ ':status': status, 'apns-id': randomUUID(), ...retryHeader });
  // A member that is undefined is left out of the JSON.
  stream.end(reason === undefined ? '' : JSON.stringify({ reason, timestamp }));
  if (status === 200) {
    const push = { pushToken, topic: String(headers['apns-topic']), at: new Date() };
    state.accepted.push(push);
    state.options.onPush?.(push);
  } else if (ownMistakes.has(status)) state.problems.push(`${status} ${reason}`);
}
