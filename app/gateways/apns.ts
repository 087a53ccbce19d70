/**
 * Tells Apple that a pass has news. A push carries nothing: the device answers by asking our web service. Repeating a
 * push is harmless. The TLS client certificate is the pass certificate itself.
 */
import { type ApnsConnection, openApnsConnection } from '#app/gateways/apns-connection.ts';
import { outcomeOf, type PushOutcome, unavailable } from '#app/gateways/apns-outcome.ts';
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

export type ApnsLimits = {
  /** Requests in flight on one connection, unless Apple allows fewer. */
  streamsMax: number;
  /** How often one push is sent again because its connection ended before the answer. */
  sendsMax: number;
  connectTimeoutMs: number;
  requestTimeoutMs: number;
  pingEveryMs: number;
};

export const apnsLimits: ApnsLimits = {
  streamsMax: 500,
  sendsMax: 3,
  connectTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  pingEveryMs: 60_000,
};

/** Apple accepts few connections per certificate: one in use, and one that is being drained after a GOAWAY. */
const connectionsMax = 2;
const pushTokenPattern = /^[0-9a-fA-F]{16,200}$/;
const payload = '{}';

/** A client for one pass certificate; keep it for as long as the process lives. Nothing is opened until the first push. */
export function createApnsClient(options: ApnsOptions, limits: ApnsLimits = apnsLimits): ApnsClient {
  const connections = new Set<ApnsConnection>();
  const waiting: ((connection: ApnsConnection | Error) => void)[] = [];
  const underWay = new Set<Promise<unknown>>();
  const releasing = new Set<ApnsConnection>();
  let opening: Promise<void> | null = null;
  let isClosed = false;

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
    for (const connection of connections) if (connection.isRetired()) void release(connection);
    const usable = [...connections].find((connection) => !connection.isRetired());
    while (waiting.length > 0 && usable?.hasRoom()) waiting.shift()?.(usable);
    if (waiting.length > 0 && !usable && !opening && connections.size < connectionsMax) opening = open();
  };

  const acquire = () =>
    new Promise<ApnsConnection | Error>((resolve) => {
      waiting.push(resolve);
      assign();
    });

  const send = async (pushToken: string, topic: string): Promise<PushOutcome> => {
    for (let sent = 0; sent < limits.sendsMax; sent += 1) {
      const connection = await acquire();
      if (connection instanceof Error) return connectFailure(connection);
      const reply = await connection.request(headersFor(pushToken, topic), payload);
      assign();
      if (reply.kind === 'answered') return outcomeOf(reply.response);
      if (reply.kind === 'timed-out') return unavailable('no answer in time');
    }
    return unavailable('the connection ended before an answer');
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
    push: (pushToken, topic) => {
      if (isClosed) return Promise.reject(new Unavailable('apns-closed', 'The APNs client is closed'));
      if (!pushTokenPattern.test(pushToken)) return Promise.resolve({ kind: 'bad-token' });
      const pushing = send(pushToken, topic).finally(() => underWay.delete(pushing));
      underWay.add(pushing);
      return pushing;
    },
    close: async () => {
      isClosed = true;
      await Promise.allSettled(underWay);
      await Promise.all([...connections].map((connection) => connection.close()));
      connections.clear();
    },
  };
}

function headersFor(pushToken: string, topic: string) {
  return {
    ':method': 'POST',
    ':path': `/3/device/${pushToken}`,
    'apns-topic': topic,
    'apns-push-type': 'background',
    'apns-priority': '5',
    'content-length': Buffer.byteLength(payload),
  };
}

/** A TLS alert is Apple's judgement of our certificate; everything else is the network. */
function connectFailure(error: Error): PushOutcome {
  const code = 'code' in error ? String(error.code) : error.message;
  const isCertificate = code.startsWith('ERR_SSL_') && /ALERT.*CERTIFICATE|ALERT_(UNKNOWN_CA|ACCESS_DENIED)/.test(code);
  return isCertificate ? { kind: 'certificate-refused', reason: code } : unavailable(code);
}
