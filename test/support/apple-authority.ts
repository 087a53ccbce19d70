/**
 * An authority like Apple's, by OpenSSL: issues pass certificates of every kind, revokes them, answers whether it did, and
 * packs them as merchants' keychains do.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { freePort } from '#test/platform/ports.ts';

const run = promisify(execFile);
const program = 'openssl';

export type IssuedCertificate = { certificatePem: string; keyPem: string };

export type CertificateOrder = {
  passTypeIdentifier: string;
  /** What the certificate's own extension says, where that differs. */
  extension?: string | null;
  team?: string | null;
  /** From now; a negative number is over. */
  days?: number;
  /** A request that was made elsewhere. */
  request?: string;
  ocspUrl?: string;
  /** Where the list of revoked certificates is. */
  listUrl?: string;
  /** Issued by somebody who is not Apple. */
  isForeign?: boolean;
  keyKind?: 'rsa:2048' | 'rsa:1024' | 'ec';
};

export type Responder = { url: string; port: number; close: () => Promise<void> };

export type AppleAuthority = {
  /** The intermediates an installation trusts. */
  wwdrPem: string;
  issue: (order: CertificateOrder) => Promise<IssuedCertificate>;
  /** Packs a certificate and its key. */
  pack: (issued: IssuedCertificate, password: string, kind: 'modern' | 'legacy' | 'triple-des') => Promise<Buffer>;
  /** Runs commands of OpenSSL in the authority's folder. */
  openssl: (...words: string[]) => Promise<Buffer>;
  folder: string;
  /** The signed list of revoked certificates (DER), with these on it. */
  list: (revoked: string[], days?: number) => Promise<Buffer>;
  /** Revokes these and answers OCSP questions until it is closed. */
  startResponder: (revoked: string[], port?: number) => Promise<Responder>;
  close: () => Promise<void>;
};

