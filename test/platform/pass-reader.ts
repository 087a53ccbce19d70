/**
 * Opens a .pkpass as strictly as a phone: archive, manifest hashes, signature up to the root, and who signed. It shares
 * no code with the sealer, so that neither can hide a mistake of the other.
 */
import { createHash, verify, X509Certificate } from 'node:crypto';
import { unzipSync } from 'fflate';
import forge from 'node-forge';

export type ReadPass = {
  /** The parsed pass.json. */
  passJson: Record<string, unknown>;
  /** Every file of the archive by its name. */
  files: Map<string, Buffer>;
  manifest: Record<string, string>;
  signer: { passTypeIdentifier: string; teamIdentifier: string; signedAt: Date };
};

const oids = {
  signedData: '1.2.840.113549.1.7.2',
  data: '1.2.840.113549.1.7.1',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha1: '1.3.14.3.2.26',
  passType: '1.2.840.113635.100.6.1.16',
  userId: '0.9.2342.19200300.100.1.1',
};
const metaFiles = new Set(['manifest.json', 'signature']);
const signedAtToleranceMs = 24 * 60 * 60 * 1000;

/** Reads and verifies a pass; throws an Error that says what is wrong with it, with the number of the broken rule. */
export function readPass(pkpass: Uint8Array, rootPem: string): ReadPass {
  const files = unzip(pkpass);
  const manifestBytes = fileOf(files, 'manifest.json');
  const manifest = checkManifest(files, manifestBytes);
  const signer = checkSignature(fileOf(files, 'signature'), { content: manifestBytes, rootPem });
  const passJson = parseObject(fileOf(files, 'pass.json'), 'P14: pass.json');
  demand(passJson['passTypeIdentifier'] === signer.passTypeIdentifier, 'P10: the signer is of another pass type');
  demand(passJson['teamIdentifier'] === signer.teamIdentifier, 'P11: the signer is of another team');
  return { passJson, files, manifest, signer };
}

function unzip(pkpass: Uint8Array): Map<string, Buffer> {
  const names: string[] = [];
  const entries = unzipSync(pkpass, {
    filter: (file) => {
      names.push(file.name);
      demand(file.compression === 0 || file.compression === 8, `P1: ${file.name} is packed in an unknown way`);
      return true;
    },
  });
  demand(new Set(names).size === names.length, 'P2: a name appears twice');
  for (const name of names)
    demand(/^[A-Za-z0-9_@-]+(\.lproj\/[A-Za-z0-9_@-]+)?(\.[a-z]+)?$/.test(name), `P2: ${name} has no place in a pass`);
  for (const name of names) demand(!/\.(pem|key|p12)$/.test(name), `P2: ${name} must never leave the server`);
  return new Map(Object.entries(entries).map(([name, data]) => [name, Buffer.from(data)]));
}

function checkManifest(files: Map<string, Buffer>, manifestBytes: Buffer): Record<string, string> {
  const manifest: Record<string, string> = {};
  for (const [name, hash] of Object.entries(parseObject(manifestBytes, 'P4: manifest.json'))) {
    demand(typeof hash === 'string', `P4: the manifest's entry ${name} is no text`);
    manifest[name] = hash;
  }
  const content = [...files.keys()].filter((name) => !metaFiles.has(name)).toSorted();
  demand(
    content.join() === Object.keys(manifest).toSorted().join(),
    'P4: the manifest does not list exactly the files',
  );
  for (const name of content) {
    const hash = createHash('sha1').update(fileOf(files, name)).digest('hex');
    demand(manifest[name] === hash, `P5: the hash of ${name} is wrong`);
  }
  return manifest;
}

type Signed = { content: Buffer; rootPem: string };

function checkSignature(signature: Buffer, { content, rootPem }: Signed): ReadPass['signer'] {
  const signedData = parseSignedData(signature);
  const { leaf, leafDer } = checkChain(signedData.certificates, { rootPem, serialNumber: signedData.serialNumber });
  const { attributes } = signedData;
  const digest = createHash(signedData.digest).update(content).digest('hex');
  demand(oidOf(attributes.get(oids.contentType)) === oids.data, 'P9: contentType is not data');
  demand(bytesOf(attributes.get(oids.messageDigest)).toString('hex') === digest, 'P7: the manifest was changed');
  const signedAt = forge.asn1.utcTimeToDate(bytesOf(attributes.get(oids.signingTime)).toString('latin1'));
  demand(Math.abs(Date.now() - signedAt.getTime()) < signedAtToleranceMs, 'P9: signingTime is more than a day off');
  const isGenuine = verify(signedData.digest, signedData.attributesDer, leaf.publicKey, signedData.signature);
  demand(isGenuine, 'P7: the signature does not fit the key');
  return { ...identityOf(leafDer), signedAt };
}

