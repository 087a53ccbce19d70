import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ApplePass } from '#app/domain/cards/apple-pass.ts';
import { buildPassContent } from '#app/domain/cards/pass-content.ts';
import { createPassArtwork } from '#app/gateways/pass-artwork.ts';
import { passImageProblems, pngSize } from '#app/gateways/pass-images.ts';
import { compilePass, createSigner, type PassAssets, type PassSigner, sealPass } from '#app/gateways/pass-sealer.ts';
import { type CertificatePems, makeCertificates } from '#test/platform/certificates.ts';
import { conformantPass } from '#test/support/conformant-pass.ts';
import { keptCertificates } from '#test/support/kept-certificates.ts';
import { noImages, sampleDesign, samplePassInput, samplePassJson, signerFilesOf } from '#test/support/pass-samples.ts';

let pems: CertificatePems;
let signer: PassSigner;
let assets: PassAssets;
let passJson: ApplePass;

beforeAll(async () => {
  ({ pems } = await keptCertificates());
  signer = createSigner(signerFilesOf(pems));
  const { stamps } = buildPassContent(samplePassInput());
  assets = await createPassArtwork({ entriesMax: 4 }).passAssets({ design: sampleDesign, stamps, readImage: noImages });
  passJson = samplePassJson();
});

describe('the sealed package', () => {
  it('P12: knows how long its certificates are valid', () => {
    const ends = [pems.passCertificate, pems.wwdr].map((pem) => new Date(new X509Certificate(pem).validTo).getTime());
    expect(signer.validUntil.getTime()).toBe(Math.min(...ends));
  });

  it('P9: many passes sealed at once each carry their own signature', async () => {
    const documents = Array.from({ length: 40 }, () => samplePassJson());
    const passes = await Promise.all(documents.map((each) => sealPass({ assets, passJson: each, signer })));
    const read = await Promise.all(passes.map((each) => conformantPass(each, pems.root)));
    const serials = read.map((each) => each.passJson['serialNumber']);
    expect(serials).toEqual(documents.map((each) => each.serialNumber));
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
    const full = await artwork.passAssets({
      design: sampleDesign,
      stamps: { collected: 29, needed: 30 },
      readImage: noImages,
    });
    expect(Object.values(full.images).reduce((sum, image) => sum + image.length, 0)).toBeLessThan(500 * 1024);
  });

  it('are rendered once however many ask, and the same bytes come out every time', async () => {
    const artwork = createPassArtwork({ entriesMax: 4 });
    const input = { design: sampleDesign, stamps: { collected: 4, needed: 10 }, readImage: noImages };
    const [a, b] = await Promise.all([artwork.passAssets(input), artwork.passAssets(input)]);
    expect(a).toBe(b);
    expect(a.hashes).toEqual(assets.hashes);
  });

  it('leave out the strip when a card counts points only', async () => {
    const { images } = await createPassArtwork({ entriesMax: 4 }).passAssets({
      design: sampleDesign,
      stamps: null,
      readImage: noImages,
    });
    expect(Object.keys(images).some((name) => name.startsWith('strip'))).toBe(false);
  });

  it('fit an uploaded logo into the space it has', async () => {
    const artwork = createPassArtwork({ entriesMax: 4 });
    const stamps = { collected: 1, needed: 5 };
    const upload = await artwork.hero({ design: sampleDesign, stamps, readImage: noImages });
    const design = { ...sampleDesign, logoImage: 'a'.repeat(64) };
    const { images } = await artwork.passAssets({ design, stamps: null, readImage: async () => upload });
    expect(pngSize(images['logo@2x.png'] ?? Buffer.alloc(0))).toEqual({ width: 306, height: 100 });
  });

  it('draw Google’s picture of the stamps at the size that Google asks for', async () => {
    const hero = await createPassArtwork({ entriesMax: 4 }).hero({
      design: sampleDesign,
      stamps: { collected: 4, needed: 10 },
      readImage: noImages,
    });
    expect(pngSize(hero ?? Buffer.alloc(0))).toEqual({ width: 1032, height: 336 });
  });
});
