/** The package rules P1 to P13, P29 to P31, P39 and P40, each read from the sealed bytes by a reader of its own. */
import { createHash, X509Certificate } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { PKPass } from 'passkit-generator';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ApplePass } from '#app/domain/cards/apple-pass.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { buildPassContent } from '#app/domain/cards/pass-content.ts';
import { createPassArtwork } from '#app/gateways/pass-artwork.ts';
import { createPassStrings } from '#app/gateways/pass-strings.ts';
import {
  compilePass,
  createSigner,
  type PassAssets,
  type PassSigner,
  sealPass,
  withFiles,
} from '#app/gateways/pass-sealer.ts';
import { finishZip, startZip } from '#app/gateways/zip-store.ts';
import { passResponse } from '#app/web/pass-response.ts';
import { type CertificatePems, makeCertificates } from '#test/platform/certificates.ts';
import { conformantPass, languagesOf, opensslVerdict } from '#test/support/conformant-pass.ts';
import { keptCertificates } from '#test/support/kept-certificates.ts';
import { readArchive } from '#test/support/pass-archive.ts';
import { noImages, samplePassJson, signerFilesOf } from '#test/support/pass-samples.ts';
import { hardTexts, richDesign, richPassInput } from '#test/support/rich-card.ts';
import { fieldOf } from '#test/support/wallet-device.ts';

let pems: CertificatePems;
let signer: PassSigner;
let pictures: PassAssets;
let assets: PassAssets;
let passJson: ApplePass;
let sealed: Buffer;

beforeAll(async () => {
  ({ pems } = await keptCertificates());
  signer = createSigner(signerFilesOf(pems));
  const content = buildPassContent(richPassInput());
  const artwork = createPassArtwork({ entriesMax: 4 });
  pictures = await artwork.passAssets({ design: richDesign, stamps: content.stamps, readImage: noImages });
  assets = withFiles(pictures, createPassStrings({ entriesMax: 4 })(richDesign, content.locale));
  passJson = samplePassJson(content);
  sealed = await sealPass({ assets, passJson, signer });
});

type Changes = Record<string, Buffer | null>;

/** The files of the pass, some changed, added or (null) taken away. */
function files(changes: Changes = {}): Map<string, Buffer> {
  const merged = new Map(readArchive(sealed).map(({ name, data }) => [name, data]));
  for (const [name, data] of Object.entries(changes))
    if (data === null) merged.delete(name);
    else merged.set(name, data);
  return merged;
}

function packed(content: Map<string, Buffer>): Buffer {
  return finishZip(startZip([...content].map(([name, data]) => ({ name, data, crc32: crc32(data) }))), []);
}

/** As a forger without the key would: the manifest is right again, the signature is of the old one. */
function withManifest(changes: Changes): Buffer {
  const content = files(changes);
  const hashes = [...content]
    .filter(([name]) => name !== 'manifest.json' && name !== 'signature')
    .map(([name, data]) => [name, createHash('sha1').update(data).digest('hex')]);
  return packed(content.set('manifest.json', Buffer.from(JSON.stringify(Object.fromEntries(hashes)))));
}

const expectRefused = (pkpass: Uint8Array, reason: string | RegExp) =>
  expect(conformantPass(pkpass, pems.root)).rejects.toThrow(reason);
const fileOf = (name: string) => files().get(name) ?? Buffer.alloc(0);

/** A copy with two bytes changed wherever a header of the given signature stands, `offset` bytes on. */
function withHeaders(signature: number, offset: number, value: number): Buffer {
  const copy = Buffer.from(sealed);
  for (let at = 0; at < copy.length - 4; at += 1)
    if (copy.readUInt32LE(at) === signature) copy.writeUInt16LE(value, at + offset);
  return copy;
}

