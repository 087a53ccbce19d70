import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { PKPass } from 'passkit-generator';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ApplePass } from '#app/domain/cards/apple-pass.ts';
import { buildPassContent } from '#app/domain/cards/pass-content.ts';
import { createPassArtwork } from '#app/gateways/pass-artwork.ts';
import { passImageProblems, pngSize } from '#app/gateways/pass-images.ts';
import { compilePass, createSigner, type PassAssets, type PassSigner, sealPass } from '#app/gateways/pass-sealer.ts';
import { finishZip, startZip } from '#app/gateways/zip-store.ts';
import { type CertificatePems, makeCertificates } from '#test/platform/certificates.ts';
import { readPass } from '#test/platform/pass-reader.ts';
import { sampleDesign, samplePassInput, samplePassJson, signerFilesOf } from '#test/support/pass-samples.ts';

const run = promisify(execFile);

let pems: CertificatePems;
let signer: PassSigner;
let assets: PassAssets;
let passJson: ApplePass;
let sealed: Buffer;

beforeAll(async () => {
  pems = await makeCertificates();
  signer = createSigner(signerFilesOf(pems));
  const { stamps } = buildPassContent(samplePassInput());
  assets = await createPassArtwork({ entriesMax: 4 }).passAssets({ design: sampleDesign, stamps, logo: null });
  passJson = samplePassJson();
  sealed = await sealPass({ assets, passJson, signer });
});

