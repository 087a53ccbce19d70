/**
 * Keeps rendered pictures in memory, each by what it is drawn from: one per design and number of stamps, shared by all
 * members of a program. What was drawn once costs a look-up afterwards; uploads are only read when something is drawn.
 */
import { createHash } from 'node:crypto';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { compilePass, type PassAssets } from '#app/gateways/pass-sealer.ts';
import { fitPrimaryLogo, renderArtwork } from '#app/gateways/poster-image.ts';
import type { StampState } from '#app/domain/cards/stamp-svg.ts';
import {
  fitLogo,
  renderGoogleLogo,
  renderHero,
  renderIcon,
  renderLogo,
  renderStrip,
  renderUploadedGoogleLogo,
  type Scale,
} from '#app/gateways/strip-image.ts';

/** The PNG of a picture the shop uploaded, by its hash; null when it is not there any more. */
export type ReadImage = (hash: string) => Promise<Buffer | null>;

/** Stamps to draw; null for a card that counts points only. */
export type DrawnStamps = { collected: number; needed: number } | null;

export type ArtworkInput = { design: CardDesign; stamps: DrawnStamps; readImage: ReadImage };

export type PassArtwork = {
  /**
   * The images of an Apple pass, checked and hashed: with stamps or the design's picture, a strip. A picture that is gone
   * is drawn as if the design named none. Throws `InvalidInput` when they break a rule.
   */
  passAssets: (input: ArtworkInput) => Promise<PassAssets>;
  /** Google's picture of the collected stamps or of the design, a PNG of 1032 × 336; null when there is nothing to draw. */
  hero: (input: ArtworkInput) => Promise<Buffer | null>;
  /** Google's programme logo, a PNG of 660 × 660. */
  googleLogo: (input: { design: CardDesign; readImage: ReadImage }) => Promise<Buffer>;
  /** An uploaded logo as it is on the pass at its largest; `hash` names the bytes. */
  pageLogo: (input: { hash: string; logo: Buffer }) => Promise<Buffer>;
};

const scales: Scale[] = [1, 2, 3];

/** A cache of at most `entriesMax` sets of pictures; the least recently used goes first. Asking twice renders once. */
export function createPassArtwork({ entriesMax }: { entriesMax: number }): PassArtwork {
  const assets = createCache<PassAssets>(entriesMax);
  const marks = createCache<Record<string, Buffer>>(entriesMax);
  const strips = createCache<Record<string, Buffer>>(entriesMax);
  const posters = createCache<Record<string, Buffer>>(entriesMax);
  const pictures = createCache<Buffer | null>(entriesMax);
  return {
    passAssets: ({ design, stamps, readImage }) => {
      const logo = drawnUpload(design.logoImage, readImage);
      const strip = drawnUpload(design.stripImage, readImage);
      const [markKey, stripKey] = [keyOfMarks(design), keyOfStrip(design, stamps)];
      return assets(`${markKey}:${stripKey}:${design.poster.isOn ? 'poster' : ''}`, [logo, strip], async () =>
        compilePass({
          ...(await marks(markKey, [logo], async () => renderMarks(design, await logo.read()))),
          ...(await strips(stripKey, [strip], async () => renderStrips(design, stamps, await strip.read()))),
          ...(design.poster.isOn
            ? await posters(markKey, [logo], async () => renderPoster(design, await logo.read()))
            : {}),
        }),
      );
    },
    hero: ({ design, stamps, readImage }) => {
      const strip = drawnUpload(design.stripImage, readImage);
      return pictures(`hero:${keyOfStrip(design, stamps)}`, [strip], async () => {
        const picture = await strip.read();
        if (stamps === null && picture === null) return null;
        return renderHero({ look: design, stamps: stateOf(stamps), picture });
      });
    },
    googleLogo: async ({ design, readImage }) => {
      const logo = drawnUpload(design.logoImage, readImage);
      const drawn = await pictures(`logo:${keyOfMarks(design)}`, [logo], async () => {
        const picture = await logo.read();
        return picture ? renderUploadedGoogleLogo(design, picture) : renderGoogleLogo(design);
      });
      return drawn ?? renderGoogleLogo(design);
    },
    pageLogo: async ({ hash, logo }) => (await pictures(`page:${hash}`, [], () => fitLogo(logo, 3))) ?? logo,
  };
}

