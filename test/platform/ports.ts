/** Ports on loopback, and TLS in front of a plain server. */
import { connect, createServer } from 'node:net';
import tls from 'node:tls';

import { listen } from '#test/platform/http.ts';

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The wanted port when it is free, otherwise any free one. */
export async function portNear(wanted: number): Promise<number> {
  const server = createServer();
  try {
    const port = await listen(server, wanted);
    await new Promise((resolve) => server.close(resolve));
    return port;
  } catch {
    return freePort();
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