/** What the openssl command says of a pass's signature, or that this machine has none. */
async function opensslVerdict(command: 'cms' | 'smime', pkpass: Buffer, change = ''): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'stampwell-pass-'));
  const files = unzipSync(pkpass);
  const manifest = Buffer.concat([Buffer.from(files['manifest.json'] ?? []), Buffer.from(change)]);
  try {
    await writeFile(path.join(folder, 'signature'), files['signature'] ?? '');
    await writeFile(path.join(folder, 'manifest.json'), manifest);
    await writeFile(path.join(folder, 'root.pem'), pems.root);
    const options = ['-verify', '-binary', '-inform', 'DER', '-in', 'signature', '-content', 'manifest.json'];
    const trust = ['-CAfile', 'root.pem', '-purpose', 'any', '-out', os.devNull];
    await run('openssl', [command, ...options, ...trust], { cwd: folder });
    return 'verified';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'no openssl here' : 'refused';
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The same archive with files changed, added or (undefined) taken away. */
function repack(pkpass: Buffer, changes: Record<string, Buffer | undefined>): Uint8Array {
  const merged = { ...unzipSync(pkpass), ...changes };
  const entries = Object.entries(merged).flatMap(([name, data]) => (data ? [{ name, data, crc32: 0 }] : []));
  return finishZip(startZip(entries), []);
}

describe('the sealed package', () => {
  it('P1–P9: is an archive whose manifest and signature a strict reader accepts', () => {
    const pass = readPass(sealed, pems.root);
    expect(Object.keys(pass.manifest).toSorted()).toEqual(
      [...pass.files.keys()].filter((name) => name !== 'manifest.json' && name !== 'signature').toSorted(),
    );
    expect(pass.passJson).toEqual(passJson);
  });

  it('P7: carries a signature that openssl verifies both as CMS and as S/MIME', async () => {
    expect(['verified', 'no openssl here']).toContain(await opensslVerdict('cms', sealed));
    expect(['verified', 'no openssl here']).toContain(await opensslVerdict('smime', sealed));
  });

  it('P7: carries a signature that openssl refuses for any other manifest', async () => {
    expect(['refused', 'no openssl here']).toContain(await opensslVerdict('cms', sealed, ' '));
  });

  it('P10, P11: is signed by the certificate of its own pass type and team', () => {
    const { signer: found } = readPass(sealed, pems.root);
    expect(found.passTypeIdentifier).toBe(passJson.passTypeIdentifier);
    expect(found.teamIdentifier).toBe(passJson.teamIdentifier);
  });

  it('P10, P11: is never sealed for another pass type or team', async () => {
    const otherType = { ...passJson, passTypeIdentifier: 'pass.com.example.other' };
    await expect(sealPass({ assets, passJson: otherType, signer })).rejects.toThrow('P10');
    const otherTeam = { ...passJson, teamIdentifier: 'ABCDE12345' };
    await expect(sealPass({ assets, passJson: otherTeam, signer })).rejects.toThrow('P11');
  });

  it('P12: knows how long its certificates are valid', () => {
    const ends = [pems.passCertificate, pems.wwdr].map((pem) => new Date(new X509Certificate(pem).validTo).getTime());
    expect(signer.validUntil.getTime()).toBe(Math.min(...ends));
  });

  it('P13: a change of one byte in any file is found', () => {
    for (const [name, data] of Object.entries(unzipSync(sealed))) {
      const changed = Buffer.from(data);
      changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
      expect(() => readPass(repack(sealed, { [name]: changed }), pems.root)).toThrow(/./);
    }
  });

  it('P3, P4: a file missing or added is found', () => {
    expect(() => readPass(repack(sealed, { 'icon.png': undefined }), pems.root)).toThrow('P4');
    expect(() => readPass(repack(sealed, { 'thumbnail.png': Buffer.from('x') }), pems.root)).toThrow('P4');
    expect(() => readPass(repack(sealed, { signature: undefined }), pems.root)).toThrow('P3');
  });

  it('P7: a pass sealed under another root is refused', async () => {
    const others = await makeCertificates();
    const foreign = await sealPass({ assets, passJson, signer: createSigner(signerFilesOf(others)) });
    expect(() => readPass(foreign, pems.root)).toThrow('P7');
  });

  it('P40: sealing the same version twice gives the same pass.json and manifest', async () => {
    const again = readPass(await sealPass({ assets, passJson, signer }), pems.root);
    const first = readPass(sealed, pems.root);
    expect(again.files.get('pass.json')).toEqual(first.files.get('pass.json'));
    expect(again.files.get('manifest.json')).toEqual(first.files.get('manifest.json'));
  });

  it('P9: many passes sealed at once each carry their own signature', async () => {
    const documents = Array.from({ length: 40 }, () => samplePassJson());
    const passes = await Promise.all(documents.map((each) => sealPass({ assets, passJson: each, signer })));
    const serials = passes.map((each) => readPass(each, pems.root).passJson['serialNumber']);
    expect(serials).toEqual(documents.map((each) => each.serialNumber));
  });

  it('says the same as the card package does for the same input', () => {
    const certificates = { wwdr: pems.wwdr, signerCert: pems.passCertificate, signerKey: pems.passKey };
    const input = { ...assets.images, 'pass.json': Buffer.from(JSON.stringify(passJson)) };
    const theirs = readPass(new PKPass(input, certificates).getAsBuffer(), pems.root);
    const ours = readPass(sealed, pems.root);
    expect(ours.manifest).toEqual(theirs.manifest);
    expect(ours.files.get('pass.json')?.toString()).toBe(theirs.files.get('pass.json')?.toString());
  });

  it('gives the card package the last word on every pass, whatever it said of one of the same shape', async () => {
    expect(passJson.logoText).not.toBe('');
    // Our own rules have nothing against an empty text beside the logo; the card package has.
    const emptied = { ...passJson, logoText: '' };
    await expect(sealPass({ assets, passJson: emptied, signer })).rejects.toThrow(
      '"logoText" is not allowed to be empty',
    );
  });

  it('refuses a pass.json that breaks a rule, and names the rule', async () => {
    const broken = { ...passJson, webServiceURL: 'http://stampwell.example/wallet' };
    await expect(sealPass({ assets, passJson: broken, signer })).rejects.toThrow('P20');
  });
});

describe('the certificate files', () => {
  it('refuses a key that belongs to another certificate', async () => {
    const others = await makeCertificates();
    expect(() => createSigner({ ...signerFilesOf(pems), keyPem: others.passKey })).toThrow('private key');
  });

  it('refuses an intermediate that did not issue the certificate', async () => {
    const others = await makeCertificates();
    expect(() => createSigner({ ...signerFilesOf(pems), wwdrPem: others.wwdr })).toThrow('intermediate');
  });

  it('refuses text that is no certificate', () => {
    expect(() => createSigner({ ...signerFilesOf(pems), certificatePem: 'hello' })).toThrow('cannot be read');
  });
});

describe('the images', () => {
  it('P30: have the exact sizes that Wallet expects at every scale', () => {
    const sizes = Object.fromEntries(Object.entries(assets.images).map(([name, data]) => [name, pngSize(data)]));
    expect(sizes['strip.png']).toEqual({ width: 375, height: 144 });
    expect(sizes['strip@2x.png']).toEqual({ width: 750, height: 288 });
    expect(sizes['strip@3x.png']).toEqual({ width: 1125, height: 432 });
    expect(sizes['icon@3x.png']).toEqual({ width: 87, height: 87 });
  });

  it('P29: cannot be compiled without an icon', () => {
    const { 'icon@2x.png': _icon, ...others } = assets.images;
    expect(() => compilePass(others)).toThrow('P29: icon@2x.png');
  });

  it('P30: cannot be compiled when one is no PNG, has another size, or another name', () => {
    const { images } = assets;
    const strip = images['strip.png'] ?? Buffer.alloc(0);
    expect(
      passImageProblems({ ...images, 'strip.png': Buffer.from('GIF89a and so on, not a picture at all') }),
    ).toContain('P30: strip.png is not a PNG');
    expect(passImageProblems({ ...images, 'strip@2x.png': strip }).join()).toContain('P30: strip@2x.png is 375×144');
    expect(passImageProblems({ ...images, 'my-signature.png': strip }).join()).toContain('P30: my-signature.png');
  });

  it('P31: keep a pass under half a megabyte, even a full card of thirty stamps', async () => {
    const artwork = createPassArtwork({ entriesMax: 4 });
    const full = await artwork.passAssets({ design: sampleDesign, stamps: { collected: 29, needed: 30 }, logo: null });
    expect(Object.values(full.images).reduce((sum, image) => sum + image.length, 0)).toBeLessThan(500 * 1024);
  });

  it('are rendered once however many ask, and the same bytes come out every time', async () => {
    const artwork = createPassArtwork({ entriesMax: 4 });
    const input = { design: sampleDesign, stamps: { collected: 4, needed: 10 }, logo: null };
    const [a, b] = await Promise.all([artwork.passAssets(input), artwork.passAssets(input)]);
    expect(a).toBe(b);
    expect(a.hashes).toEqual(assets.hashes);
  });

  it('leave out the strip when a card counts points only', async () => {
    const { images } = await createPassArtwork({ entriesMax: 4 }).passAssets({
      design: sampleDesign,
      stamps: null,
      logo: null,
    });
    expect(Object.keys(images).some((name) => name.startsWith('strip'))).toBe(false);
  });

  it('fit an uploaded logo into the space it has', async () => {
    const artwork = createPassArtwork({ entriesMax: 4 });
    const logo = await artwork.hero({ design: sampleDesign, stamps: { collected: 1, needed: 5 } });
    const { images } = await artwork.passAssets({ design: sampleDesign, stamps: null, logo });
    expect(pngSize(images['logo@2x.png'] ?? Buffer.alloc(0))).toEqual({ width: 306, height: 100 });
  });

  it('draw Google’s picture of the stamps at the size that Google asks for', async () => {
    const hero = await createPassArtwork({ entriesMax: 4 }).hero({
      design: sampleDesign,
      stamps: { collected: 4, needed: 10 },
    });
    expect(pngSize(hero)).toEqual({ width: 1032, height: 336 });
  });
});
