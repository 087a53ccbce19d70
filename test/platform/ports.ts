/** Ports on loopback, and TLS in front of a plain server. */
import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';
import tls from 'node:tls';

import { listen } from '#test/platform/http.ts';

/**
 * Below those that the system hands out to whoever asks for any port: what is chosen here is taken by nobody else until the
 * process it was chosen for listens there, some seconds later. Test files that run side by side have parts of their own.
 */
const firstPort = 20_000;
const portsInPart = 3_000;
const parts = 4;
const ownPart = Number(process.env['VITEST_POOL_ID'] ?? 0) % parts;
let chosen = randomInt(portsInPart);

/** A port that is free, and that this process is not told again soon. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < portsInPart; tries += 1) {
    chosen = (chosen + 1) % portsInPart;
    const port = firstPort + ownPart * portsInPart + chosen;
    if (await isFree(port)) return port;
  }
  throw new Error('No port is free.');
}

/** The wanted port when it is free, otherwise any free one. */
export async function portNear(wanted: number): Promise<number> {
  return (await isFree(wanted)) ? wanted : freePort();
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, port);
    await new Promise((resolve) => server.close(resolve));
    return true;
  } catch {
    return false;
  }
}

export type TlsFront = { url: string; close: () => Promise<void> };

/** Takes TLS off and passes the bytes on: phones fetch passes over https only. */
export async function startTlsFront(options: {
  certificate: string;
  key: string;
  targetPort: () => number;
}): Promise<TlsFront> {
  const sockets = new Set<tls.TLSSocket>();
  const server = tls.createServer(
    { cert: options.certificate, key: options.key, ALPNProtocols: ['http/1.1'] },
    (socket) => {
      const inner = connect(options.targetPort(), '127.0.0.1');
      sockets.add(socket);
      socket.setNoDelay(true);
      inner.setNoDelay(true);
      socket.pipe(inner);
      inner.pipe(socket);
      socket.once('error', () => inner.destroy());
      inner.once('error', () => socket.destroy());
      socket.once('close', () => {
        sockets.delete(socket);
        inner.destroy();
      });
    },
  );
  const port = await listen(server, 0);
  return {
    url: `https://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
