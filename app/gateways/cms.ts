/**
 * A detached CMS SignedData (RFC 5652) over some bytes: the signature file of an Apple pass. Written by hand because
 * everything but the RSA operation is the same for every pass, and the general libraries take about a hundred times longer.
 */
import { createHash, type KeyObject, sign, type X509Certificate } from 'node:crypto';
import {
  derNull,
  derObjectIdentifier,
  derOctets,
  derSequence,
  derSet,
  derSmallInteger,
  derUtcTime,
  derValue,
  readDer,
} from '#app/gateways/der.ts';

const identifiers = {
  data: derObjectIdentifier('1.2.840.113549.1.7.1'),
  signedData: derObjectIdentifier('1.2.840.113549.1.7.2'),
  contentType: derObjectIdentifier('1.2.840.113549.1.9.3'),
  messageDigest: derObjectIdentifier('1.2.840.113549.1.9.4'),
  signingTime: derObjectIdentifier('1.2.840.113549.1.9.5'),
  rsaEncryption: derObjectIdentifier('1.2.840.113549.1.1.1'),
  sha256: derObjectIdentifier('2.16.840.1.101.3.4.2.1'),
};
const sha256Algorithm = derSequence(identifiers.sha256, derNull);
const rsaAlgorithm = derSequence(identifiers.rsaEncryption, derNull);
const contentTypeAttribute = derSequence(identifiers.contentType, derSet(identifiers.data));
const explicitTag = 0xa0;
const setTag = 0x31;

export type CmsIdentity = { certificate: X509Certificate; intermediate: X509Certificate; key: KeyObject };

/** Signs some bytes; the RSA operation runs on libuv's pool, so many can be in flight at once. */
export type CmsSign = (content: Uint8Array, signedAt: Date) => Promise<Buffer>;

/** Prepares everything that does not depend on what is signed. The certificates of leaf and intermediate travel along. */
export function createCmsSign({ certificate, intermediate, key }: CmsIdentity): CmsSign {
  const head = Buffer.concat([
    derSmallInteger(1),
    derSet(sha256Algorithm),
    derSequence(identifiers.data),
    derValue(explicitTag, intermediate.raw, certificate.raw),
  ]);
  const signerHead = Buffer.concat([derSmallInteger(1), issuerAndSerial(certificate.raw), sha256Algorithm]);
  return async (content, signedAt) => {
    const attributes = signedAttributes(content, signedAt);
    // What is signed is the attributes as a SET; what is stored is the same bytes under an implicit tag.
    const signature = await rsaSign(derValue(setTag, attributes), key);
    const signer = derSequence(signerHead, derValue(explicitTag, attributes), rsaAlgorithm, derOctets(signature));
    return derSequence(identifiers.signedData, derValue(explicitTag, derSequence(head, derSet(signer))));
  };
}

function signedAttributes(content: Uint8Array, signedAt: Date): Buffer {
  const digest = createHash('sha256').update(content).digest();
  const attributes = [
    contentTypeAttribute,
    derSequence(identifiers.signingTime, derSet(derUtcTime(signedAt))),
    derSequence(identifiers.messageDigest, derSet(derOctets(digest))),
  ];
  // DER wants the members of a SET OF in the order of their encodings.
  return Buffer.concat(attributes.toSorted((a, b) => Buffer.compare(a, b)));
}

function rsaSign(bytes: Uint8Array, key: KeyObject): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sign('sha256', bytes, key, (error, signature) => {
      if (error) reject(error);
      else resolve(signature);
    });
  });
}

/** IssuerAndSerialNumber, copied byte for byte out of the certificate so that it matches whatever its issuer encoded. */
function issuerAndSerial(certificateDer: Uint8Array): Buffer {
  const certificate = readDer(certificateDer, 0);
  const toBeSigned = readDer(certificateDer, certificate.contentStart);
  const first = readDer(certificateDer, toBeSigned.contentStart);
  const serial = first.tag === explicitTag ? readDer(certificateDer, first.end) : first;
  const algorithm = readDer(certificateDer, serial.end);
  const issuer = readDer(certificateDer, algorithm.end);
  return derSequence(
    certificateDer.subarray(issuer.start, issuer.end),
    certificateDer.subarray(serial.start, serial.end),
  );
}
