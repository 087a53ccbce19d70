/** The picture behind a poster pass (iOS 27): the card's colour, and its stamp, large and quiet. Same input, same picture. */
import { mixColors } from '#app/domain/cards/color.ts';
import { drawShape } from '#app/domain/cards/stamp-shapes.ts';
import type { Canvas, Look } from '#app/domain/cards/stamp-svg.ts';

/** Wallet lays text over the top and the foot: the shape stays between them. */
export function posterSvg({ backgroundColor, stampShape }: Look, { width, height }: Canvas): string {
  const ink = mixColors(backgroundColor, '#ffffff', 0.16);
  const shape = drawShape(stampShape, {
    centerX: width / 2,
    centerY: height * 0.42,
    size: width * 0.62,
    ink,
    ground: backgroundColor,
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<defs><linearGradient id="g" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${mixColors(backgroundColor, '#ffffff', 0.06)}"/>` +
    `<stop offset="1" stop-color="${mixColors(backgroundColor, '#000000', 0.12)}"/></linearGradient></defs>` +
    `<rect width="${width}" height="${height}" fill="url(#g)"/>${shape}</svg>`
  );
}
