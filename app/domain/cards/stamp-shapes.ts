/** The pictures on stamps, drawn by hand in a 24 × 24 box so that rendering needs no font and no file. */
import type { CardDesign } from '#app/domain/cards/card-design.ts';

export type StampShape = CardDesign['stampShape'];

/** `ink` draws the shape, `ground` is what lies under it and shows through its openings. */
type Draw = (ink: string, ground: string) => string;

const shapes: Record<StampShape, Draw> = {
  cup: (ink) =>
    `<path fill="${ink}" d="M4.2 9.4h12.1v5.9a4.9 4.9 0 0 1-4.9 4.9H9.1a4.9 4.9 0 0 1-4.9-4.9z"/>` +
    `<path fill="none" stroke="${ink}" stroke-width="1.9" d="M16 10.8h1.3a2.5 2.5 0 0 1 0 5.1H16"/>` +
    `<path fill="none" stroke="${ink}" stroke-width="1.5" stroke-linecap="round" d="M7.7 3.4c-1.1 1.2 1.1 2.2 0 3.5M10.3 3.4c-1.1 1.2 1.1 2.2 0 3.5M12.9 3.4c-1.1 1.2 1.1 2.2 0 3.5"/>`,
  star: (ink) =>
    `<path fill="${ink}" stroke="${ink}" stroke-width="1.6" stroke-linejoin="round" d="M12 3.2l2.7 5.6 6.1.8-4.5 4.3 1.1 6.1-5.4-3-5.4 3 1.1-6.1-4.5-4.3 6.1-.8z"/>`,
  heart: (ink) =>
    `<path fill="${ink}" d="M12 20.6S3.4 15.4 3.4 9.3A4.7 4.7 0 0 1 12 6.8a4.7 4.7 0 0 1 8.6 2.5c0 6.1-8.6 11.3-8.6 11.3z"/>`,
  flower: (ink, ground) => {
    const petals = [0, 60, 120, 180, 240, 300].map(
      (angle) => `<ellipse cx="12" cy="6.9" rx="3" ry="3.9" transform="rotate(${angle} 12 12)"/>`,
    );
    return `<g fill="${ink}">${petals.join('')}</g><circle cx="12" cy="12" r="2.6" fill="${ground}"/>`;
  },
  paw: (ink) =>
    `<g fill="${ink}"><path d="M12 11.9c2.8 0 5.8 3.2 5.8 5.9 0 1.7-1.3 2.7-2.9 2.7-1.1 0-1.9-.5-2.9-.5s-1.8.5-2.9.5c-1.6 0-2.9-1-2.9-2.7 0-2.7 3-5.9 5.8-5.9z"/>` +
    `<ellipse cx="4.9" cy="11.3" rx="1.9" ry="2.5" transform="rotate(-24 4.9 11.3)"/><ellipse cx="9.1" cy="6.8" rx="2" ry="2.8" transform="rotate(-8 9.1 6.8)"/>` +
    `<ellipse cx="14.9" cy="6.8" rx="2" ry="2.8" transform="rotate(8 14.9 6.8)"/><ellipse cx="19.1" cy="11.3" rx="1.9" ry="2.5" transform="rotate(24 19.1 11.3)"/></g>`,
  scissors: (ink) =>
    `<g fill="none" stroke="${ink}" stroke-width="2" stroke-linecap="round"><circle cx="6.6" cy="6.9" r="2.9"/><circle cx="6.6" cy="17.1" r="2.9"/>` +
    `<path d="M9 8.6l11 8.2M9 15.4l11-8.2"/></g>`,
  bag: (ink) =>
    `<path fill="${ink}" d="M5.3 8.6h13.4l.9 10.2a2 2 0 0 1-2 2.2H6.4a2 2 0 0 1-2-2.2z"/>` +
    `<path fill="none" stroke="${ink}" stroke-width="1.8" d="M8.6 9.5V6.9a3.4 3.4 0 0 1 6.8 0v2.6"/>`,
  check: (ink) =>
    `<path fill="none" stroke="${ink}" stroke-width="3.2" stroke-linecap="round" stroke-linejoin="round" d="M5.2 12.7l4.6 4.5 9-9.6"/>`,
};

export type ShapePlace = { centerX: number; centerY: number; size: number; ink: string; ground: string };

/** The SVG of one shape, centred on a point and `size` wide. */
export function drawShape(shape: StampShape, place: ShapePlace): string {
  const scale = place.size / 24;
  const [x, y] = [place.centerX - place.size / 2, place.centerY - place.size / 2];
  const drawing = shapes[shape](place.ink, place.ground);
  return `<g transform="translate(${round(x)} ${round(y)}) scale(${round(scale)})">${drawing}</g>`;
}

/** Enough digits for a sharp picture, few enough for a short file. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
