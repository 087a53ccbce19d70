import { createHash } from 'node:crypto';

import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import { logoProblems } from '#app/domain/cards/logo-rules.ts';
import { readLogoImage } from '#app/gateways/logo-image.ts';
import { passImageProblems, pngSize } from '#app/gateways/pass-images.ts';
import { createPassArtwork } from '#app/gateways/pass-artwork.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { floodPng, logoPicture } from '#test/support/logo-files.ts';
import { sampleDesign } from '#test/support/pass-samples.ts';

async function refusalOf(file: Buffer): Promise<InvalidInput> {
  const refusal = await readLogoImage(file).catch((error: unknown) => error);
  if (!(refusal instanceof InvalidInput)) throw new Error('the file was taken');
  return refusal;
}

describe('an uploaded logo', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('is written anew as a PNG from %s, whatever its name', async (format) => {
    const file = await logoPicture({ width: 320, height: 100 })[format]().toBuffer();
    const logo = await readLogoImage(file);
    expect(pngSize(logo.content)).toEqual({ width: 320, height: 100 });
    expect(logo).toMatchObject({ width: 320, height: 100 });
    expect(logo.hash).toBe(createHash('sha256').update(logo.content).digest('hex'));
    expect(await readLogoImage(file)).toEqual(logo);
  });

  it.each([
    [
      { width: 2_400, height: 1_200 },
      { width: 600, height: 300 },
    ],
    [
      { width: 4_000, height: 400 },
      { width: 960, height: 96 },
    ],
    [
      { width: 40, height: 40 },
      { width: 40, height: 40 },
    ],
    [
      { width: 3_000, height: 2 },
      { width: 960, height: 1 },
    ],
  ])('of %o becomes %o', async (given, kept) => {
    const { content } = await readLogoImage(await logoPicture(given).png().toBuffer());
    expect(pngSize(content)).toEqual(kept);
  });

  it('keeps what is see-through', async () => {
    const { content } = await readLogoImage(await logoPicture({ width: 50, height: 50, alpha: 0 }).png().toBuffer());
    expect((await sharp(content).stats()).isOpaque).toBe(false);
  });

  it('loses the place, the camera and the comments, and stands upright', async () => {
    const file = await logoPicture({ width: 200, height: 100 })
      .jpeg()
      .withExif({
        IFD0: { Copyright: 'Canary Photographer', Make: 'CanaryCam' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' },
      })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    expect(file.toString('latin1')).toContain('Canary');
    const { content } = await readLogoImage(file);
    const { exif, icc, xmp, iptc, comments } = await sharp(content).metadata();
    expect({ exif, icc, xmp, iptc, comments }).toEqual({});
    expect(content.toString('latin1')).not.toMatch(/Canary|GPS|eXIf|tEXt/);
    expect(pngSize(content)).toEqual({ width: 100, height: 200 });
  });

  it('drops bytes that follow the picture', async () => {
    const file = await logoPicture({ width: 30, height: 30 }).png().toBuffer();
    const { content } = await readLogoImage(Buffer.concat([file, Buffer.from('<script>alert(1)</script>')]));
    expect(content.toString('latin1')).not.toContain('script');
  });

  it.each(['png', 'jpeg', 'webp'] as const)('that is cut off or spoilt is refused as %s', async (format) => {
    const file = await logoPicture({ width: 300, height: 300, isNoisy: true })[format]().toBuffer();
    for (const part of [file.subarray(0, file.length / 2), file.subarray(0, 20)])
      expect((await refusalOf(part)).code).toBe('logo-damaged');
  });

  it.each([
    ['nothing', ''],
    ['a text', 'hello'],
    ['a page', '<!doctype html><script>alert(1)</script>'],
    ['a drawing', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'],
    [
      'a drawing that says it is XML',
      '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    ],
    ['a GIF', 'GIF89a\x01\x00\x01\x00\x00\x00\x00;'],
    ['a TIFF', 'II*\x00\x08\x00\x00\x00'],
    ['a PDF', '%PDF-1.7'],
    ['a ZIP', 'PK\x03\x04\x14\x00\x00\x00\x08\x00'],
    ['a picture to one reader and a script to another', 'GIF89a/*\x00\x00*/=1;alert(1)//;'],
  ])('is not %s', async (_, text) => {
    const refusal = await refusalOf(Buffer.from(text, 'latin1'));
    expect(refusal.code).toBe('logo-not-a-picture');
    expect(refusal.publicMessage).toBe(logoProblems['logo-not-a-picture']);
  });

  it('that would unfold into gigabytes is refused before it does', async () => {
    const before = process.memoryUsage().rss;
    const refusal = await refusalOf(floodPng(60_000));
    expect(refusal.code).toBe('logo-too-many-pixels');
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });

  it('over 2 MB is refused unread', async () => {
    expect((await refusalOf(Buffer.alloc(2 * 1024 * 1024 + 1))).code).toBe('logo-too-heavy');
  });
});

describe('a logo on the pictures', () => {
  it('stands on Google’s square inside the circle, on the colour of the card', async () => {
    const { content: logo } = await readLogoImage(await logoPicture({ width: 800, height: 250 }).png().toBuffer());
    const google = await createPassArtwork({ entriesMax: 4 }).googleLogo({
      design: { ...sampleDesign, logoImage: 'a'.repeat(64) },
      readImage: async () => logo,
    });
    expect(pngSize(google)).toEqual({ width: 660, height: 660 });
    const { data, info } = await sharp(google).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const pixel = (x: number, y: number) => [
      ...data.subarray((y * 660 + x) * info.channels, (y * 660 + x) * info.channels + 3),
    ];
    expect(pixel(5, 5)).toEqual([0x4b, 0x2e, 0x1e]);
    expect(pixel(330, 330)).toEqual([200, 30, 60]);
    expect(pixel(100, 330)).toEqual([0x4b, 0x2e, 0x1e]);
  });

  it.each([
    { width: 960, height: 300 },
    { width: 77, height: 300 },
    { width: 1, height: 1 },
    { width: 960, height: 1 },
    { width: 1, height: 300 },
  ])('keeps to the sizes of a pass as %o', async (size) => {
    const { content: logo } = await readLogoImage(await logoPicture(size).png().toBuffer());
    const { images } = await createPassArtwork({ entriesMax: 4 }).passAssets({
      design: { ...sampleDesign, logoImage: 'a'.repeat(64) },
      stamps: null,
      readImage: async () => logo,
    });
    expect(passImageProblems(images)).toEqual([]);
  });
});
