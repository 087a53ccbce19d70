/**
 * What pictures cost a pass: drawn once for each number of stamps, looked up ever after. The baseline is drawing them for each
 * pass, which is what a card without memory does.
 */
import sharp from 'sharp';

import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { createPassArtwork, type ArtworkInput } from '#app/gateways/pass-artwork.ts';
import { type BenchResult, median, rounded } from '#test/load/support.ts';
import { sampleDesign } from '#test/support/pass-samples.ts';

const needed = 10;

/** Something like a photograph: soft shapes of many colours. */
async function photograph(): Promise<Buffer> {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 60 };
  return sharp({ create: { width: 45, height: 18, channels: 3, background: '#000000', noise } })
    .png()
    .toBuffer()
    .then((small) => sharp(small).resize(1_125, 432, { kernel: 'cubic' }).png().toBuffer());
}

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

type Figures = { firstMs: number; passMs: number; kilobytes: number };

/** Draws every number of stamps once, then looks each up so many times. */
async function measure(design: CardDesign, picture: Buffer | null, lookUps: number): Promise<Figures> {
  const artwork = createPassArtwork({ entriesMax: 100 });
  const readImage = async () => picture;
  const inputs = Array.from({ length: needed }, (_, collected): ArtworkInput => ({ design, stamps: { collected, needed }, readImage })); // prettier-ignore
  const firsts: number[] = [];
  let bytes = 0;
  for (const input of inputs) {
    firsts.push(await millisecondsOf(() => artwork.passAssets(input)));
    const { images } = await artwork.passAssets(input);
    bytes = Math.max(bytes, ...Object.values(images).map((image) => image.length));
  }
  const first = await artwork.passAssets(inputs[0] ?? { design, stamps: null, readImage });
  const all = await millisecondsOf(async () => {
    for (let index = 0; index < lookUps; index += 1) {
      const input = inputs[index % needed];
      // As a request does it: the design comes from the database anew.
      if (input !== undefined) await artwork.passAssets({ ...input, design: structuredClone(input.design) });
    }
  });
  if ((await artwork.passAssets(inputs[0] ?? { design, stamps: null, readImage })) !== first)
    throw new Error('a picture was drawn twice');
  return { firstMs: median(firsts), passMs: all / lookUps, kilobytes: bytes / 1024 };
}

function wordsOf(figures: Figures[]): string {
  const newest = figures.at(-1);
  return `first ${rounded(newest?.firstMs ?? 0)} ms, then ${rounded(newest?.passMs ?? 0, 4)} ms a pass`;
}

/** Runs the bench. Fails when a pass costs more than a millisecond, or a picture was drawn twice. */
export async function benchStrip({ isQuick }: { isQuick: boolean }): Promise<BenchResult> {
  const rounds = isQuick ? 2 : 5;
  const lookUps = isQuick ? 20_000 : 100_000;
  const withPicture = { ...sampleDesign, stripImage: 'a'.repeat(64) };
  const picture = await photograph();
  const plain: Figures[] = [];
  const pictured: Figures[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    plain.push(await measure(sampleDesign, null, lookUps));
    pictured.push(await measure(withPicture, picture, lookUps));
    console.log(`round ${round}: ${wordsOf(plain)}; with a picture ${wordsOf(pictured)}`);
  }
  const of = (figures: Figures[], figure: keyof Figures) => median(figures.map((each) => each[figure]));
  const passMs = Math.max(of(plain, 'passMs'), of(pictured, 'passMs'));
  if (passMs > 1) throw new Error(`a pass costs ${passMs} ms`);
  return {
    bench: 'strip',
    ratio: rounded(of(plain, 'firstMs') / passMs),
    ratios: { drawnEachTime: rounded(of(plain, 'firstMs') / passMs) },
    rounds,
    passMs: rounded(passMs, 4),
    firstMs: rounded(of(plain, 'firstMs')),
    firstMsWithPicture: rounded(of(pictured, 'firstMs')),
    heaviestKilobytes: rounded(of(plain, 'kilobytes')),
    heaviestKilobytesWithPicture: rounded(of(pictured, 'kilobytes')),
  };
}
