/**
 * Asks the authority whether a certificate was revoked (OCSP, RFC 6960). The address is in the certificate; it is asked
 * only about certificates that Apple's intermediate is known to have signed, so nobody else chooses it.
 */
import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto';

import {
  derChildren,
  derNull,
  derObjectIdentifier,
  derOctets,
  type DerPosition,
  derSequence,
  derValue,
  readDer,
} from '#app/gateways/der.ts';
import { lookUpRevocation } from '#app/gateways/crl.ts';
import { readBodyWithin, type Revocation, signatureDigests } from '#app/gateways/revocation-answer.ts';
import { certificateParts, readDerTime } from '#app/gateways/x509.ts';

type Question = { certificate: X509Certificate; issuer: X509Certificate; at: Date; fetch: typeof fetch };

const timeoutMs = 5_000;
const answerBytesMax = 64 * 1024;
/** Clocks differ. */
const toleranceMs = 5 * 60_000;
const integerTag = 0x02;
const sha1 = derSequence(derObjectIdentifier('1.3.14.3.2.26'), derNull);
const ocspSigning = derObjectIdentifier('1.3.6.1.5.5.7.3.9');
const extendedKeyUsage = derObjectIdentifier('2.5.29.37').toString('hex');

/** What the authority says about a certificate. Never throws: silence and nonsense are 'unknown'. */
export async function askRevocation(question: Question): Promise<Revocation> {
  const { certificate, issuer } = question;
  const url = responderOf(certificate);
  if (url === null) return 'unknown';
  try {
    const answer = await question.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' },
      body: new Uint8Array(derSequence(derSequence(derSequence(derSequence(certificateId(certificate, issuer)))))),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (answer.status !== 200) return 'unknown';
    return readAnswer(await readBodyWithin(answer, answerBytesMax), question);
  } catch {
    return 'unknown';
  }
}

function responderOf(certificate: X509Certificate): string | null {
  return /^OCSP - URI:(https?:\/\/\S+)$/m.exec(certificate.infoAccess ?? '')?.[1] ?? null;
}

function certificateId(certificate: X509Certificate, issuer: X509Certificate): Buffer {
  const parts = certificateParts(certificate);
  const hash = (bytes: Buffer) => derOctets(createHash('sha1').update(bytes).digest());
  return derSequence(
    sha1,
    hash(parts.issuer),
    hash(certificateParts(issuer).publicKeyBits),
    derValue(integerTag, parts.serial),
  );
}

/** Reads a signed answer. Throws `RangeError` for bytes that are none. */
function readAnswer(bytes: Buffer, { certificate, issuer, at }: Question): Revocation {
  const [, wrapped] = derChildren(bytes, readDer(bytes, 0));
  if (wrapped === undefined) return 'unknown';
  const [, octets] = derChildren(bytes, readDer(bytes, wrapped.contentStart));
  if (octets === undefined) return 'unknown';
  const [content, algorithm, signature, certificates] = derChildren(bytes, readDer(bytes, octets.contentStart));
  if (content === undefined || algorithm === undefined || signature === undefined) return 'unknown';
  const [identifier] = derChildren(bytes, algorithm);
  const digest = identifier === undefined ? undefined : signatureDigests[slice(bytes, identifier).toString('hex')];
  if (digest === undefined) return 'unknown';
  const signed = slice(bytes, content);
  const signatureBits = bytes.subarray(signature.contentStart + 1, signature.end);
  const isSigned = signers(bytes, { certificates, issuer, at }).some((key) =>
    verify(digest, signed, key, signatureBits),
  );
  return isSigned ? statusOf(bytes, content, { certificate, issuer, at }) : 'unknown';
}

/** Who may sign: the issuer, and whom it named for that purpose alone. */
function signers(
  bytes: Buffer,
  { certificates, issuer, at }: { certificates: DerPosition | undefined; issuer: X509Certificate; at: Date },
): KeyObject[] {
  const enclosed = certificates === undefined ? [] : derChildren(bytes, readDer(bytes, certificates.contentStart));
  const named = enclosed
    .map((each) => new X509Certificate(slice(bytes, each)))
    .filter((each) => each.checkIssued(issuer) && each.verify(issuer.publicKey))
    .filter((each) => new Date(each.validFrom) <= at && new Date(each.validTo) >= at)
    .filter((each) => certificateParts(each).extensions.get(extendedKeyUsage)?.includes(ocspSigning) ?? false);
  return [issuer.publicKey, ...named.map((each) => each.publicKey)];
}

function statusOf(
  bytes: Buffer,
  content: DerPosition,
  { certificate, issuer, at }: Pick<Question, 'certificate' | 'issuer' | 'at'>,
): Revocation {
  // The answers are the only plain sequence among the parts of the content.
  const answers = derChildren(bytes, content).find(({ tag }) => tag === 0x30);
  const asked = idParts(certificateId(certificate, issuer));
  for (const answer of answers === undefined ? [] : derChildren(bytes, answers)) {
    const [id, status, thisUpdate, nextUpdate] = derChildren(bytes, answer);
    if (id === undefined || status === undefined || thisUpdate === undefined) continue;
    if (!idParts(slice(bytes, id)).equals(asked)) continue;
    return isCurrent(bytes, { thisUpdate, nextUpdate, at }) ? (statuses[status.tag] ?? 'unknown') : 'unknown';
  }
  return 'unknown';
}

const statuses: Readonly<Record<number, Revocation>> = { 0x80: 'good', 0xa1: 'revoked' };

function isCurrent(
  bytes: Buffer,
  { thisUpdate, nextUpdate, at }: { thisUpdate: DerPosition; nextUpdate: DerPosition | undefined; at: Date },
): boolean {
  const until = nextUpdate?.tag === 0xa0 ? readDerTime(bytes, readDer(bytes, nextUpdate.contentStart)) : Infinity;
  return readDerTime(bytes, thisUpdate) - toleranceMs <= at.getTime() && until + toleranceMs >= at.getTime();
}

/** The hashes and the serial number: some leave out the parameters of the algorithm before them. */
function idParts(id: Buffer): Buffer {
  const [, ...parts] = derChildren(id, readDer(id, 0));
  return Buffer.concat(parts.map((part) => slice(id, part)));
}

const slice = (bytes: Buffer, { start, end }: DerPosition) => bytes.subarray(start, end);

/** Asks for one certificate, and looks at the list where nobody answers; over the network, with certificates as PEM. */
export async function askCertificateRevocation(
  pems: { certificatePem: string; intermediatePem: string },
  at: Date,
): Promise<Revocation> {
  const question = {
    certificate: new X509Certificate(pems.certificatePem),
    issuer: new X509Certificate(pems.intermediatePem),
    at,
    fetch,
  };
  const answer = await askRevocation(question);
  return answer === 'unknown' ? lookUpRevocation(question) : answer;
}
