/** Cheap phones: raw sockets that fetch passes one after the other, and read no more of an answer than they must. */
import { connect, type Socket } from 'node:net';

export type FetchTarget = { port: number; paths: string[]; headersOf: (index: number) => Record<string, string> };
export type FetchOutcome = {
  perStatus: Record<number, number>;
  bytes: number;
  latenciesMs: number[];
  perSecond: number;
};

type Fetching = { target: FetchTarget; outcome: FetchOutcome; isOver: () => boolean; next: () => number };

/** One kept connection; resolves when it is over and its last answer was read. */
function fetchInTurn({ target, outcome, isOver, next }: Fetching): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(target.port, '127.0.0.1');
    socket.setNoDelay(true);
    let startedAt = 0;
    let left = -1;
    let head = Buffer.alloc(0);
    const ask = () => {
      if (isOver()) {
        socket.destroy();
        resolve();
        return;
      }
      const index = next();
      const lines = Object.entries(target.headersOf(index)).map(([name, value]) => `${name}: ${value}\r\n`);
      startedAt = performance.now();
      socket.write(`GET ${target.paths[index % target.paths.length]} HTTP/1.1\r\nhost: phone\r\n${lines.join('')}\r\n`);
    };
    const done = () => {
      outcome.latenciesMs.push(performance.now() - startedAt);
      left = -1;
      head = Buffer.alloc(0);
      ask();
    };
    socket.on('data', (chunk: Buffer) => {
      outcome.bytes += chunk.length;
      if (left >= 0) {
        left -= chunk.length;
        if (left <= 0) done();
        return;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      const text = head.toString('latin1', 0, end);
      const status = Number(text.slice(9, 12));
      outcome.perStatus[status] = (outcome.perStatus[status] ?? 0) + 1;
      const length = status === 304 ? 0 : Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      left = length - (head.length - end - 4);
      if (left <= 0) done();
    });
    socket.on('error', reject);
    socket.on('connect', ask);
  });
}

/** So many fetches as fast as they go, over so many connections. */
export async function fetchFlatOut(
  target: FetchTarget,
  { connections, count }: { connections: number; count: number },
): Promise<FetchOutcome> {
  const outcome: FetchOutcome = { perStatus: {}, bytes: 0, latenciesMs: [], perSecond: 0 };
  let started = 0;
  const startedAt = performance.now();
  const fetching = { target, outcome, isOver: () => started >= count, next: () => (started += 1) };
  await Promise.all(Array.from({ length: connections }, () => fetchInTurn(fetching)));
  outcome.perSecond = (outcome.latenciesMs.length * 1_000) / (performance.now() - startedAt);
  return outcome;
}
