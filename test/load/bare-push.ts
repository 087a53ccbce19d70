/** The baseline of `push`: one HTTP/2 connection and a loop. No database, no limits, nothing written down. */
import { type ClientHttp2Session, connect } from 'node:http2';

import type { CertificatePems } from '#test/platform/certificates.ts';

const inFlight = 500;

function pushOne(session: ClientHttp2Session, topic: string, pushToken: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': `/3/device/${pushToken}`,
      'apns-topic': topic,
      'apns-push-type': 'background',
      'apns-priority': '5',
      'content-length': 2,
    });
    let status = 0;
    stream.on('response', (headers) => (status = Number(headers[':status'])));
    stream.on('error', reject);
    stream.on('close', () => (status === 200 ? resolve() : reject(new Error(`answered with ${status}`))));
    stream.resume();
    stream.end('{}');
  });
}

/** Pushes to all of them, so many at once. */
export async function pushBare(options: {
  url: string;
  pems: CertificatePems;
  topic: string;
  pushTokens: readonly string[];
}): Promise<void> {
  const { url, pems, topic, pushTokens } = options;
  const session = connect(url, { cert: pems.passCertificate, key: pems.passKey });
  await new Promise<void>((resolve, reject) => {
    session.once('remoteSettings', () => resolve());
    session.once('error', reject);
  });
  let next = 0;
  const goOn = async (): Promise<void> => {
    while (next < pushTokens.length) {
      const pushToken = pushTokens[next] ?? '';
      next += 1;
      await pushOne(session, topic, pushToken);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, goOn));
  session.destroy();
}
