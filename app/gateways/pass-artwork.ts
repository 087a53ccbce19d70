/** Keeps rendered pictures in memory: one per design and number of stamps, shared by all members of a program. */
import { createHash } from 'node:crypto';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { compilePass, type PassAssets } from '#app/gateways/pass-sealer.ts';
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

export type ArtworkInput = {
  design: CardDesign;
  /** Stamps to draw; null for a card that counts points only, which has no strip. */
  stamps: { collected: number; needed: number } | null;
  /** The uploaded logo's bytes; null draws the design's stamp. */
  logo: Buffer | null;
};

export type PassArtwork = {
  /** The images of an Apple pass, checked and hashed. Throws `InvalidInput` when they break a rule. */
  passAssets: (input: ArtworkInput) => Promise<PassAssets>;
  /** Google's picture of the collected stamps, a PNG of 1032 × 336. */
  hero: (input: { design: CardDesign; stamps: { collected: number; needed: number } }) => Promise<Buffer>;
  /** Google's programme logo, a PNG of 660 × 660. */
  googleLogo: (input: { design: CardDesign; logo: Buffer | null }) => Promise<Buffer>;
  /** An uploaded logo as it is on the pass at its largest; `hash` names the bytes. */
  pageLogo: (input: { hash: string; logo: Buffer }) => Promise<Buffer>;
};

const scales: Scale[] = [1, 2, 3];

/** A cache of at most `entriesMax` sets of pictures; the least recently used goes first. Asking twice renders once. */
export function createPassArtwork({ entriesMax }: { entriesMax: number }): PassArtwork {
  const assets = createCache<PassAssets>(entriesMax);
  const fixedImages = createCache<Record<string, Buffer>>(entriesMax);
  const heroes = createCache<Buffer>(entriesMax);
  return {
    passAssets: (input) => {
      const look = lookKey(input.design, input.logo);
      return assets(`${look}:${stampKey(input.stamps)}`, async () => {
        const fixed = await fixedImages(look, () => renderFixedImages(input));
        return compilePass({ ...fixed, ...(await renderStrips(input)) });
      });
    },
    hero: ({ design, stamps }) =>
      heroes(`${lookKey(design, null)}:${stampKey(stamps)}`, () => renderHero(design, stateOf(stamps))),
    googleLogo: ({ design, logo }) =>
      heroes(`${lookKey(design, logo)}:logo`, () =>
        logo ? renderUploadedGoogleLogo(design, logo) : renderGoogleLogo(design),
      ),
    pageLogo: ({ hash, logo }) => heroes(`page:${hash}`, () => fitLogo(logo, 3)),
  };
}

async function renderFixedImages({ design, logo }: ArtworkInput): Promise<Record<string, Buffer>> {
  const images: Record<string, Buffer> = {};
  for (const scale of scales) {
    images[fileName('icon', scale)] = await renderIcon(design, scale);
    images[fileName('logo', scale)] = logo ? await fitLogo(logo, scale) : await renderLogo(design, scale);
  }
  return images;
}

async function renderStrips({ design, stamps }: ArtworkInput): Promise<Record<string, Buffer>> {
  const images: Record<string, Buffer> = {};
  if (!stamps) return images;
  for (const scale of scales) images[fileName('strip', scale)] = await renderStrip(design, stateOf(stamps), scale);
  return images;
}

function fileName(kind: string, scale: Scale): string {
  return scale === 1 ? `${kind}.png` : `${kind}@${scale}x.png`;
}

function stateOf({ collected, needed }: { collected: number; needed: number }): StampState {
  return { total: needed, filled: collected };
}

function stampKey(stamps: ArtworkInput['stamps']): string {
  return stamps ? `${stamps.collected}/${stamps.needed}` : 'none';
}

/** Everything a picture depends on but the stamps. Text and names do not count: they are not drawn. */
function lookKey(design: CardDesign, logo: Buffer | null): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([design.backgroundColor, design.labelColor, design.stampShape]));
  // A logo that is stored is named by its hash already.
  if (logo) hash.update(design.logoImage ?? logo);
  return hash.digest('base64url');
}

/** Remembers promises, so that many who ask for the same at once wait for one rendering; a failure is forgotten. */
function createCache<Value>(entriesMax: number) {
  const entries = new Map<string, Promise<Value>>();
  return (key: string, make: () => Promise<Value>): Promise<Value> => {
    const known = entries.get(key);
    if (known) {
      entries.delete(key);
      entries.set(key, known);
      return known;
    }
    const made = make();
    entries.set(key, made);
    made.catch(() => entries.delete(key));
    const [oldest] = entries.keys();
    if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
    return made;
  };
}
