/** Pictures that Google fetches by address: they show a design and a number of stamps, and nobody. */
import type { ServerResponse } from 'node:http';

import { drawCardImage } from '#app/flows/draw-card-image.ts';
import { isId } from '#app/lib/ids.ts';

const pattern = /^\/images\/([0-9a-f-]{36})\/(\d{1,6})\/(?:(logo)|hero\/(\d{1,2})\/(\d{1,2}))\.png$/;
const yearSeconds = 31_536_000;

/** Serves `/images/{program}/{design}/logo.png` and `/images/{program}/{design}/hero/{needed}/{collected}.png`. */
export async function handleImage(response: ServerResponse, path: string): Promise<void> {
  const [, programId = '', design, logo, needed, collected] = pattern.exec(path) ?? [];
  const image =
    programId !== '' && isId(programId)
      ? await drawCardImage({
          programId,
          designNumber: Number(design),
          stamps: logo === undefined ? { needed: Number(needed), collected: Number(collected) } : null,
        })
      : null;
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