describe('the archive', () => {
  it('P1: is a ZIP of stored files, without encryption, data descriptors or anything after its end', async () => {
    const { passJson: read } = await conformantPass(sealed, pems.root);
    expect(read).toEqual(passJson);
    await expectRefused(Buffer.concat([sealed, Buffer.from('x')]), 'P1');
    await expectRefused(withHeaders(0x02014b50, 8, 0x0801), 'P1: artwork.png is encrypted');
    await expectRefused(withHeaders(0x02014b50, 8, 0x0808), 'P1: artwork.png needs a data descriptor');
    await expectRefused(withHeaders(0x02014b50, 10, 12), 'P1: artwork.png is packed in an unknown way');
  });

  it.each(['../evil.png', '/etc/passwd', 'a\\b.png', '__MACOSX/icon.png', '.DS_Store', 'key.pem', 'pass.p12'])(
    'P2: holds no file such as %s',
    async (name) => {
      await conformantPass(sealed, pems.root);
      await expectRefused(withManifest({ [name]: Buffer.from('x') }), 'P2');
    },
  );

  it('P2: holds no name twice', () => {
    const twice = ['icon.png', 'icon.png'].map((name) => ({ name, data: Buffer.from('x'), crc32: crc32('x') }));
    expect(() => readArchive(finishZip(startZip(twice), []))).toThrow('P2: a name appears twice');
  });

  it.each(['pass.json', 'manifest.json', 'signature'])('P3: has its %s at the root', async (name) => {
    expect(readArchive(sealed).filter((file) => file.name.endsWith(name))).toHaveLength(1);
    await expectRefused(packed(files({ [name]: null })), /P3|P4/);
  });

  it('P4: has a flat manifest of exactly the other files', async () => {
    const manifest: unknown = JSON.parse(fileOf('manifest.json').toString());
    const names = [...files().keys()].filter((name) => name !== 'manifest.json' && name !== 'signature');
    expect(Object.keys(Object(manifest)).toSorted()).toEqual(names.toSorted());
    await expectRefused(packed(files({ 'icon.png': null })), 'P4');
    await expectRefused(packed(files({ 'thumbnail.png': fileOf('icon.png') })), 'P4');
  });

  it('P5: names each file by the lower-case SHA-1 of its bytes', async () => {
    for (const [name, hash] of Object.entries(JSON.parse(fileOf('manifest.json').toString()) as Record<string, string>))
      expect(hash).toBe(createHash('sha1').update(fileOf(name)).digest('hex'));
    const shouted = fileOf('manifest.json').toString().toUpperCase();
    await expectRefused(packed(files({ 'manifest.json': Buffer.from(shouted) })), /P4|P5/);
  });
});

