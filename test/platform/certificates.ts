/**
 * Throw-away certificates for the local platform: a root, Apple's intermediate, a pass certificate and a TLS server
 * certificate. They are made once per folder and never committed. Nothing here is trusted outside this machine.
 */
import { generateKeyPair, randomBytes, X509Certificate } from 'node:crypto';
import { mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import forge from 'node-forge';

export const testPassTypeIdentifier = 'pass.com.stampwell.loyalty';
export const testTeamIdentifier = 'STAMPWELL1';

/** Paths of PEM files. `root` is what NODE_EXTRA_CA_CERTS names so that stand-ins are trusted. */
export type CertificateFiles = {
  root: string;
  wwdr: string;
  passCertificate: string;
  passKey: string;
  serverCertificate: string;
  serverKey: string;
};

export type CertificatePems = Record<keyof CertificateFiles, string>;

const fileNames: CertificateFiles = {
  root: 'root.pem',
  wwdr: 'wwdr.pem',
  passCertificate: 'pass.pem',
  passKey: 'pass.key',
  serverCertificate: 'server.pem',
  serverKey: 'server.key',
};
const dayMs = 24 * 60 * 60 * 1000;
const renewBeforeMs = 30 * dayMs;
const lockStaleMs = 60_000;
const generateKeys = promisify(generateKeyPair);

type Issued = { certificate: forge.pki.Certificate; certificatePem: string; keyPem: string };

/**
 * The certificates of a folder, made when they are missing or about to expire. Many processes may ask at once: one
 * makes them, the others wait.
 */
export async function ensureCertificates(directory: string): Promise<CertificateFiles> {
  const files = pathsIn(directory);
  if (await areFresh(files)) return files;
  await mkdir(path.dirname(path.resolve(directory)), { recursive: true });
  const lock = `${path.resolve(directory)}.lock`;
  await takeLock(lock);
  try {
    if (!(await areFresh(files))) await replaceFolder(directory, await makeCertificates());
  } finally {
    await rmdir(lock);
  }
  return files;
}

/** The contents of the files. */
export async function readCertificates(files: CertificateFiles): Promise<CertificatePems> {
  const [root, wwdr, passCertificate, passKey, serverCertificate, serverKey] = await Promise.all([
    readFile(files.root, 'utf8'),
    readFile(files.wwdr, 'utf8'),
    readFile(files.passCertificate, 'utf8'),
    readFile(files.passKey, 'utf8'),
    readFile(files.serverCertificate, 'utf8'),
    readFile(files.serverKey, 'utf8'),
  ]);
  return { root, wwdr, passCertificate, passKey, serverCertificate, serverKey };
}

/** A whole set in memory, for one pass type. */
export async function makeCertificates(passTypeIdentifier = testPassTypeIdentifier): Promise<CertificatePems> {
  const root = await issue({ subject: { commonName: 'Stampwell Test Root' }, days: 3650, extensions: authority() });
  const wwdr = await issue({
    subject: { commonName: 'Stampwell Test WWDR', organization: 'Stampwell Test' },
    days: 1825,
    issuer: root,
    extensions: authority(),
  });
  const pass = await issue({
    subject: {
      userId: passTypeIdentifier,
      commonName: `Pass Type ID: ${passTypeIdentifier}`,
      unit: testTeamIdentifier,
    },
    days: 365,
    issuer: wwdr,
    extensions: passExtensions(passTypeIdentifier),
  });
  const server = await issue({
    subject: { commonName: 'localhost' },
    days: 365,
    issuer: root,
    extensions: serverExtensions(),
  });
  return {
    root: root.certificatePem,
    wwdr: wwdr.certificatePem,
    passCertificate: pass.certificatePem,
    passKey: pass.keyPem,
    serverCertificate: server.certificatePem,
    serverKey: server.keyPem,
  };
}

type Subject = { commonName: string; userId?: string; organization?: string; unit?: string };
type Order = { subject: Subject; days: number; issuer?: Issued; extensions: object[] };

async function issue({ subject, days, issuer, extensions }: Order): Promise<Issued> {
  const { publicKey, privateKey } = await generateKeys('rsa', { modulusLength: 2048 });
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey.export({ type: 'spki', format: 'pem' }).toString());
  // Begins with a 4: positive, and without leading zero bytes, of which the encoder takes off only one.
  certificate.serialNumber = `4${randomBytes(8).toString('hex').slice(1)}`;
  certificate.validity.notBefore = new Date(Date.now() - dayMs);
  certificate.validity.notAfter = new Date(Date.now() + days * dayMs);
  certificate.setSubject(attributesOf(subject));
  certificate.setIssuer(issuer ? issuer.certificate.subject.attributes : attributesOf(subject));
  certificate.setExtensions(extensions);
  certificate.sign(forge.pki.privateKeyFromPem(issuer?.keyPem ?? keyPem), forge.md.sha256.create());
  return { certificate, certificatePem: forge.pki.certificateToPem(certificate), keyPem };
}

