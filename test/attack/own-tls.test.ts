/** The web process speaks TLS itself: what callers may use, what they may not, and what happens to its certificate. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';

import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { openTls } from '#app/edge/server-tls.ts';
import { ensureBuild } from '#test/platform/build.ts';
import { type CertificatePems, makeCertificates } from '#test/platform/certificates.ts';
import { call, closeServer, listen } from '#test/platform/http.ts';
import { freePort } from '#test/platform/ports.ts';
import { type ManagedProcess, startProcess } from '#test/platform/processes.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { headersOf } from '#test/support/edge.ts';
import { testEnvironment } from '#test/support/factories.ts';
import { until } from '#test/support/local-postgres.ts';

const patienceMs = 60_000;
const folder = mkdtempSync(path.join(tmpdir(), 'stampwell-tls-'));
const certificateFile = path.join(folder, 'server.pem');
const keyFile = path.join(folder, 'server.key');
let pems: CertificatePems;
let renewed: CertificatePems;
let database: TestDatabase;
let web: ManagedProcess;
let ports: { web: number; metrics: number; console: number };

function write({ serverCertificate, serverKey }: CertificatePems): void {
  writeFileSync(certificateFile, serverCertificate);
  writeFileSync(keyFile, serverKey);
}

const ask = (port: number, at: string, given: Partial<Parameters<typeof call>[0]> = {}) =>
  call({ url: `https://localhost:${port}${at}`, certificateAuthority: pems.root, ...given });

beforeAll(async () => {
  [pems, renewed] = await Promise.all([makeCertificates(), makeCertificates()]);
  await ensureBuild();
  write(pems);
  database = await createTestDatabase();
  ports = { web: await freePort(), metrics: await freePort(), console: await freePort() };
  web = startProcess({
    name: 'web',
    program: 'app/server.ts',
    arguments: [],
    environment: {
      ...process.env,
      ...testEnvironment,
      NODE_ENV: 'production',
      DATABASE_URL: database.url,
      APP_URL: `https://localhost:${ports.web}`,
      PORT: String(ports.web),
      METRICS_PORT: String(ports.metrics),
      OPERATOR_PORT: String(ports.console),
      TLS_CERTIFICATE_FILE: certificateFile,
      TLS_KEY_FILE: keyFile,
      LOG_LEVEL: 'info',
    },
    isRestarting: false,
    onLine: () => undefined,
    onCrash: () => undefined,
  });
  await until(
    () =>
      ask(ports.console, '/operator.css', { timeoutMs: 5_000 }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    patienceMs,
  );
});
afterAll(async () => {
  await web?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  vi.useRealTimers();
});

/** What was agreed with a server, or the word with which it hung up. */
function shakeHands(
  port: number,
  options: tls.ConnectionOptions,
): Promise<{ version: string; suite: string } | string> {
  return new Promise((resolve) => {
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: pems.root, ...options });
    socket.once('secureConnect', () => {
      resolve({ version: socket.getProtocol() ?? '', suite: socket.getCipher().name });
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

/** A server that takes whatever our OpenSSL can still speak: what it takes, a caller really offers. */
async function withLaxServer<T>(work: (port: number) => Promise<T>): Promise<T> {
  const settings = { minVersion: 'TLSv1', ciphers: 'ALL:eNULL@SECLEVEL=0' } as const;
  const server = https.createServer(
    { cert: pems.serverCertificate, key: pems.serverKey, ...settings },
    () => undefined,
  );
  const port = await listen(server, 0);
  try {
    return await work(port);
  } finally {
    await closeServer(server);
  }
}

describe('TLS of our own', () => {
  it('is 1.2 or 1.3, the newer where a caller can, and nothing older', async () => {
    const only = (version: tls.SecureVersion) =>
      ({ minVersion: version, maxVersion: version, ciphers: 'ALL@SECLEVEL=0' }) as const;
    for (const port of Object.values(ports)) {
      expect(await shakeHands(port, {})).toMatchObject({ version: 'TLSv1.3', suite: 'TLS_AES_256_GCM_SHA384' });
      expect(await shakeHands(port, only('TLSv1.2'))).toMatchObject({ version: 'TLSv1.2' });
      for (const version of ['TLSv1', 'TLSv1.1'] as const) {
        expect(await withLaxServer((lax) => shakeHands(lax, only(version)))).toMatchObject({ version });
        expect([version, await shakeHands(port, only(version))]).toEqual([
          version,
          expect.stringMatching(/^ERR_SSL_\w*(PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL)/),
        ]);
      }
    }
  });

  it('has authenticated suites with forward secrecy alone, the strongest first: no CBC, no 3DES, no RSA exchange, none without encryption', async () => {
    const offered = [
      'NULL-SHA',
      'NULL-SHA256',
      'ECDHE-RSA-NULL-SHA',
      'DES-CBC3-SHA',
      'RC4-SHA',
      ...tls.getCiphers().map((name) => name.toUpperCase()),
    ];
    const old = offered.filter((name) => !name.startsWith('TLS_'));
    const accepted = async (port: number, name: string) =>
      typeof (await shakeHands(port, { maxVersion: 'TLSv1.2', ciphers: `${name}@SECLEVEL=0` }).catch(() => '')) !==
      'string';
    const [possible, taken] = await withLaxServer(async (lax) => {
      const spoken: string[] = [];
      for (const name of new Set(old)) if (await accepted(lax, name)) spoken.push(name);
      const ours: string[] = [];
      for (const name of spoken) if (await accepted(ports.web, name)) ours.push(name);
      return [spoken, ours];
    });
    expect(possible).toEqual(
      expect.arrayContaining(['AES128-SHA', 'AES256-GCM-SHA384', 'ECDHE-RSA-AES256-SHA384', 'NULL-SHA256']),
    );
    expect(taken.toSorted()).toEqual([
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-RSA-CHACHA20-POLY1305',
    ]);
    const asked = (ciphers: string) => shakeHands(ports.web, { maxVersion: 'TLSv1.2', ciphers });
    expect(
      await asked('AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES256-GCM-SHA384'),
    ).toMatchObject({ suite: 'ECDHE-RSA-AES256-GCM-SHA384' });
    const newest = ['TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_256_GCM_SHA384'];
    expect(await shakeHands(ports.web, { ciphers: newest.join(':') })).toMatchObject({
      suite: 'TLS_AES_256_GCM_SHA384',
    });
  });

  it('carries health, pages, webhooks, metrics and the console, and tells browsers to stay with it', async () => {
    const body = '{"id":1}';
    const webhook = (secret: string) =>
      ask(ports.web, '/webhooks/shopify', { body, headers: headersOf({ body, shop: 'nobody.myshopify.com', secret }) });
    const answers = {
      health: await ask(ports.web, '/healthz'),
      page: await ask(ports.web, '/join/nothing'),
      forged: await webhook('other'),
      signed: await webhook('test-secret'),
    };
    expect(Object.values(answers).map(({ status }) => status)).toEqual([200, 404, 401, 200]);
    for (const [name, { headers }] of Object.entries(answers))
      expect([name, headers['strict-transport-security']]).toEqual([name, expect.stringMatching(/max-age=\d{8}/)]);
    expect((await ask(ports.metrics, '/metrics')).body.toString()).toContain('stampwell_http_requests_total');
    expect([(await ask(ports.metrics, '/')).status, (await ask(ports.metrics, '/metrics', { body })).status]).toEqual([
      404, 405,
    ]);
    expect((await ask(ports.console, '/')).body.toString()).toContain('name="password"');
  });

  it('is the only way in: who comes to one of the ports without gets no answer', async () => {
    for (const port of Object.values(ports)) {
      const heard = await new Promise<string>((resolve) => {
        let text = '';
        const socket = connect(port, '127.0.0.1', () =>
          socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n'),
        );
        socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
        socket.on('error', () => undefined);
        socket.on('close', () => resolve(text));
      });
      expect(heard).not.toMatch(/HTTP|ok|[a-z]{3}/i);
    }
  });

  it('changes its certificate while connections go on, and keeps the one it has when the new one does not fit', async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ca: pems.root });
    const seen = (given: https.RequestOptions) =>
      new Promise<{ status: number | undefined; serial: string; isReused: boolean }>((resolve, reject) => {
        const request = https.get(`https://localhost:${ports.web}/healthz`, given, (response) => {
          const socket = response.socket as tls.TLSSocket;
          const serial = socket.getPeerX509Certificate()?.serialNumber ?? '';
          response
            .resume()
            .on('end', () => resolve({ status: response.statusCode, serial, isReused: request.reusedSocket }));
        });
        request.on('error', reject);
      });
    const fresh = ({ root }: CertificatePems) => seen({ agent: false, ca: root });
    const serialOf = ({ serverCertificate }: CertificatePems) => new X509Certificate(serverCertificate).serialNumber;
    const kept = () => seen({ agent });
    const hangUp = async (word: string) => {
      process.kill(web.pid() ?? 0, 'SIGHUP');
      await until(() => Promise.resolve(web.tail().includes(word)), patienceMs);
    };
    expect((await kept()).serial).toBe(serialOf(pems));
    writeFileSync(keyFile, renewed.serverKey);
    await hangUp('tls-certificate-unusable');
    expect((await fresh(pems)).serial).toBe(serialOf(pems));
    write(renewed);
    await hangUp('the TLS certificate was replaced');
    expect(await fresh(renewed)).toMatchObject({ status: 200, serial: serialOf(renewed) });
    expect(await kept()).toMatchObject({ status: 200, isReused: true });
    const console = await shakeHands(ports.console, { ca: renewed.root });
    expect(console).toMatchObject({ version: 'TLSv1.3' });
    agent.destroy();
  });
});

