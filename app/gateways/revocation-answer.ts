/** What questions about revocation have in common. */
import { derObjectIdentifier } from '#app/gateways/der.ts';

export type Revocation =
  | 'good'
  | 'revoked'
  /** Nobody answered, or not in a way that can be believed. */
  | 'unknown';

/** The digest of a signature algorithm, by the DER of its identifier in hex. */
export const signatureDigests: Readonly<Record<string, string>> = {
  [derObjectIdentifier('1.2.840.113549.1.1.5').toString('hex')]: 'sha1',
  [derObjectIdentifier('1.2.840.113549.1.1.11').toString('hex')]: 'sha256',
  [derObjectIdentifier('1.2.840.113549.1.1.12').toString('hex')]: 'sha384',
  [derObjectIdentifier('1.2.840.113549.1.1.13').toString('hex')]: 'sha512',
  [derObjectIdentifier('1.2.840.10045.4.3.2').toString('hex')]: 'sha256',
};

/** The body of an answer. Throws `RangeError` when it is larger than `bytesMax`. */
export async function readBodyWithin(answer: Response, bytesMax: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = answer.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return Buffer.concat(chunks);
    length += value.length;
    if (length > bytesMax) throw new RangeError('The answer is too large');
    chunks.push(value);
  }
}
