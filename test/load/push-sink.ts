/**
 * The other end of `push`, as a process of its own: HTTP/2 over TLS with a client certificate, like Apple, and nothing else
 * but counting who was told.
 */
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';

import { readCertificates, type CertificateFiles } from '#test/platform/certificates.ts';

export type PushSinkReport = { told: number; devices: number; problems: number };

const maxConcurrentStreams = 1_000;
let told = 0;
let problems = 0;
const devices = new Set<string>();

async function start(files: CertificateFiles): Promise<void> {
  const pems = await readCertificates(files);
  const server = createSecureServer({
    key: pems.serverKey,
    cert: pems.serverCertificate,
    ca: [pems.root, pems.wwdr],
    requestCert: true,
    rejectUnauthorized: true,
    settings: { maxConcurrentStreams },
  });
  server.on('session', (session) => session.on('error', () => session.destroy()));
  server.on('stream', (stream, headers) => {
    const path = String(headers[':path']);
    stream.on('error', () => undefined);
    stream.on('end', () => {
      if (headers[':method'] !== 'POST' || !path.startsWith('/3/device/')) problems += 1;
      told += 1;
      devices.add(path.slice('/3/device/'.length));
      stream.respond({ ':status': 200 }, { endStream: true });
    });
    stream.resume();
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

process.on('message', (message: CertificateFiles | 'report' | 'forget') => {
  if (message === 'report') process.send?.({ told, devices: devices.size, problems } satisfies PushSinkReport);
  else if (message === 'forget') {
    [told, problems] = [0, 0];
    devices.clear();
    process.send?.('forgotten');
  } else void start(message);
});
process.on('disconnect', () => process.exit(0));