describe('a certificate', () => {
  const files = {
    certificateFile: path.join(folder, 'a.pem'),
    keyFile: path.join(folder, 'a.key'),
    hosts: ['localhost', '127.0.0.1'],
  };
  const opened = (certificate: string, key: string, hosts = files.hosts) => {
    writeFileSync(files.certificateFile, certificate);
    writeFileSync(files.keyFile, key);
    return () => openTls({ ...files, hosts });
  };

  it('is looked at before anybody meets it: one that is another key’s, over, not yet valid, another host’s or none at all stops the start', () => {
    const { serverCertificate: certificate, serverKey: key } = pems;
    expect(opened(certificate, key)().options.cert).toBe(certificate);
    expect(opened(certificate, renewed.serverKey)).toThrow(/TLS_KEY_FILE: is not the key/);
    expect(opened(certificate, 'nothing')).toThrow(/TLS_KEY_FILE: .* no private key/);
    expect(opened('nothing', key)).toThrow(/TLS_CERTIFICATE_FILE: .* no certificate/);
    expect(opened(certificate, key, ['localhost', 'cards.example.com'])).toThrow(
      /TLS_CERTIFICATE_FILE: is not for cards\.example\.com/,
    );
    expect(() => openTls({ ...files, keyFile: path.join(folder, 'none') })).toThrow(/TLS_KEY_FILE: .* cannot be read/);
    vi.useFakeTimers({ toFake: ['Date'] });
    const { validTo, validFrom } = new X509Certificate(certificate);
    vi.setSystemTime(new Date(validTo));
    expect(opened(certificate, key)).toThrow(/TLS_CERTIFICATE_FILE: is over/);
    vi.setSystemTime(Date.parse(validFrom) - 1);
    expect(opened(certificate, key)).toThrow(/TLS_CERTIFICATE_FILE: is not valid before/);
  });
});