const dayMs = 86_400_000;
const stamp = (at: number) => `${new Date(at).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;

const authoritySettings = `[ca]
default_ca=own
[own]
database=index.txt
serial=serial
new_certs_dir=.
default_md=sha256
policy=anything
unique_subject=no
[anything]
UID=optional
commonName=optional
organizationalUnitName=optional
[req]
distinguished_name=dn
[dn]
[authority]
basicConstraints=critical,CA:true
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[responder]
basicConstraints=CA:false
extendedKeyUsage=OCSPSigning
`;

/** Makes an authority. */
export async function startAppleAuthority(): Promise<AppleAuthority> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stampwell-authority-'));
  const openssl = async (...words: string[]) =>
    (await run(program, words, { cwd: folder, encoding: 'buffer', maxBuffer: 1 << 20 })).stdout;
  const file = (name: string) => path.join(folder, name);
  await writeFile(file('ca.cnf'), authoritySettings);
  await writeFile(file('index.txt'), '');
  await writeFile(file('serial'), '1000\n');
  for (const name of ['wwdr', 'foreign'])
    await openssl(...'req -x509 -newkey rsa:2048 -nodes -days 3650 -config ca.cnf -extensions authority'.split(' '),
      '-subj', `/CN=${name} authority`, '-keyout', `${name}.key`, '-out', `${name}.pem`); // prettier-ignore
  let orders = 0;
  const issue = async (order: CertificateOrder) => {
    orders += 1;
    return issueOne({ folder, openssl, name: `leaf${orders}` }, order);
  };
  return {
    wwdrPem: await readFile(file('wwdr.pem'), 'utf8'),
    folder,
    openssl,
    issue,
    pack: (issued, password, kind) => pack({ folder, openssl }, { ...issued, password, kind }),
    list: async (revoked, days = 7) => {
      await revoke({ folder, openssl }, revoked);
      await openssl('ca', '-config', 'ca.cnf', '-cert', 'wwdr.pem', '-keyfile', 'wwdr.key', '-gencrl', '-crldays', String(days), '-out', 'crl.pem'); // prettier-ignore
      return openssl('crl', '-in', 'crl.pem', '-outform', 'DER');
    },
    startResponder: async (revoked, port) =>
      startResponder({ folder, openssl }, { revoked, port: port ?? (await freePort()) }),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

type Tools = { folder: string; openssl: (...words: string[]) => Promise<Buffer> };

async function issueOne({ folder, openssl, name }: Tools & { name: string }, order: CertificateOrder) {
  const at = (tail: string) => path.join(folder, `${name}.${tail}`);
  await writeFile(at('ext'), extensionsOf(order));
  if (order.request === undefined) {
    const kind = order.keyKind === 'ec' ? ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['-newkey', order.keyKind ?? 'rsa:2048']; // prettier-ignore
    await openssl('req', '-new', '-nodes', ...kind, '-config', 'ca.cnf', '-subj', '/CN=x', '-keyout', `${name}.key`, '-out', `${name}.csr`); // prettier-ignore
  } else {
    await writeFile(at('csr'), order.request);
    await writeFile(at('key'), '');
  }
  const authority = order.isForeign ? 'foreign' : 'wwdr';
  const end = Date.now() + (order.days ?? 365) * dayMs;
  const team = order.team === null ? '' : `/OU=${order.team ?? 'SHOPTEAM01'}`;
  await openssl('ca', '-batch', '-config', 'ca.cnf', '-notext', '-in', `${name}.csr`, '-out', `${name}.pem`,
    '-cert', `${authority}.pem`, '-keyfile', `${authority}.key`, '-extfile', `${name}.ext`,
    '-subj', `/UID=${order.passTypeIdentifier}/CN=Pass Type ID: ${order.passTypeIdentifier}${team}`,
    '-startdate', stamp(Math.min(Date.now(), end) - dayMs), '-enddate', stamp(end)); // prettier-ignore
  return { certificatePem: await readFile(at('pem'), 'utf8'), keyPem: await readFile(at('key'), 'utf8') };
}

function extensionsOf({ extension, passTypeIdentifier, ocspUrl, listUrl }: CertificateOrder): string {
  return [
    'basicConstraints=CA:false',
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=clientAuth',
    ...(extension === null ? [] : [`1.2.840.113635.100.6.1.16=ASN1:UTF8String:${extension ?? passTypeIdentifier}`]),
    ...(ocspUrl === undefined ? [] : [`authorityInfoAccess=OCSP;URI:${ocspUrl}`]),
    ...(listUrl === undefined ? [] : [`crlDistributionPoints=URI:${listUrl}`]),
    '',
  ].join('\n');
}

async function pack(
  { folder, openssl }: Tools,
  order: IssuedCertificate & { password: string; kind: 'modern' | 'legacy' | 'triple-des' },
): Promise<Buffer> {
  await writeFile(path.join(folder, 'pack.pem'), order.certificatePem);
  await writeFile(path.join(folder, 'pack.key'), order.keyPem);
  const ways = {
    // AES-256, PBKDF2 and SHA-256, as OpenSSL 3 does.
    modern: [],
    // RC2-40 for the certificate and 3DES for the key, as keychains do.
    legacy: ['-legacy'],
    'triple-des': ['-legacy', '-certpbe', 'PBE-SHA1-3DES', '-keypbe', 'PBE-SHA1-3DES'],
  };
  return openssl('pkcs12', '-export', '-in', 'pack.pem', '-inkey', 'pack.key', '-certfile', 'wwdr.pem',
    '-passout', `pass:${order.password}`, ...ways[order.kind]); // prettier-ignore
}

async function revoke({ folder, openssl }: Tools, revoked: string[]): Promise<void> {
  for (const [index, pem] of revoked.entries()) {
    await writeFile(path.join(folder, `revoked${index}.pem`), pem);
    await openssl('ca', '-config', 'ca.cnf', '-cert', 'wwdr.pem', '-keyfile', 'wwdr.key', '-revoke', `revoked${index}.pem`); // prettier-ignore
  }
}

async function startResponder(
  { folder, openssl }: Tools,
  { revoked, port }: { revoked: string[]; port: number },
): Promise<Responder> {
  await revoke({ folder, openssl }, revoked);
  const responder = spawn(
    program,
    `ocsp -port ${port} -index index.txt -CA wwdr.pem -rkey wwdr.key -rsigner wwdr.pem`.split(' '),
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const exited = new Promise<void>((resolve) => responder.once('exit', () => resolve()));
  // It ends at the first thing it cannot read, so nothing but its own word tells that it is there.
  await Promise.race([once(responder.stderr, 'data'), exited]);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      responder.kill('SIGKILL');
      await exited;
    },
  };
}