describe('the signature', () => {
  const signedAgain = async (manifest: Buffer, by: PassSigner = signer) =>
    packed(files({ 'manifest.json': manifest, signature: await by.sign(manifest) }));

  it('P6: is a detached SignedData, without the manifest inside', async () => {
    expect(fileOf('signature').includes(fileOf('manifest.json'))).toBe(false);
    expect(fileOf('signature').subarray(0, 1).toString('hex')).toBe('30');
    await expectRefused(packed(files({ signature: fileOf('pass.json') })), /./);
  });

  it('P7: verifies over the manifest up to the trusted root, as CMS and as S/MIME, and no other manifest does', async () => {
    const pass = { files: files() };
    const changed = { files: files({ 'manifest.json': Buffer.from('{}') }) };
    for (const command of ['cms', 'smime'] as const) {
      expect(await opensslVerdict(command, pass, pems.root)).not.toBe('refused');
      expect(await opensslVerdict(command, changed, pems.root)).not.toBe('verified');
    }
    const others = await makeCertificates();
    await expect(conformantPass(sealed, others.root)).rejects.toThrow('P7');
  });

  it('P8: brings its own certificate and Apple’s intermediate', () => {
    for (const pem of [pems.passCertificate, pems.wwdr])
      expect(fileOf('signature').includes(new X509Certificate(pem).raw)).toBe(true);
  });

  it('P9: says when it was made, within a day of now', async () => {
    const { signer: found } = await conformantPass(sealed, pems.root);
    expect(Math.abs(Date.now() - found.signedAt.getTime())).toBeLessThan(60_000);
  });

  it('P10: is of the pass type of the pass, and nothing is sealed for another', async () => {
    const { signer: found } = await conformantPass(sealed, pems.root);
    expect(found.passTypeIdentifier).toBe(passJson.passTypeIdentifier);
    const other = { ...passJson, passTypeIdentifier: 'pass.com.example.other' };
    await expect(sealPass({ assets, passJson: other, signer })).rejects.toThrow('P10');
  });

  it('P11: is of the team of the pass, and nothing is sealed for another', async () => {
    const { signer: found } = await conformantPass(sealed, pems.root);
    expect(found.teamIdentifier).toBe(passJson.teamIdentifier);
    await expect(sealPass({ assets, passJson: { ...passJson, teamIdentifier: 'ABCDE12345' }, signer })).rejects.toThrow(
      'P11',
    );
  });

  it('P12: is by certificates that are valid now', () => {
    for (const pem of [pems.passCertificate, pems.wwdr]) {
      const { validFrom, validTo } = new X509Certificate(pem);
      expect(Date.parse(validFrom)).toBeLessThan(Date.now());
      expect(Date.parse(validTo)).toBeGreaterThan(Date.now());
    }
  });

  it('P13: breaks with one byte of any file, even when the manifest was made to fit', async () => {
    for (const [name, data] of files()) {
      const changed = Buffer.from(data);
      changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);
      await expectRefused(packed(files({ [name]: changed })), /./);
      if (name !== 'manifest.json' && name !== 'signature')
        await expectRefused(withManifest({ [name]: changed }), /P7|P14|P36/);
    }
  });

  it('P7: of another key over the same manifest is refused', async () => {
    const others = createSigner(signerFilesOf(await makeCertificates()));
    await expectRefused(await signedAgain(fileOf('manifest.json'), others), 'P7');
  });
});

describe('the pictures', () => {
  const images = () => Object.fromEntries(Object.entries(assets.images));

  it.each(['icon.png', 'icon@2x.png', 'icon@3x.png'])('P29: include %s', async (name) => {
    expect(files().has(name)).toBe(true);
    const { [name]: _icon, ...others } = images();
    expect(() => compilePass(others)).toThrow(`P29: ${name}`);
    await Promise.resolve();
  });

  it('P30: are PNGs of the sizes that Wallet has room for, each scale an exact multiple', () => {
    expect(Object.keys(assets.images).toSorted()).toEqual(
      ['artwork', 'icon', 'logo', 'primaryLogo', 'strip']
        .flatMap((kind) => [`${kind}.png`, `${kind}@2x.png`, `${kind}@3x.png`])
        .toSorted(),
    );
    expect(() => compilePass({ ...images(), 'strip.png': Buffer.from('GIF89a'.repeat(20)) })).toThrow('P30: strip.png');
    expect(() => compilePass({ ...images(), 'strip@2x.png': fileOf('strip.png') })).toThrow('P30: strip@2x.png');
    expect(() => compilePass({ ...images(), 'photo.png': fileOf('icon.png') })).toThrow('P30: photo.png');
  });

  it('P31: weigh at most 200 KB each and 500 KB together', () => {
    const heavy = Buffer.concat([fileOf('icon.png'), Buffer.alloc(200 * 1024)]);
    expect(() => compilePass({ ...images(), 'icon.png': heavy })).toThrow('P31: icon.png');
    const each = Buffer.concat([fileOf('logo.png'), Buffer.alloc(190 * 1024)]);
    const logos = { 'logo.png': each, 'icon.png': Buffer.concat([fileOf('icon.png'), Buffer.alloc(190 * 1024)]) };
    const strip = { 'strip.png': Buffer.concat([fileOf('strip.png'), Buffer.alloc(150 * 1024)]) };
    expect(() => compilePass({ ...images(), ...logos, ...strip })).toThrow('P31: images weigh');
  });
});

