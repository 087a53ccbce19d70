/** One HTTP/2 connection to APNs: opens, carries requests up to its limit, and says when it should take no more. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { setImmediate } from 'node:timers/promises';
import type { ApnsResponse } from '#app/gateways/apns-outcome.ts';

export type ApnsConnectionOptions = {
  url: string;
  certificatePem: string;
  keyPem: string;
  connectTimeoutMs: number;
  requestTimeoutMs: number;
  pingEveryMs: number;
  streamsMax: number;
  /** Called when the connection takes no more requests; open ones may still be answered. */
  onRetired: () => void;
};

/** What became of one request: an answer, silence for too long, or a connection that ended first. */
export type ApnsReply =
  { kind: 'answered'; response: ApnsResponse } | { kind: 'timed-out' } | { kind: 'lost'; isUntouched: boolean };

export type ApnsConnection = {
  hasRoom: () => boolean;
  isRetired: () => boolean;
  /** Calls `onReply` once, whatever happens. A callback: a promise per step costs as much as the push itself. */
  request: (headers: readonly string[], body: string, onReply: (reply: ApnsReply) => void) => void;
  /** Waits for open requests. Safe to repeat. */
  close: () => Promise<void>;
};

const bodyBytesMax = 4_096;
const accepted = 200;

/** Connects and waits for Apple's settings. Throws what the socket or TLS throws; nothing is left open then. */
export async function openApnsConnection(options: ApnsConnectionOptions): Promise<ApnsConnection> {
  const session = connect(options.url, {
    cert: options.certificatePem,
    key: options.keyPem,
    settings: { enablePush: false },
  });
  await settled(session, options.connectTimeoutMs);
  return carry(session, options);
}

function settled(session: ClientHttp2Session, connectTimeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer);
      void destroyed(session);
      reject(error);
    };
    const timer = setTimeout(() => fail(new Error('connecting took too long')), connectTimeoutMs);
    session.on('error', fail);
    session.once('close', () => fail(new Error('closed while connecting')));
    session.once('remoteSettings', () => {
      clearTimeout(timer);
      session.removeListener('error', fail);
      session.removeAllListeners('close');
      resolve();
    });
  });
}

function carry(session: ClientHttp2Session, options: ApnsConnectionOptions): ApnsConnection {
  let inFlight = 0;
  let isRetired = false;
  let idle: Promise<void> | null = null;
  let onIdle: (() => void) | null = null;
  let lastAnswerAt = Date.now();
  let room = roomOf(session, options);
  const retire = () => {
    if (isRetired) return;
    isRetired = true;
    clearInterval(pinging);
    options.onRetired();
  };
  const pinging = setInterval(() => {
    if (inFlight === 0) ping(session);
  }, options.pingEveryMs);
  pinging.unref();
  const deadlines = keepDeadlines(options.requestTimeoutMs);
  // An error always ends in 'close'; the pushes on it learn of it through their streams.
  session.on('error', retire);
  session.on('goaway', retire);
  session.on('remoteSettings', () => (room = roomOf(session, options)));
  session.on('close', () => {
    deadlines.stop();
    retire();
  });

  const request: ApnsConnection['request'] = (headers, body, onReply) => {
    const startedAt = Date.now();
    inFlight += 1;
    exchange({ session, deadlines }, { headers, body }, (reply) => {
      inFlight -= 1;
      if (inFlight === 0) onIdle?.();
      if (reply.kind === 'answered') lastAnswerAt = Date.now();
      // Silence on the whole connection since then: the connection is dead, not this one request.
      if (reply.kind === 'timed-out' && lastAnswerAt <= startedAt) {
        void destroyed(session);
        retire();
      }
      onReply(reply);
    });
  };

  return {
    hasRoom: () => !isRetired && inFlight < room,
    isRetired: () => isRetired || session.destroyed || session.closed,
    request,
    close: async () => {
      retire();
      idle ??= inFlight === 0 ? Promise.resolve() : new Promise((resolve) => (onIdle = resolve));
      await idle;
      // Closing gracefully would wait for the other side too, which may never come.
      await destroyed(session);
    },
  };
}

/** How many requests may be under way: as many as the other side allows, and not more than we want. */
function roomOf({ remoteSettings }: ClientHttp2Session, { streamsMax }: ApnsConnectionOptions): number {
  return Math.min(streamsMax, remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY);
}

function ping(session: ClientHttp2Session): void {
  if (session.destroyed || session.closed) return;
  session.ping((error) => {
    if (error) void destroyed(session);
  });
}

/**
 * Ends a connection, but not from within an answer: Node takes it apart at once, and the rest of the bytes being read
 * then meets memory that is gone, which ends the whole process (nodejs/node#64113, #64850).
 */
async function destroyed(session: ClientHttp2Session): Promise<void> {
  await setImmediate();
  session.destroy();
}

type Deadlines = {
  begin: (stream: ClientHttp2Stream) => void;
  /** Whether it ended in time. */
  end: (stream: ClientHttp2Stream) => boolean;
  stop: () => void;
};

/** Cancels requests that take too long. One timer for all of a connection, set for the oldest: one for each costs a tenth of a push. */
function keepDeadlines(timeoutMs: number): Deadlines {
  const endsAtMs = new Map<ClientHttp2Stream, number>();
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    timer = undefined;
    const nowMs = performance.now();
    for (const [stream, endMs] of endsAtMs) {
      if (endMs > nowMs) {
        timer = setTimeout(look, endMs - nowMs);
        return;
      }
      endsAtMs.delete(stream);
      stream.close(constants.NGHTTP2_CANCEL);
    }
  };
  return {
    begin: (stream) => {
      endsAtMs.set(stream, performance.now() + timeoutMs);
      timer ??= setTimeout(look, timeoutMs);
    },
    end: (stream) => endsAtMs.delete(stream),
    stop: () => clearTimeout(timer),
  };
}

type Lane = { session: ClientHttp2Session; deadlines: Deadlines };
type Exchange = { headers: readonly string[]; body: string };

function exchange(
  { session, deadlines }: Lane,
  { headers, body }: Exchange,
  onReply: (reply: ApnsReply) => void,
): void {
  // Never from within the call: thousands may wait, and each would be answered on top of the one before.
  if (session.destroyed || session.closed) return process.nextTick(() => onReply({ kind: 'lost', isUntouched: true }));
  const stream = session.request(headers);
  let answer: IncomingHttpHeaders | undefined;
  let received = '';
  deadlines.begin(stream);
  stream.on('response', (responseHeaders) => {
    answer = responseHeaders;
    // A yes has no body; what follows is thrown away.
    if (responseHeaders[':status'] === accepted) stream.resume();
    else
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        if (received.length < bodyBytesMax) received += chunk;
      });
  });
  // The reason of an error is in `rstCode`; without a listener it would end the process.
  stream.on('error', () => undefined);
  stream.on('close', () => {
    const hasTimedOut = !deadlines.end(stream);
    onReply(replyOf({ stream, answer, received, hasTimedOut }));
  });
  stream.end(body);
}

type Ended = {
  stream: ClientHttp2Stream;
  answer: IncomingHttpHeaders | undefined;
  received: string;
  hasTimedOut: boolean;
};

function replyOf({ stream, answer, received, hasTimedOut }: Ended): ApnsReply {
  const status = Number(answer?.[':status']);
  if (answer && status > 0)
    return { kind: 'answered', response: { status, retryAfter: answer['retry-after'], body: received } };
  if (hasTimedOut) return { kind: 'timed-out' };
  return { kind: 'lost', isUntouched: stream.rstCode === constants.NGHTTP2_REFUSED_STREAM };
}
