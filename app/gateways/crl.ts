/**
 * Looks a certificate up in its issuer's list of revoked ones (CRL, RFC 5280), for authorities that do not answer
 * questions about single certificates.
 */
import { verify, type X509Certificate } from 'node:crypto';

import { derChildren, derObjectIdentifier, type DerPosition, readDer } from '#app/gateways/der.ts';
import { readBodyWithin, type Revocation, signatureDigests } from '#app/gateways/revocation-answer.ts';
import { certificateParts, readDerTime } from '#app/gateways/x509.ts';

type Question = { certificate: X509Certificate; issuer: X509Certificate; at: Date; fetch: typeof fetch };

const timeoutMs = 5_000;
/** Lists grow with an authority's age. */
const listBytesMax = 8 * 1024 * 1024;
const distributionPoints = derObjectIdentifier('2.5.29.31').toString('hex');
const sequenceTag = 0x30;
const timeTags = new Set([0x17, 0x18]);

/** Whether a certificate is on its issuer's list. Never throws: silence and nonsense are 'unknown'. */
export async function lookUpRevocation(question: Question): Promise<Revocation> {
  try {
    const url = listAddressOf(question.certificate);
    if (url === null) return 'unknown';
    const answer = await question.fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    if (answer.status !== 200) return 'unknown';
    return readList(await readBodyWithin(answer, listBytesMax), question);
  } catch {
    return 'unknown';
  }
}

/** The first web address of the extension: names in it are plain ASCII. */
function listAddressOf(certificate: X509Certificate): string | null {
  const extension = certificateParts(certificate).extensions.get(distributionPoints);
  return /https?:\/\/[\x21-\x7e]+/.exec(extension?.toString('latin1') ?? '')?.[0] ?? null;
}

/** Reads a signed list. Throws `RangeError` for bytes that are none. */
function readList(bytes: Buffer, { certificate, issuer, at }: Question): Revocation {
  const [content, algorithm, signature] = derChildren(bytes, readDer(bytes, 0));
  if (content === undefined || algorithm === undefined || signature === undefined) return 'unknown';
  const [identifier] = derChildren(bytes, algorithm);
  const digest = identifier && signatureDigests[bytes.subarray(identifier.start, identifier.end).toString('hex')];
  const bits = bytes.subarray(signature.contentStart + 1, signature.end);
  if (!digest || !verify(digest, bytes.subarray(content.start, content.end), issuer.publicKey, bits)) return 'unknown';
  const parts = derChildren(bytes, content);
  const [, nextUpdate] = parts.filter(({ tag }) => timeTags.has(tag));
  if (nextUpdate !== undefined && readDerTime(bytes, nextUpdate) < at.getTime()) return 'unknown';
  return isListed(bytes, parts, certificateParts(certificate).serial) ? 'revoked' : 'good';
}

/** The entries are the sequence after the times; without one nothing is revoked. */
function isListed(bytes: Buffer, parts: DerPosition[], serial: Buffer): boolean {
  const lastTime = parts.findLastIndex(({ tag }) => timeTags.has(tag));
  const entries = parts[lastTime + 1];
  if (entries === undefined || entries.tag !== sequenceTag) return false;
  return derChildren(bytes, entries).some((entry) => {
    const number = readDer(bytes, entry.contentStart);
    return bytes.subarray(number.contentStart, number.end).equals(serial);
  });
}
