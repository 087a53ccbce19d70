/**
 * Reads a sealed pass back, as a phone does: every file is in the manifest with its hash, the manifest is signed, and the
 * signer's certificate was issued by the intermediate that travels along. It shares no code with the sealer but DER's lengths.
 */
import { createHash, verify, X509Certificate } from 'node:crypto';

import { readDer } from '#app/gateways/der.ts';

type Files = Map<string, Buffer>;

const endSignature = 0x06054b50;
const endLength = 22;
const centralHeaderLength = 46;
const localHeaderLength = 30;
const setTag = 0x31;
const optionalTag = 0xa0;

/** What a phone would refuse about a .pkpass; empty when it would take it. Whether it trusts the intermediate is its affair. */
export function sealedPassProblems(body: Buffer, passTypeIdentifier: string): string[] {
  try {
    const files = readFiles(body);
    const manifest = files.get('manifest.json');
    const signature = files.get('signature');
    if (manifest === undefined || signature === undefined) return ['the manifest or its signature is missing'];
    return [...manifestProblems(files, manifest), ...signatureProblems({ manifest, signature, passTypeIdentifier })];
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return ['it cannot be read back'];
    throw error;
  }
}

/** The files of an archive that only stores. */
function readFiles(body: Buffer): Files {
  const end = body.length - endLength;
  if (body.readUInt32LE(end) !== endSignature) throw new RangeError('the archive has no end');
  const files: Files = new Map();
  let at = body.readUInt32LE(end + 16);
  for (let left = body.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameLength = body.readUInt16LE(at + 28);
    const length = body.readUInt32LE(at + 20);
    const start = body.readUInt32LE(at + 42) + localHeaderLength + nameLength;
    const name = body.toString('utf8', at + centralHeaderLength, at + centralHeaderLength + nameLength);
    files.set(name, body.subarray(start, start + length));
    at += centralHeaderLength + nameLength;
  }
  return files;
}

function manifestProblems(files: Files, manifest: Buffer): string[] {
  const listed = new Map(Object.entries(JSON.parse(manifest.toString('utf8')) as Record<string, unknown>));
  const carried = [...files].filter(([name]) => name !== 'manifest.json' && name !== 'signature');
  const wrong = carried.filter(([name, data]) => listed.get(name) !== createHash('sha1').update(data).digest('hex'));
  return [
    ...wrong.map(([name]) => `${name} differs from the manifest`),
    ...(carried.length === listed.size ? [] : ['the manifest names other files than there are']),
  ];
}

type Signed = { manifest: Buffer; signature: Buffer; passTypeIdentifier: string };

function signatureProblems({ manifest, signature, passTypeIdentifier }: Signed): string[] {
  const { certificates, attributes, value } = readSignedData(signature);
  const leaf = certificates.find(({ subject }) => subject.split('\n').includes(`UID=${passTypeIdentifier}`));
  if (leaf === undefined) return ['the signature carries no certificate of this pass type'];
  const issuer = certificates.find((candidate) => candidate !== leaf && leaf.verify(candidate.publicKey));
  const digest = createHash('sha256').update(manifest).digest();
  const signed = Buffer.concat([Buffer.from([setTag]), attributes.subarray(1)]);
  return [
    ...(issuer === undefined ? ['the certificate was not issued by the intermediate beside it'] : []),
    ...(attributes.includes(digest) ? [] : ['the signature is of another manifest']),
    ...(verify('sha256', signed, leaf.publicKey, value) ? [] : ['the signature does not verify']),
  ];
}

/** ContentInfo → SignedData → its certificates and its one signer (RFC 5652 §5). */
function readSignedData(der: Buffer): { certificates: X509Certificate[]; attributes: Buffer; value: Buffer } {
  const [, wrapped] = childrenOf(der);
  const [signedData] = childrenOf(part(wrapped));
  const parts = childrenOf(part(signedData));
  const chain = parts.find(({ tag }) => tag === optionalTag);
  const [signer] = childrenOf(part(parts.at(-1)));
  const fields = childrenOf(part(signer));
  return {
    certificates: childrenOf(part(chain)).map(({ bytes }) => new X509Certificate(bytes)),
    attributes: part(fields.find(({ tag }) => tag === optionalTag)),
    value: part(fields.at(-1)).subarray(readDer(part(fields.at(-1)), 0).contentStart),
  };
}

type Value = { tag: number; bytes: Buffer };

function childrenOf(der: Buffer): Value[] {
  const { contentStart, end } = readDer(der, 0);
  const children: Value[] = [];
  for (let at = contentStart; at < end;) {
    const child = readDer(der, at);
    children.push({ tag: child.tag, bytes: der.subarray(at, child.end) });
    at = child.end;
  }
  return children;
}

function part(value: Value | undefined): Buffer {
  if (value === undefined) throw new RangeError('the signature lacks a part');
  return value.bytes;
}
