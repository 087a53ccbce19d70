/** Makes a key pair and the request (PKCS #10) with which Apple issues a certificate for it. */
import { createHash, generateKeyPair, sign } from 'node:crypto';
import { promisify } from 'node:util';

import {
  derBits,
  derNull,
  derObjectIdentifier,
  derSequence,
  derSet,
  derSmallInteger,
  derValue,
} from '#app/gateways/der.ts';

const commonName = derObjectIdentifier('2.5.4.3');
const sha256WithRsa = derSequence(derObjectIdentifier('1.2.840.113549.1.1.11'), derNull);
const utf8Tag = 0x0c;
const attributesTag = 0xa0;
const generateKeys = promisify(generateKeyPair);

export type CertificateRequest = {
  /** PEM, to be uploaded at Apple. */
  request: string;
  /** PKCS #8; stays here. */
  keyPem: string;
  /** SHA-256 of the public key, lower-case hex: by it the certificate is recognised when it comes. */
  keyFingerprint: string;
};

/** A new RSA-2048 key pair and its request. Apple replaces the name; `name` only helps people to tell requests apart. */
export async function makeCertificateRequest(name: string): Promise<CertificateRequest> {
  const { publicKey, privateKey } = await generateKeys('rsa', { modulusLength: 2048 });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const subject = derSequence(derSet(derSequence(commonName, derValue(utf8Tag, Buffer.from(name, 'utf8')))));
  const content = derSequence(derSmallInteger(0), subject, spki, derValue(attributesTag));
  const signature = sign('sha256', content, privateKey);
  return {
    request: toPem(derSequence(content, sha256WithRsa, derBits(signature))),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    keyFingerprint: createHash('sha256').update(spki).digest('hex'),
  };
}

function toPem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n');
}
