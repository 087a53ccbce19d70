/**
 * TLS of the web process itself, where no proxy ends it: versions and suites that callers may use, and a certificate that is
 * looked at before anybody meets it and replaced while connections go on.
 */
import { constants, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type https from 'node:https';
import { isIP } from 'node:net';
import type { SecureContextOptions } from 'node:tls';

import { log } from '#app/lib/log.ts';

/** Authenticated encryption with a key exchange that keeps what was said secret later; the strongest first. */
const suites = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
];
const handshakeTimeoutMs = 10_000;
const lookEveryMs = 60_000;
const warnBeforeMs = 14 * 24 * 60 * 60_000;

export type TlsFiles = { certificateFile: string; keyFile: string; hosts: string[] };
export type ServerTls = {
  options: https.ServerOptions;
  /** Reads the files again; every server uses what is new from the next connection on, and the old one if it is unusable. */
  reload: (servers: https.Server[]) => void;
};

type Variable = 'TLS_CERTIFICATE_FILE' | 'TLS_KEY_FILE';
/** The code is for the log, where no message may stand that names files or hosts. */
const problem = (name: Variable, code: string, text: string) =>
  Object.assign(new Error(`The environment is not usable:\n  ${name}: ${text}`), { code });

function readPem(name: Variable, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw problem(name, 'unreadable', `the file ${file} cannot be read`);
  }
}

function parseCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw problem('TLS_CERTIFICATE_FILE', 'no-certificate', `${file} holds no certificate in PEM`);
  }
}

function parseKey(pem: string, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw problem('TLS_KEY_FILE', 'no-key', `${file} holds no private key in PEM`);
  }
}

const covers = (certificate: X509Certificate, host: string) =>
  (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;

/** The pair of files, looked at. Throws an error that names the variable to mend. */
function readPair(
  { certificateFile, keyFile, hosts }: TlsFiles,
  at: Date,
): { cert: string; key: string; endsAt: Date } {
  const cert = readPem('TLS_CERTIFICATE_FILE', certificateFile);
  const key = readPem('TLS_KEY_FILE', keyFile);
  const certificate = parseCertificate(cert, certificateFile);
  if (!certificate.checkPrivateKey(parseKey(key, keyFile)))
    throw problem('TLS_KEY_FILE', 'foreign-key', 'is not the key of the certificate in TLS_CERTIFICATE_FILE');
  const [beginsAt, endsAt] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (at < beginsAt)
    throw problem('TLS_CERTIFICATE_FILE', 'too-early', `is not valid before ${beginsAt.toISOString()}`);
  if (at >= endsAt) throw problem('TLS_CERTIFICATE_FILE', 'over', `is over since ${endsAt.toISOString()}`);
  const uncovered = hosts.filter((host) => !covers(certificate, host));
  if (uncovered.length > 0) throw problem('TLS_CERTIFICATE_FILE', 'other-host', `is not for ${uncovered.join(', ')}`);
  return { cert, key, endsAt };
}

function warnOfEnd(endsAt: Date, at: Date): void {
  if (endsAt.getTime() - at.getTime() < warnBeforeMs)
    log.warn('the TLS certificate ends soon', { code: 'tls-certificate-ends' });
}

/** The settings of every port. Throws an error that names the variable to mend. */
export function openTls(files: TlsFiles): ServerTls {
  const at = new Date();
  let current = readPair(files, at);
  warnOfEnd(current.endsAt, at);
  const settings: SecureContextOptions = {
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: suites.join(':'),
    honorCipherOrder: true,
    ecdhCurve: 'X25519:P-256:P-384',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
  return {
    options: { ...settings, cert: current.cert, key: current.key, handshakeTimeout: handshakeTimeoutMs },
    reload: (servers) => {
      try {
        const read = readPair(files, new Date());
        if (read.cert === current.cert && read.key === current.key) return;
        current = read;
        for (const server of servers) server.setSecureContext({ ...settings, cert: read.cert, key: read.key });
        log.info('the TLS certificate was replaced');
        warnOfEnd(read.endsAt, new Date());
      } catch (error) {
        log.error('the TLS certificate cannot be replaced', { code: 'tls-certificate-unusable', error });
      }
    },
  };
}

/** Keeps looking for another certificate, every minute and with each SIGHUP. The answer ends it. */
export function followCertificate(tls: ServerTls, servers: https.Server[]): () => void {
  const look = () => tls.reload(servers);
  const timer = setInterval(look, lookEveryMs).unref();
  process.on('SIGHUP', look);
  return () => {
    clearInterval(timer);
    process.off('SIGHUP', look);
  };
}