type Node = forge.asn1.Asn1;

function parseSignedData(signature: Buffer) {
  const root = forge.asn1.fromDer(signature.toString('latin1'));
  demand(oidOf(child(root, 0)) === oids.signedData, 'P6: the signature is no SignedData');
  const parts = childrenOf(child(child(root, 1), 0));
  const encapsulated = parts[2];
  demand(childrenOf(encapsulated).length === 1, 'P6: the signature carries its content');
  const certificates = parts.find(
    (part) => part.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC && part.type === forge.asn1.Type.NONE,
  );
  const signers = childrenOf(parts.at(-1));
  demand(signers.length === 1, 'P6: there must be one signer');
  const signer = childrenOf(signers[0]);
  const [, issuerAndSerial, digestAlgorithm, attributes, , signatureValue] = signer;
  const digestOid = oidOf(child(digestAlgorithm, 0));
  demand(digestOid === oids.sha256 || digestOid === oids.sha1, 'P6: unknown digest');
  return {
    digest: digestOid === oids.sha256 ? 'sha256' : 'sha1',
    certificates: childrenOf(certificates).map((node) => derOf(node)),
    serialNumber: bytesOf(child(issuerAndSerial, 1)).toString('hex'),
    attributes: new Map(childrenOf(attributes).map((node) => [oidOf(child(node, 0)), child(child(node, 1), 0)])),
    // The signature covers the attributes as a SET, not under the tag they are stored with.
    attributesDer: Buffer.concat([Buffer.from([0x31]), derOf(attributes).subarray(1)]),
    signature: bytesOf(signatureValue),
  };
}

function checkChain(ders: Buffer[], { rootPem, serialNumber }: { rootPem: string; serialNumber: string }) {
  const certificates = ders.map((der) => new X509Certificate(der));
  const wanted = BigInt(`0x${serialNumber}`);
  const index = certificates.findIndex((each) => BigInt(`0x${each.serialNumber}`) === wanted);
  const leaf = certificates[index];
  const leafDer = ders[index];
  if (!leaf || !leafDer) throw new Error('P8: the signer’s certificate is missing');
  const root = new X509Certificate(rootPem);
  const intermediate = certificates.find((each) => each !== leaf && leaf.verify(each.publicKey));
  if (!intermediate) throw new Error('P8: the intermediate certificate is missing');
  demand(intermediate.verify(root.publicKey), 'P7: the intermediate is not of the trusted root');
  for (const each of [leaf, intermediate]) {
    const isValid = new Date(each.validFrom).getTime() <= Date.now() && Date.now() < new Date(each.validTo).getTime();
    demand(isValid, 'P12: a certificate is not valid now');
  }
  return { leaf, leafDer };
}

function identityOf(leafDer: Buffer): Omit<ReadPass['signer'], 'signedAt'> {
  const certificate = forge.pki.certificateFromAsn1(forge.asn1.fromDer(leafDer.toString('latin1')));
  const passTypeIdentifier = String(certificate.subject.getField({ type: oids.userId })?.value);
  const extensions: { id: string; value: string }[] = certificate.extensions;
  const passType = extensions.find(({ id }) => id === oids.passType);
  demand(passType?.value.endsWith(passTypeIdentifier) ?? false, 'P10: the certificate is not one for this pass type');
  return { passTypeIdentifier, teamIdentifier: String(certificate.subject.getField('OU')?.value) };
}

function childrenOf(node: Node | undefined): Node[] {
  if (!node || typeof node.value === 'string') throw new Error('P6: the signature is not well formed');
  return node.value;
}

function child(node: Node | undefined, index: number): Node {
  const found = childrenOf(node)[index];
  if (!found) throw new Error('P6: the signature is not well formed');
  return found;
}

function bytesOf(node: Node | undefined): Buffer {
  if (!node || typeof node.value !== 'string') throw new Error('P6: the signature is not well formed');
  return Buffer.from(node.value, 'latin1');
}

function oidOf(node: Node | undefined): string {
  return forge.asn1.derToOid(forge.util.createBuffer(bytesOf(node).toString('latin1')));
}

function derOf(node: Node | undefined): Buffer {
  if (!node) throw new Error('P6: the signature is not well formed');
  return Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');
}

function fileOf(files: Map<string, Buffer>, name: string): Buffer {
  const data = files.get(name);
  if (!data) throw new Error(`P3: ${name} is missing`);
  return data;
}

function parseObject(bytes: Buffer, what: string): Record<string, unknown> {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  demand(!text.startsWith('\uFEFF'), `${what} starts with a byte order mark`);
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${what} is no object`);
  return { ...value };
}

function demand(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new Error(problem);
}