describe('handing it out', () => {
  it('P39: comes with the type and the name that a phone opens, and is kept by no cache', () => {
    const { headers } = passResponse({ body: sealed, lastModified: new Date('2026-11-22T10:00:00Z') });
    expect(headers.get('content-type')).toBe('application/vnd.apple.pkpass');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[a-z]+\.pkpass"$/);
    expect(headers.get('cache-control')).toContain('no-store');
  });

  it('P40: sealing one version twice gives the same pass.json and manifest', async () => {
    const again = new Map(
      readArchive(await sealPass({ assets, passJson, signer })).map(({ name, data }) => [name, data]),
    );
    expect(again.get('pass.json')).toEqual(fileOf('pass.json'));
    expect(again.get('manifest.json')).toEqual(fileOf('manifest.json'));
  });

  it('says the same as the card package does for the same card, in every language and as a poster', async () => {
    const certificates = { wwdr: pems.wwdr, signerCert: pems.passCertificate, signerKey: pems.passKey };
    const texts = [...files()].filter(([name]) => name.endsWith('.strings'));
    const input = {
      ...assets.images,
      ...Object.fromEntries(texts),
      'pass.json': Buffer.from(JSON.stringify(passJson)),
    };
    const theirs = await conformantPass(new PKPass(input, certificates).getAsBuffer(), pems.root);
    const ours = await conformantPass(sealed, pems.root);
    expect(ours.manifest).toEqual(theirs.manifest);
    expect(ours.files.get('pass.json')?.toString()).toBe(theirs.files.get('pass.json')?.toString());
    expect(texts).toHaveLength(5);
  });
});

describe('experiment 24: a pass of hostile names', () => {
  it.each([
    '../../evil.png',
    '/etc/passwd',
    'C:\\evil.dll',
    'pass.json',
    'signature',
    '__MACOSX/._x',
    'de.lproj/../../x',
  ])('has the same files as any other, none of which leads out of its folder: %s', async (name) => {
    const design: CardDesign = {
      ...richDesign,
      organizationName: name,
      logoText: name,
      terms: name,
      fields: [{ id: 'hostile', side: 'front', label: name, value: name }],
      links: [{ id: 'hostile', label: name, url: 'https://shop.example' }],
      translations: { de: { logoText: name, fields: { hostile: { label: name, value: name } } } },
    };
    const content = buildPassContent(richPassInput({ design, memberName: name }));
    const texts = createPassStrings({ entriesMax: 4 })(design, content.locale);
    const pass = await sealPass({ assets: withFiles(pictures, texts), passJson: samplePassJson(content), signer });
    const names = readArchive(pass).map((file) => file.name);
    expect(names.toSorted()).toEqual([...files().keys()].toSorted());
    const plain = /^([a-z]{2}(-[A-Za-z]+)?\.lproj\/)?[a-zA-Z]+(@[23]x)?(\.(json|png|strings))?$/;
    expect(names.filter((file) => !plain.test(file))).toEqual([]);
  });
});

describe('a design in any script', () => {
  const texts = createPassStrings({ entriesMax: 4 });

  it.each(hardTexts)('is sealed in all languages and reads back as it was written: %j', async (text) => {
    const design: CardDesign = {
      ...richDesign,
      organizationName: text.slice(0, 40),
      logoText: text,
      terms: text,
      fields: [{ id: 'hard', side: 'front', label: `A ${text}`, value: text }],
      links: [{ id: 'hard', label: text, url: 'https://shop.example' }],
      translations: { de: { logoText: text, fields: { hard: { label: 'Hart', value: text } } } },
    };
    const document = samplePassJson(buildPassContent(richPassInput({ design, memberName: text })));
    const pass = await conformantPass(
      await sealPass({ assets: withFiles(pictures, texts(design, 'en')), passJson: document, signer }),
      pems.root,
    );
    expect(pass.passJson).toEqual(document);
    expect(fieldOf(pass, 'terms')).toBe(text);
    expect(languagesOf(pass).get('fr')?.get(text)).toBe(text);
  });
});