async function renderMarks(design: CardDesign, logo: Buffer | null): Promise<Record<string, Buffer>> {
  const images: Record<string, Buffer> = {};
  for (const scale of scales) {
    images[fileName('icon', scale)] = await renderIcon(design, scale);
    images[fileName('logo', scale)] = logo ? await fitLogo(logo, scale) : await renderLogo(design, scale);
  }
  return images;
}

/** What iOS 27 shows instead of the strip. */
async function renderPoster(design: CardDesign, logo: Buffer | null): Promise<Record<string, Buffer>> {
  const images: Record<string, Buffer> = {};
  const largest = logo ?? (await renderLogo(design, 3));
  for (const scale of scales) {
    images[fileName('artwork', scale)] = await renderArtwork(design, scale);
    images[fileName('primaryLogo', scale)] = await fitPrimaryLogo(largest, scale);
  }
  return images;
}

async function renderStrips(
  design: CardDesign,
  stamps: DrawnStamps,
  picture: Buffer | null,
): Promise<Record<string, Buffer>> {
  const images: Record<string, Buffer> = {};
  if (stamps === null && picture === null) return images;
  const drawing = { look: design, stamps: stateOf(stamps), picture };
  for (const scale of scales) images[fileName('strip', scale)] = await renderStrip(drawing, scale);
  return images;
}

function fileName(kind: string, scale: Scale): string {
  return scale === 1 ? `${kind}.png` : `${kind}@${scale}x.png`;
}

function stateOf(stamps: DrawnStamps): StampState | null {
  return stamps && { total: stamps.needed, filled: stamps.collected };
}

type DrawnUpload = { read: () => Promise<Buffer | null>; isMissing: () => boolean };

/** An upload that is read at most once, and remembers when it was named and not found. */
function drawnUpload(hash: string | null, readImage: ReadImage): DrawnUpload {
  let reading: Promise<Buffer | null> | undefined;
  let isMissing = false;
  const read = async () => {
    const image = hash === null ? null : await readImage(hash);
    isMissing = hash !== null && image === null;
    return image;
  };
  return { read: () => (reading ??= read()), isMissing: () => isMissing };
}

/** Everything the icon and the logo depend on. Text and names do not count: they are not drawn. */
function keyOfMarks({ backgroundColor, labelColor, stampShape, logoImage }: CardDesign): string {
  return digest([backgroundColor, labelColor, stampShape, logoImage]);
}

/** Everything the strip and the hero depend on. The text's colour counts only where text lies on the picture. */
function keyOfStrip(design: CardDesign, stamps: DrawnStamps): string {
  const { backgroundColor, labelColor, foregroundColor, stampShape, stripImage } = design;
  if (stamps === null) return stripImage === null ? 'none' : digest([backgroundColor, foregroundColor, stripImage]);
  return digest([backgroundColor, labelColor, stampShape, stripImage, stamps.needed, stamps.collected]);
}

function digest(parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/**
 * Remembers promises, so that many who ask for the same at once wait for one rendering. A failure is forgotten, and so is
 * what was drawn without an upload it should have had.
 */
function createCache<Value>(entriesMax: number) {
  const entries = new Map<string, Promise<Value>>();
  return (key: string, uploads: DrawnUpload[], make: () => Promise<Value>): Promise<Value> => {
    const known = entries.get(key);
    if (known) {
      entries.delete(key);
      entries.set(key, known);
      return known;
    }
    const made = make();
    entries.set(key, made);
    const forget = () => {
      if (entries.get(key) === made) entries.delete(key);
    };
    made.then(() => (uploads.some((upload) => upload.isMissing()) ? forget() : undefined), forget);
    const [oldest] = entries.keys();
    if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
    return made;
  };
}