function attributesOf(subject: Subject): forge.pki.CertificateField[] {
  const parts = [
    { type: '0.9.2342.19200300.100.1.1', value: subject.userId },
    { type: '2.5.4.3', value: subject.commonName },
    { type: '2.5.4.11', value: subject.unit },
    { type: '2.5.4.10', value: subject.organization },
  ];
  return parts.flatMap(({ type, value }) => (value === undefined ? [] : [{ type, value }]));
}

function authority(): object[] {
  return [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ];
}

function passExtensions(passTypeIdentifier: string): object[] {
  const identifier = forge.asn1.create(
    forge.asn1.Class.UNIVERSAL,
    forge.asn1.Type.UTF8,
    false,
    forge.util.encodeUtf8(passTypeIdentifier),
  );
  return [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    { name: 'extKeyUsage', clientAuth: true },
    { id: '1.2.840.113635.100.6.1.16', value: forge.asn1.toDer(identifier).getBytes() },
  ];
}

function serverExtensions(): object[] {
  const dns = 2;
  const address = 7;
  return [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: dns, value: 'localhost' },
        { type: address, ip: '127.0.0.1' },
      ],
    },
  ];
}

function pathsIn(directory: string): CertificateFiles {
  const at = (name: string) => path.resolve(directory, name);
  return {
    root: at(fileNames.root),
    wwdr: at(fileNames.wwdr),
    passCertificate: at(fileNames.passCertificate),
    passKey: at(fileNames.passKey),
    serverCertificate: at(fileNames.serverCertificate),
    serverKey: at(fileNames.serverKey),
  };
}

async function areFresh(files: CertificateFiles): Promise<boolean> {
  try {
    const pems = await readCertificates(files);
    return [pems.root, pems.wwdr, pems.passCertificate, pems.serverCertificate].every(
      (pem) => new Date(new X509Certificate(pem).validTo).getTime() - Date.now() > renewBeforeMs,
    );
  } catch {
    return false;
  }
}

async function replaceFolder(directory: string, pems: CertificatePems): Promise<void> {
  const making = `${path.resolve(directory)}.making`;
  await rm(making, { recursive: true, force: true });
  await mkdir(making, { recursive: true, mode: 0o700 });
  const files = pathsIn(making);
  const names: (keyof CertificateFiles)[] = [
    'root',
    'wwdr',
    'passCertificate',
    'passKey',
    'serverCertificate',
    'serverKey',
  ];
  for (const name of names) await writeFile(files[name], pems[name], { mode: 0o600 });
  await rm(directory, { recursive: true, force: true });
  await rename(making, directory);
}

/** A folder is made atomically, so it serves as a lock; one left behind by a killed process is broken after a minute. */
async function takeLock(lock: string): Promise<void> {
  for (;;) {
    try {
      await mkdir(lock);
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const age = await stat(lock).then(
      (entry) => Date.now() - entry.mtimeMs,
      () => 0,
    );
    if (age > lockStaleMs) await rm(lock, { recursive: true, force: true });
    await wait(50);
  }
}
