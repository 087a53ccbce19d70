/** What Node's own certificate reader leaves out: extensions, bundles of several certificates, names as bytes. */
import { createHash, X509Certificate } from 'node:crypto';

import { derObjectIdentifier, type DerPosition, readDer } from '#app/gateways/der.ts';

const pemPattern = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const versionTag = 0xa0;
const extensionsTag = 0xa3;
const booleanTag = 0x01;
const utcTimeTag = 0x17;

/** SHA-256 of a certificate, lower-case hex. */
export function certificateFingerprint(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** The certificates of a PEM text, in order. Throws what Node throws at one that cannot be read. */
export function readCertificates(pem: string): X509Certificate[] {
  return [...pem.matchAll(pemPattern)].map(([each]) => new X509Certificate(each));
}

const bundles = new Map<string, X509Certificate[]>();

/** The intermediates of Apple that the installation trusts, out of its bundle. Read once. */
export function appleIntermediates(bundle: string): X509Certificate[] {
  const known = bundles.get(bundle) ?? readCertificates(bundle);
  bundles.set(bundle, known);
  return known;
}

/** One part of a certificate's subject, such as `UID` or `OU`; null when it has none. */
export function subjectPart(certificate: X509Certificate, name: string): string | null {
  // Node leaves the whole subject out where it is empty.
  const subject: string | undefined = certificate.subject;
  const line = subject?.split('\n').find((part) => part.startsWith(`${name}=`));
  return line === undefined ? null : line.slice(name.length + 1);
}

export type CertificateParts = {
  /** The serial number's value octets. */
  serial: Buffer;
  /** The issuer's and the subject's name, whole. */
  issuer: Buffer;
  subject: Buffer;
  /** The bits of the public key, without the leading count of unused bits. */
  publicKeyBits: Buffer;
  /** The content octets of each extension, by the DER of its identifier in hex. */
  extensions: ReadonlyMap<string, Buffer>;
};

/** Takes a certificate apart. Throws `RangeError` when its bytes end early. */
export function certificateParts(certificate: X509Certificate): CertificateParts {
  const der = certificate.raw;
  const whole = (start: number) => der.subarray(start, readDer(der, start).end);
  const toBeSigned = readDer(der, readDer(der, 0).contentStart);
  const first = readDer(der, toBeSigned.contentStart);
  const serial = first.tag === versionTag ? readDer(der, first.end) : first;
  const issuer = readDer(der, readDer(der, serial.end).end);
  const subject = readDer(der, readDer(der, issuer.end).end);
  const publicKey = readDer(der, subject.end);
  const bits = readDer(der, readDer(der, publicKey.contentStart).end);
  return {
    serial: der.subarray(serial.contentStart, serial.end),
    issuer: whole(issuer.start),
    subject: whole(subject.start),
    publicKeyBits: der.subarray(bits.contentStart + 1, bits.end),
    extensions: readExtensions(der, publicKey.end, toBeSigned.end),
  };
}

function readExtensions(der: Buffer, from: number, until: number): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = from; at < until; at = readDer(der, at).end) {
    if (der[at] !== extensionsTag) continue;
    const list = readDer(der, readDer(der, at).contentStart);
    for (let one = list.contentStart; one < list.end; one = readDer(der, one).end) {
      const identifier = readDer(der, readDer(der, one).contentStart);
      const next = readDer(der, identifier.end);
      const value = next.tag === booleanTag ? readDer(der, next.end) : next;
      found.set(
        der.subarray(identifier.start, identifier.end).toString('hex'),
        der.subarray(value.contentStart, value.end),
      );
    }
  }
  return found;
}

/** The text of an extension that is one string, such as Apple's pass type; null when the certificate has none. */
export function extensionText(parts: CertificateParts, dotted: string): string | null {
  const value = parts.extensions.get(derObjectIdentifier(dotted).toString('hex'));
  if (value === undefined) return null;
  const text = readDer(value, 0);
  return value.subarray(text.contentStart, text.end).toString('utf8');
}

/** SHA-256 of a public key (SubjectPublicKeyInfo), lower-case hex. */
export function keyFingerprint(publicKeyDer: Uint8Array): string {
  return createHash('sha256').update(publicKeyDer).digest('hex');
}

/** A UTCTime or GeneralizedTime such as 20261122040000Z, in milliseconds; NaN for anything else. */
export function readDerTime(bytes: Buffer, { tag, contentStart, end }: DerPosition): number {
  const text = bytes.subarray(contentStart, end).toString('ascii');
  // Two digits of a year count from 1950 to 2049.
  const century = tag === utcTimeTag ? (Number(text.slice(0, 2)) >= 50 ? '19' : '20') : '';
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(`${century}${text}`);
  if (found === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = found;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
