/** Callers who begin a request and never end it: each holds a connection for as long as they are let. */
import { connect } from 'node:net';

export type SlowAnswer = { firstLine: string; afterMs: number };

/** Sends the beginning of a request and waits for the end of the connection. */
export function beginRequest(url: string, beginning: string): Promise<SlowAnswer> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(beginning));
    let answer = '';
    socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () =>
      resolve({ firstLine: answer.split('\r\n')[0] ?? '', afterMs: performance.now() - startedAt }),
    );
  });
}
