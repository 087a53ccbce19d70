/**
 * Turns a pass.json and its images into a signed .pkpass. Images are hashed once when a design is compiled; sealing a
 * member's pass then costs one RSA signature and little else.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { PKPass } from 'passkit-generator';
import type { ApplePass } from '#app/domain/cards/apple-pass.ts';
import { applePassProblems } from '#app/domain/cards/apple-pass-rules.ts';
import { createCmsSign } from '#app/gateways/cms.ts';
import { type PackedFiles, packFiles, sha1, zipEntry } from '#app/gateways/packed-files.ts';
import { writePassDocument } from '#app/gateways/pass-document.ts';
import { passImageProblems } from '#app/gateways/pass-images.ts';
import { continueZip, finishZip, startZip, type ZipStart } from '#app/gateways/zip-store.ts';
import { InvalidInput, invariant } from '#app/lib/errors.ts';

export type SignerFiles = { certificatePem: string; keyPem: string; wwdrPem: string };

export type PassSigner = {
  /** The certificate's UID. */
  passTypeIdentifier: string;
  /** The certificate's OU. */
  teamIdentifier: string;
  /** The earlier end of the pass certificate and of Apple's intermediate. */
  validUntil: Date;
  /** Signs a manifest as Apple wants it: detached CMS. Repeating gives another signature over the same bytes. */
  sign: (manifest: Uint8Array) => Promise<Buffer>;
};

/** The images of one design in one state, hashed and packed: ready to be sealed any number of times. */
export type PassAssets = {
  /** File name to PNG. */
  images: Readonly<Record<string, Buffer>>;
  /** File name to lower-case hex SHA-1, as the manifest wants it. */
  hashes: Readonly<Record<string, string>>;
  archive: ZipStart;
  /** The manifest of these files as far as it goes: all but its last entry and the closing brace. */
  manifestStart: string;
};

/** Reads the certificates once; keep the signer for as long as they are in use. Throws `InvalidInput` on a bad set. */
export function createSigner({ certificatePem, keyPem, wwdrPem }: SignerFiles): PassSigner {
  const { certificate, intermediate, key } = parseSignerFiles({ certificatePem, keyPem, wwdrPem });
  if (!certificate.checkPrivateKey(key))
    throw new InvalidInput('pass-certificate-key', 'The private key does not belong to the pass certificate');
  if (!certificate.verify(intermediate.publicKey))
    throw new InvalidInput('pass-certificate-issuer', 'The pass certificate was not issued by this intermediate');
  const signCms = createCmsSign({ certificate, intermediate, key });
  const ends = [certificate, intermediate].map((each) => new Date(each.validTo).getTime());
  return {
    passTypeIdentifier: subjectPart(certificate, 'UID'),
    teamIdentifier: subjectPart(certificate, 'OU'),
    validUntil: new Date(Math.min(...ends)),
    sign: (manifest) => signCms(manifest, new Date()),
  };
}

/**
 * Checks and hashes a design's images. `images` maps file names such as `strip@2x.png` to PNG bytes. Throws
 * `InvalidInput` when Wallet would refuse them: missing icon, wrong size, not a PNG, too large.
 */
export function compilePass(images: Readonly<Record<string, Buffer>>): PassAssets {
  const problems = passImageProblems(images);
  if (problems.length > 0) throw new InvalidInput('pass-images', problems.join('; '));
  const kept = new Set(new PKPass({ ...images }).files);
  const dropped = Object.keys(images).filter((name) => !kept.has(name));
  if (dropped.length > 0) throw new InvalidInput('pass-images', `not usable in a pass: ${dropped.join(', ')}`);
  const { entries, hashes } = packFiles(images);
  return { images, hashes, archive: startZip(entries), manifestStart: manifestStart(hashes) };
}

const extended = new WeakMap<PackedFiles, WeakMap<PassAssets, PassAssets>>();

/** The same images with more files beside them, such as languages. Asking twice gives the same. */
export function withFiles(assets: PassAssets, files: PackedFiles): PassAssets {
  const byAssets = extended.get(files) ?? new WeakMap<PassAssets, PassAssets>();
  extended.set(files, byAssets);
  const known = byAssets.get(assets);
  if (known !== undefined) return known;
  const isTwice = Object.keys(files.hashes).some((name) => name in assets.hashes);
  invariant(!isTwice, 'no file is in a pass twice');
  const hashes = { ...assets.hashes, ...files.hashes };
  const archive = continueZip(assets.archive, files.entries);
  const made = { images: assets.images, hashes, archive, manifestStart: manifestStart(hashes) };
  byAssets.set(assets, made);
  return made;
}

/** Every pass of a design begins its manifest alike. */
function manifestStart(hashes: Readonly<Record<string, string>>): string {
  return `${JSON.stringify(hashes).slice(0, -1)},`;
}

/**
 * Seals one pass. The same pass.json and assets give the same manifest; only the signature differs. Throws
 * `InvalidInput` when the pass.json breaks a rule or does not belong to the signer's certificate.
 */
export async function sealPass(pass: { assets: PassAssets; passJson: ApplePass; signer: PassSigner }): Promise<Buffer> {
  const { assets, passJson, signer } = pass;
  const problems = applePassProblems(passJson);
  if (passJson.passTypeIdentifier !== signer.passTypeIdentifier)
    problems.push('P10: passTypeIdentifier differs from the certificate');
  if (passJson.teamIdentifier !== signer.teamIdentifier)
    problems.push('P11: teamIdentifier differs from the certificate');
  if (problems.length > 0) throw new InvalidInput('pass-json', problems.join('; '));
  const document = writePassDocument(passJson);
  const manifest = Buffer.from(`${assets.manifestStart}"pass.json":"${sha1(document)}"}`);
  const signature = await signer.sign(manifest);
  return finishZip(assets.archive, [
    zipEntry('pass.json', document),
    zipEntry('manifest.json', manifest),
    zipEntry('signature', signature),
  ]);
}

function parseSignerFiles({ certificatePem, keyPem, wwdrPem }: SignerFiles) {
  try {
    return {
      certificate: new X509Certificate(certificatePem),
      intermediate: new X509Certificate(wwdrPem),
      key: createPrivateKey(keyPem),
    };
  } catch (cause) {
    throw new InvalidInput('pass-certificate', 'The pass certificate, its key or the intermediate cannot be read', {
      cause,
    });
  }
}

function subjectPart(certificate: X509Certificate, name: 'UID' | 'OU'): string {
  const line = certificate.subject.split('\n').find((part) => part.startsWith(`${name}=`));
  if (!line) throw new InvalidInput('pass-certificate', `The pass certificate has no ${name}`);
  return line.slice(name.length + 1);
}
