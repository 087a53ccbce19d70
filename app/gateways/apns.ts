/**
 * Tells Apple that a pass has news. A push carries nothing: the device answers by asking our web service. Repeating a
 * push is harmless. The TLS client certificate is the pass certificate itself.
 */
import { type ApnsConnection, openApnsConnection } from '#app/gateways/apns-connection.ts';
import { type ApnsGateLimits, createApnsGate } from '#app/gateways/apns-gate.ts';
import { certificatePauseMs, certificateRefused, outcomeOf, unavailable } from '#app/gateways/apns-outcome.ts';
import type { PushOutcome } from '#app/domain/cards/push-outcome.ts';
import { Unavailable } from '#app/lib/errors.ts';

export type ApnsOptions = {
  /** `https://api.push.apple.com`, or a stand-in. Passes have no sandbox. */
  url: string;
  certificatePem: string;
  keyPem: string;
};

export type ApnsClient = {
  /**
   * Asks Apple to wake one device for one topic (the pass type identifier). Answers never name the device. Throws
   * `Rejected` for a mistake of ours and `Unavailable` once the client is closed.
   */
  push: (pushToken: string, topic: string) => Promise<PushOutcome>;
  /** Waits for the pushes under way and closes the connections. Safe to repeat. */
  close: () => Promise<void>;
};

export type ApnsLimits = ApnsGateLimits & {
  /** Requests in flight on one connection, unless Apple allows fewer. */
  streamsMax: number;
  /** How often one push is sent again because its connection ended before the answer. */
  sendsMax: number;
  connectTimeoutMs: number;
  requestTimeoutMs: number;
  pingEveryMs: number;
  /** Pushes under way or waiting for room; more are told to come back. */
  pushesMax: number;
  /** How long those wait who were told so. */
  fullPauseMs: number;
};

export const apnsLimits: ApnsLimits = {
  streamsMax: 500,
  sendsMax: 3,
  connectTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  pingEveryMs: 60_000,
  pushesMax: 5_000,
  fullPauseMs: 1_000,
  certificatePauseMs,
  silencesMax: 3,
  silencePauseMs: 1_000,
  silencePauseMaxMs: 30_000,
};

/** Apple accepts few connections per certificate: one in use, and one that is being drained after a GOAWAY. */
const connectionsMax = 2;
/** What needs no escape in the path of a push and is no step in it. */
const pushTokenPattern = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,200}$/;
const payload = '{}';
const payloadBytes = String(Buffer.byteLength(payload));

type Take = (connection: ApnsConnection | Error) => void;

type Connections = {
  /** Hands out a connection with room, at once or when there is one. An error is why none could be opened. */
  acquire: (take: Take) => void;
  /** Hands out what became free. */
  assign: () => void;
  close: () => Promise<void>;
};

/** At most two connections under one certificate, opened when somebody waits. */
function keepConnections(options: ApnsOptions, limits: ApnsLimits): Connections {
  const connections = new Set<ApnsConnection>();
  const waiting: Take[] = [];
  const releasing = new Set<ApnsConnection>();
  let opening: Promise<void> | null = null;

  const open = async () => {
    try {
      const connection: ApnsConnection = await openApnsConnection({ ...options, ...limits, onRetired: () => assign() });
      connections.add(connection);
    } catch (error) {
      for (const take of waiting.splice(0)) take(error instanceof Error ? error : new Error(String(error)));
    } finally {
      opening = null;
      assign();
    }
  };

  /** Gives waiting pushes to a connection with room; opens one when none takes requests any more. */
  const assign = () => {
    let usable: ApnsConnection | undefined;
    for (const connection of connections)
      if (connection.isRetired()) void release(connection);
      else usable ??= connection;
    while (waiting.length > 0 && usable?.hasRoom()) waiting.shift()?.(usable);
    if (waiting.length > 0 && !usable && !opening && connections.size < connectionsMax) opening = open();
  };

  /** A retired connection makes room for a new one when its last request has been answered. */
  const release = async (connection: ApnsConnection) => {
    if (releasing.has(connection)) return;
    releasing.add(connection);
    await connection.close();
    releasing.delete(connection);
    connections.delete(connection);
    assign();
  };

  return {
    acquire: (take) => {
      waiting.push(take);
      assign();
    },
    assign,
    close: async () => {
      await Promise.all([...connections].map((connection) => connection.close()));
      connections.clear();
    },
  };
}

/** A client for one pass certificate; keep it for as long as the process lives. Nothing is opened until the first push. */
export function createApnsClient(options: ApnsOptions, limits: ApnsLimits = apnsLimits): ApnsClient {
  const connections = keepConnections(options, limits);
  const gate = createApnsGate(limits);
  let underWay = 0;
  let isClosed = false;
  const onIdle: (() => void)[] = [];

  /** One push as far as its outcome; sent again when its connection ended before the answer. */
  const send = (headers: readonly string[], sends: number, onOutcome: (outcome: () => PushOutcome) => void): void => {
    if (sends === 0) return onOutcome(() => unavailable('the connection ended before an answer'));
    connections.acquire((connection) => {
      if (connection instanceof Error) return onOutcome(() => connectFailure(connection));
      connection.request(headers, payload, (reply) => {
        connections.assign();
        if (reply.kind === 'answered') onOutcome(() => outcomeOf(reply.response));
        else if (reply.kind === 'timed-out') onOutcome(() => unavailable('no answer in time'));
        else send(headers, sends - 1, onOutcome);
      });
    });
  };

  const finish = (outcome: PushOutcome | null): void => {
    gate.note(outcome, Date.now());
    underWay -= 1;
    if (underWay === 0) for (const resolve of onIdle.splice(0)) resolve();
  };

  const sendAndNote = (pushToken: string, topic: string): Promise<PushOutcome> =>
    new Promise((resolve, reject) => {
      underWay += 1;
      send(headersFor(pushToken, topic), limits.sendsMax, (read) => {
        let outcome: PushOutcome | null = null;
        try {
          outcome = read();
          resolve(outcome);
        } catch (error) {
          reject(error);
        } finally {
          finish(outcome);
        }
      });
    });

  return {
    push: (pushToken, topic) => {
      if (isClosed) return Promise.reject(new Unavailable('apns-closed', 'The APNs client is closed'));
      if (!pushTokenPattern.test(pushToken)) return Promise.resolve({ kind: 'bad-token' });
      if (underWay >= limits.pushesMax)
        return Promise.resolve({ ...unavailable('too many pushes wait', limits.fullPauseMs), isUnsent: true });
      const refusal = gate.refusal(Date.now());
      return refusal === null ? sendAndNote(pushToken, topic) : Promise.resolve(refusal);
    },
    close: async () => {
      isClosed = true;
      if (underWay > 0) await new Promise<void>((resolve) => onIdle.push(resolve));
      await connections.close();
    },
  };
}

/** As names and values in turn, which costs less than an object. */
function headersFor(pushToken: string, topic: string): readonly string[] {
  return [
    ':method', 'POST', ':path', `/3/device/${pushToken}`, 'apns-topic', topic,
    'apns-push-type', 'background', 'apns-priority', '5', 'content-length', payloadBytes,
  ]; // prettier-ignore
}

/** A TLS alert is Apple's judgement of our certificate; everything else is the network. */
function connectFailure(error: Error): PushOutcome {
  const code = 'code' in error ? String(error.code) : error.message;
  const isCertificate = code.startsWith('ERR_SSL_') && /ALERT.*CERTIFICATE|ALERT_(UNKNOWN_CA|ACCESS_DENIED)/.test(code);
  return isCertificate ? certificateRefused(code) : unavailable(code);
}
