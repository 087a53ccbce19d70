/** Pictures on strips: what merchants upload, and what is drawn with it. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import { contrastOf, largeTextContrastMin, parseHexColor } from '#app/domain/cards/color.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { stripProblems } from '#app/domain/cards/strip-rules.ts';
import { createPassArtwork, type DrawnStamps } from '#app/gateways/pass-artwork.ts';
import { passImageProblems, pngSize } from '#app/gateways/pass-images.ts';
import { readStripPicture } from '#app/gateways/strip-picture.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { cmykJpeg, floodPng, logoPicture, movingWebp } from '#test/support/logo-files.ts';
import { sampleDesign } from '#test/support/pass-samples.ts';

async function refusalOf(file: Buffer): Promise<string> {
  const refusal = await readStripPicture(file).catch((error: unknown) => error);
  if (!(refusal instanceof InvalidInput)) throw new Error('the file was taken');
  expect(refusal.issues).toEqual([{ path: 'strip', message: refusal.publicMessage }]);
  return refusal.code;
}

const photo = () => logoPicture({ width: 1_500, height: 1_000, isNoisy: true });

describe('an uploaded strip picture', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('becomes a PNG of the strip’s own size from %s', async (format) => {
    const file = await photo()[format]().toBuffer();
    const picture = await readStripPicture(file);
    expect(pngSize(picture.content)).toEqual({ width: 1_125, height: 432 });
    expect(await readStripPicture(file)).toEqual(picture);
  });

  it('of four inks or sixteen bits becomes plain sRGB', async () => {
    const deep = await logoPicture({ width: 800, height: 400 }).toColourspace('rgb16').png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe('ushort');
    const inks = await cmykJpeg({ width: 800, height: 400 });
    expect((await sharp(inks).metadata()).space).toBe('cmyk');
    for (const file of [deep, inks]) {
      const { space, depth, icc, exif } = await sharp((await readStripPicture(file)).content).metadata();
      expect({ space, depth, icc, exif }).toEqual({ space: 'srgb', depth: 'uchar', icc: undefined, exif: undefined });
    }
  });

  it('loses profile, place and camera, and whatever follows it', async () => {
    const file = await photo()
      .jpeg()
      .withIccProfile('p3')
      .withExif({ IFD0: { Make: 'CanaryCam' } })
      .toBuffer();
    expect((await sharp(file).metadata()).icc).toBeDefined();
    const { content } = await readStripPicture(Buffer.concat([file, Buffer.from('<?php system("canary") ?>')]));
    // By what it holds: in a megabyte of noise any four letters may stand.
    const { exif, icc, xmp, iptc, comments } = await sharp(content).metadata();
    expect({ exif, icc, xmp, iptc, comments }).toEqual({});
    expect(content.toString('latin1')).not.toMatch(/Canary|canary/);
  });

  it.each([
    ['strip-too-heavy', async () => Buffer.alloc(8 * 1024 * 1024 + 1)],
    ['strip-not-a-picture', async () => Buffer.alloc(0)],
    [
      'strip-not-a-picture',
      async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'),
    ],
    ['strip-not-a-picture', async () => Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00;', 'latin1')],
    ['strip-too-many-pixels', async () => floodPng(60_000)],
    ['strip-too-small', async () => logoPicture({ width: 749, height: 400 }).png().toBuffer()],
    ['strip-too-small', async () => logoPicture({ width: 900, height: 287 }).png().toBuffer()],
    ['strip-moves', async () => movingWebp({ width: 800, height: 400 })],
    ['strip-damaged', async () => (await photo().png().toBuffer()).subarray(0, 60_000)],
    ['strip-damaged', async () => (await photo().png().toBuffer()).subarray(0, 20)],
    // A polyglot: a picture by its first bytes, a page behind them.
    ['strip-damaged', async () => Buffer.from('\x89PNG\r\n\x1a\n<script>alert(1)</script>', 'latin1')],
  ] as const)('is refused as %s, with the field and what would be right', async (code, file) => {
    expect(await refusalOf(await file())).toBe(code);
    expect(stripProblems[code]).toMatch(/try again|Choose|choose|at least|export/);
  });

  it('is measured as people see it, not as the camera lay', async () => {
    const upright = await logoPicture({ width: 400, height: 800 }).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(pngSize((await readStripPicture(upright)).content)).toEqual({ width: 1_125, height: 432 });
    const lying = await logoPicture({ width: 800, height: 400 }).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(await refusalOf(lying)).toBe('strip-too-small');
  });
});

const size = { width: 1_125, height: 432 };
const plainPicture = (background: string) =>
  sharp({ create: { ...size, channels: 3, background } })
    .png()
    .toBuffer();
const noise = () =>
  sharp({ create: { ...size, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 128, sigma: 90 } } })
    .png()
    .toBuffer();

const withPicture = (change: Partial<CardDesign> = {}): CardDesign => ({
  ...sampleDesign,
  stripImage: 'b'.repeat(64),
  ...change,
});

async function imagesWith(picture: Buffer | null, stamps: DrawnStamps, change: Partial<CardDesign> = {}) {
  const artwork = createPassArtwork({ entriesMax: 4 });
  return artwork.passAssets({ design: withPicture(change), stamps, readImage: async () => picture });
}

async function colorsAt(png: Buffer, places: [number, number][]) {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return places.map(([x, y]) => {
    const at = (y * info.width + x) * info.channels;
    const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
    return { red, green, blue };
  });
}

const corners: [number, number][] = [[4, 4], [1_120, 4], [4, 427], [1_120, 427]]; // prettier-ignore

describe('a strip with a picture', () => {
  it.each([
    ['white', '#ffffff'],
    ['black', '#000000'],
    ['the ink’s own colour', sampleDesign.labelColor],
    ['a loud red', '#ff0000'],
  ])('of %s keeps the stamps apart from it', async (_, color) => {
    const { images } = await imagesWith(await plainPicture(color), { collected: 3, needed: 10 });
    const ink = parseHexColor(sampleDesign.labelColor);
    for (const ground of await colorsAt(images['strip@3x.png'] ?? Buffer.alloc(0), corners))
      expect(contrastOf(ground, ink)).toBeGreaterThanOrEqual(largeTextContrastMin - 0.1);
  });

  it.each([
    ['on a light card', { backgroundColor: '#fafafa', labelColor: '#222222', foregroundColor: '#111111' }],
    ['on a card of middle grey', { backgroundColor: '#808080', labelColor: '#818181', foregroundColor: '#7f7f7f' }],
  ])('keeps them apart %s', async (_, colors) => {
    const { images } = await imagesWith(await plainPicture('#444444'), { collected: 3, needed: 10 }, colors);
    const { images: bare } = await imagesWith(null, { collected: 10, needed: 10 }, { ...colors, stripImage: null });
    const [badge = parseHexColor('#000000')] = await colorsAt(bare['strip@3x.png'] ?? Buffer.alloc(0), [[130, 95]]);
    const [ground = badge] = await colorsAt(images['strip@3x.png'] ?? Buffer.alloc(0), corners);
    expect(contrastOf(ground, badge)).toBeGreaterThanOrEqual(largeTextContrastMin - 0.3);
  });

  it('shows the picture through, and each number of stamps its own', async () => {
    const red = await imagesWith(await plainPicture('#c02020'), { collected: 3, needed: 10 });
    const blue = await imagesWith(await plainPicture('#2020c0'), { collected: 3, needed: 10 });
    const more = await imagesWith(await plainPicture('#c02020'), { collected: 4, needed: 10 });
    expect(new Set([red, blue, more].map(({ hashes }) => hashes['strip@2x.png'])).size).toBe(3);
    const [shown] = await colorsAt(red.images['strip@3x.png'] ?? Buffer.alloc(0), corners);
    expect(shown?.red).toBeGreaterThan((shown?.blue ?? 255) + 20);
  });

  it('P30 P31: fits a pass at every scale, even of pure noise and with thirty stamps', async () => {
    const { images } = await imagesWith(await noise(), { collected: 17, needed: 30 });
    expect(passImageProblems(images)).toEqual([]);
    for (const scale of [1, 2, 3])
      expect(pngSize(images[scale === 1 ? 'strip.png' : `strip@${scale}x.png`] ?? Buffer.alloc(0))).toEqual({
        width: 375 * scale,
        height: 144 * scale,
      });
  });

  it('is the picture alone on a card of points, as clear as the text on it lets it be', async () => {
    const { images } = await imagesWith(await plainPicture('#203040'), null);
    const [dark] = await colorsAt(images['strip@3x.png'] ?? Buffer.alloc(0), [[560, 216]]);
    expect(dark).toEqual(parseHexColor('#203040'));
    const bright = await imagesWith(await plainPicture('#ffffff'), null);
    const [veiled] = await colorsAt(bright.images['strip@3x.png'] ?? Buffer.alloc(0), [[560, 216]]);
    const text = parseHexColor(sampleDesign.foregroundColor);
    expect(contrastOf(veiled ?? text, text)).toBeGreaterThanOrEqual(largeTextContrastMin - 0.1);
  });

  it('is Google’s hero too, unveiled where nothing is written on it, and none where there is nothing to show', async () => {
    const artwork = createPassArtwork({ entriesMax: 4 });
    const white = await plainPicture('#ffffff');
    const alone = await artwork.hero({ design: withPicture(), stamps: null, readImage: async () => white });
    expect(pngSize(alone ?? Buffer.alloc(0))).toEqual({ width: 1_032, height: 336 });
    expect(await colorsAt(alone ?? Buffer.alloc(0), [[500, 160]])).toEqual([parseHexColor('#ffffff')]);
    const stamps = { collected: 2, needed: 6 };
    expect(await artwork.hero({ design: withPicture(), stamps, readImage: async () => white })).not.toEqual(alone);
    expect(await artwork.hero({ design: sampleDesign, stamps: null, readImage: async () => white })).toBeNull();
  });
});

describe('what was drawn', () => {
  it('is drawn once for all who ask, by what it shows and not by who asks', async () => {
    let reads = 0;
    const white = await plainPicture('#ffffff');
    const readImage = async () => {
      reads += 1;
      return white;
    };
    const artwork = createPassArtwork({ entriesMax: 8 });
    const input = { design: withPicture(), stamps: { collected: 1, needed: 8 }, readImage };
    const [one, two] = await Promise.all([artwork.passAssets(input), artwork.passAssets({ ...input })]);
    expect(two).toBe(one);
    const renamed = await artwork.passAssets({ ...input, design: withPicture({ organizationName: 'Another Door' }) });
    expect([renamed, reads]).toEqual([one, 1]);
  });

  it('without a picture that was named is not kept: once it is there, it shows', async () => {
    const artwork = createPassArtwork({ entriesMax: 8 });
    const white = await plainPicture('#ffffff');
    let isThere = false;
    const readImage = async () => (isThere ? white : null);
    const input = { design: withPicture(), stamps: { collected: 1, needed: 8 }, readImage };
    const without = await artwork.passAssets(input);
    const plain = await artwork.passAssets({ ...input, design: sampleDesign });
    expect(without.hashes['strip.png']).toBe(plain.hashes['strip.png']);
    isThere = true;
    expect((await artwork.passAssets(input)).hashes['strip.png']).not.toBe(plain.hashes['strip.png']);
  });
});
