/** Pictures by address, for Google and for our own pages: they show a design, a number of stamps or a logo, and nobody. */
import type { ServerResponse } from 'node:http';

import { drawCardImage } from '#app/flows/cards/draw-card-image.ts';
import { drawLogo } from '#app/flows/cards/draw-logo.ts';
import { drawStripPicture } from '#app/flows/cards/draw-strip-picture.ts';
import { isId } from '#app/lib/ids.ts';

const pattern = /^\/images\/([0-9a-f-]{36})\/(\d{1,6})\/(?:(logo)|hero(?:\/(\d{1,2})\/(\d{1,2}))?)\.png$/;
const uploadPattern = /^\/images\/(logo|strip)\/([0-9a-f]{64})\.png$/;
const yearSeconds = 31_536_000;

async function drawImage(path: string): Promise<Buffer | null> {
  const [, use, hash] = uploadPattern.exec(path) ?? [];
  if (hash !== undefined) return use === 'logo' ? drawLogo(hash) : drawStripPicture(hash);
  const [, programId = '', design, logo, needed, collected] = pattern.exec(path) ?? [];
  if (!isId(programId)) return null;
  const stamps = needed === undefined ? 'picture' : { needed: Number(needed), collected: Number(collected) };
  return drawCardImage({ programId, designNumber: Number(design), shows: logo === undefined ? stamps : 'logo' });
}

/**
 * Serves `/images/{program}/{design}/logo.png`, `/images/{program}/{design}/hero/{needed}/{collected}.png`,
 * `…/hero.png` of a card without stamps, `/images/logo/{hash}.png` and `/images/strip/{hash}.png`. What an address shows
 * never changes.
 */
export async function handleImage(response: ServerResponse, path: string): Promise<void> {
  const image = await drawImage(path);
  if (image === null) {
    response.writeHead(404, { 'content-length': '0' });
    response.end();
    return;
  }
  response.writeHead(200, {
    'content-type': 'image/png',
    'content-length': String(image.length),
    'cache-control': `public, max-age=${yearSeconds}, immutable`,
    'x-content-type-options': 'nosniff',
  });
  response.end(image);
}
