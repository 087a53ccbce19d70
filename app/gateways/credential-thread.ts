/**
 * The thread behind `read-credentials.ts`. A file says itself how long its password takes to try, so a hostile one could
 * hold a thread for hours: this one is ended from outside when it takes too long.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

import forge from 'node-forge';

import type { CredentialFiles, CredentialReading } from '#app/gateways/read-credentials.ts';
import { readCertificates } from '#app/gateways/x509.ts';

const refused = (field: 'certificate' | 'key' | 'password', problem: string): CredentialReading => ({
  kind: 'refused',
  field,
  problem,
});

function read(files: CredentialFiles): CredentialReading {
  const certificate = Buffer.from(files.certificate);
  const text = certificate.toString('latin1');
  if (text.includes('-----BEGIN')) return readPem(text, files);
  try {
    return withKey([new X509Certificate(certificate).toString()], files);
  } catch {
    return readPkcs12(certificate, files);
  }
}

function readPem(text: string, files: CredentialFiles): CredentialReading {
  let certificatePems: string[];
  try {
    certificatePems = readCertificates(text).map((each) => each.toString());
  } catch {
    certificatePems = [];
  }
  if (certificatePems.length === 0) return refused('certificate', 'unreadable');
  if (files.key !== null || !text.includes('PRIVATE KEY-----')) return withKey(certificatePems, files);
  return withKey(certificatePems, { ...files, key: files.certificate });
}

function withKey(certificatePems: string[], { key, password }: CredentialFiles): CredentialReading {
  if (key === null) return { kind: 'read', certificatePems, keyPem: null };
  const bytes = Buffer.from(key);
  const text = bytes.toString('latin1');
  if (/ENCRYPTED/.test(text) && password === '') return refused('password', 'missing');
  const found = openKey(bytes, text, password);
  if (found !== null) return { kind: 'read', certificatePems, keyPem: pemOf(found) };
  return /ENCRYPTED/.test(text) ? refused('password', 'wrong') : refused('key', 'unreadable');
}

function openKey(bytes: Buffer, text: string, passphrase: string): KeyObject | null {
  // A file may hold certificates beside the key: only the key's own block is read.
  const block = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/.exec(text)?.[0];
  const attempts: (() => KeyObject)[] =
    block === undefined
      ? [
          () => createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8', passphrase }),
          () => createPrivateKey({ key: bytes, format: 'der', type: 'pkcs1' }),
        ]
      : [() => createPrivateKey({ key: block, passphrase })];
  for (const attempt of attempts) {
    try {
      return attempt();
    } catch {
      // The next way of writing a key may be the one.
    }
  }
  return null;
}

const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

function readPkcs12(bytes: Buffer, { password }: CredentialFiles): CredentialReading {
  const structure = pkcs12Structure(bytes);
  if (structure === null) return refused('certificate', 'unreadable');
  try {
    const store = forge.pkcs12.pkcs12FromAsn1(structure, false, password);
    const certificatePems = bagsOf(store, forge.pki.oids['certBag']).flatMap(({ cert }) =>
      cert ? [forge.pki.certificateToPem(cert)] : [],
    );
    const keys = [
      ...bagsOf(store, forge.pki.oids['pkcs8ShroudedKeyBag']),
      ...bagsOf(store, forge.pki.oids['keyBag']),
    ].flatMap(({ key }) => (key ? [forge.pki.privateKeyToPem(key)] : []));
    if (certificatePems.length === 0) return refused('certificate', 'empty');
    const [keyPem] = keys;
    return keyPem === undefined
      ? refused('key', 'missing')
      : { kind: 'read', certificatePems, keyPem: pemOf(createPrivateKey(keyPem)) };
  } catch {
    // A wrong password shows either at the check sum over the file or where its content is opened.
    return refused('password', password === '' ? 'missing' : 'wrong');
  }
}

function pkcs12Structure(bytes: Buffer): forge.asn1.Asn1 | null {
  try {
    const structure = forge.asn1.fromDer(bytes.toString('binary'), false);
    const [version] = Array.isArray(structure.value) ? structure.value : [];
    const isThree = version?.type === forge.asn1.Type.INTEGER && version.value === '\u0003';
    return isThree ? structure : null;
  } catch {
    return null;
  }
}

function bagsOf(store: forge.pkcs12.Pkcs12Pfx, bagType: string | undefined): forge.pkcs12.Bag[] {
  return bagType === undefined ? [] : (store.getBags({ bagType })[bagType] ?? []);
}

parentPort?.postMessage(read(workerData as CredentialFiles));
