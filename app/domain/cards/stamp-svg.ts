/** Draws the stamp strip, the marks and the icon of a design as SVG. Same input, same picture. */
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { largeTextContrastMin, luminanceOf, mixColors, parseHexColor, readableColor } from '#app/domain/cards/color.ts';
import { drawShape, round } from '#app/domain/cards/stamp-shapes.ts';

/** The parts of a design that a picture depends on. */
export type Look = Pick<CardDesign, 'backgroundColor' | 'labelColor' | 'stampShape'>;
export type StampState = { total: number; filled: number };
export type Canvas = { width: number; height: number };

const rowsMax = 3;
/** Rows of one length look tidier than badges that are a hair larger. */
const evenRowsWorth = 1.05;

/** A band with one badge per stamp: collected ones solid, the next one hinted, the last one a seal. */
export function stampStripSvg(look: Look, state: StampState, canvas: Canvas): string {
  return svg(canvas, `${groundSvg(look, canvas)}${badgesSvg(look, state, canvas)}`);
}

/** The badges alone, to be laid over a picture: behind each lies some of the card's colour, so that a hint stays one. */
export function stampsSvg(look: Look, state: StampState, canvas: Canvas): string {
  const { places, radius } = placeBadges(state.total, canvas);
  const paint = `fill="${look.backgroundColor}" fill-opacity="0.5"`;
  const backing = places.map((place) => circle(place, { radius: radius * 1.18, paint }));
  return svg(canvas, `${backing.join('')}${badgesSvg(look, state, canvas)}`);
}

function badgesSvg(look: Look, { total, filled }: StampState, canvas: Canvas): string {
  const ink = inkOf(look);
  const { places, radius } = placeBadges(total, canvas);
  const badges = places.map((place, index) => {
    const kind = index < filled ? 'collected' : index === filled ? 'next' : 'open';
    return badgeSvg({ ...place, radius, look, ink, kind, isLast: index === total - 1 });
  });
  return badges.join('');
}

/** A square mark: the design's shape on its colour. `margin` is the share of the side kept free around the shape. */
export function markSvg(look: Look, sidePx: number, frame: { margin: number; cornerShare: number }): string {
  const { backgroundColor } = look;
  const corner = round(sidePx * frame.cornerShare);
  const ground =
    `<defs><linearGradient id="g" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${mixColors(backgroundColor, '#ffffff', 0.1)}"/>` +
    `<stop offset="1" stop-color="${mixColors(backgroundColor, '#000000', 0.1)}"/></linearGradient></defs>` +
    `<rect width="${sidePx}" height="${sidePx}" rx="${corner}" fill="url(#g)"/>`;
  const center = sidePx / 2;
  const size = sidePx * (1 - 2 * frame.margin);
  const shape = drawShape(look.stampShape, {
    centerX: center,
    centerY: center,
    size,
    ink: inkOf(look),
    ground: backgroundColor,
  });
  return svg({ width: sidePx, height: sidePx }, ground + shape);
}

/** The logo of a design without an upload: one solid badge, like a collected stamp. */
export function logoSvg(look: Look, sidePx: number): string {
  const center = sidePx / 2;
  const badge = badgeSvg({
    x: center,
    y: center,
    radius: sidePx * 0.46,
    look,
    ink: inkOf(look),
    kind: 'collected',
    isLast: false,
  });
  return svg({ width: sidePx, height: sidePx }, badge);
}

/** Stamps take the label colour, as long as it stands out. */
export function inkOf(look: Look): string {
  return readableColor(look.labelColor, look.backgroundColor, largeTextContrastMin);
}

function groundSvg({ backgroundColor }: Look, { width, height }: Canvas): string {
  const lighter = mixColors(backgroundColor, '#ffffff', 0.09);
  // On a light card the same share of black would look like dirt.
  const isLight = luminanceOf(parseHexColor(backgroundColor)) > 0.4;
  const darker = mixColors(backgroundColor, '#000000', isLight ? 0.05 : 0.16);
  return (
    `<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${lighter}"/>` +
    `<stop offset="0.55" stop-color="${backgroundColor}"/><stop offset="1" stop-color="${darker}"/></linearGradient></defs>` +
    `<rect width="${width}" height="${height}" fill="url(#g)"/>`
  );
}

type Place = { x: number; y: number };

/** As many rows as give the largest badges, even ones first; rows differ by at most one badge and are centred. */
function placeBadges(total: number, canvas: Canvas): { places: Place[]; radius: number } {
  const layouts = Array.from({ length: Math.min(rowsMax, total) }, (_, index) => layoutOf(total, index + 1, canvas));
  const worth = ({ radius, isEven }: Layout) => radius * (isEven ? evenRowsWorth : 1);
  const best = layouts.reduce((a, b) => (worth(b) > worth(a) ? b : a));
  const places: Place[] = [];
  for (const [row, count] of best.rows.entries()) {
    const y = canvas.height / 2 + (row - (best.rows.length - 1) / 2) * best.pitchY;
    for (let column = 0; column < count; column += 1)
      places.push({ x: canvas.width / 2 + (column - (count - 1) / 2) * best.pitchX, y });
  }
  return { places, radius: best.radius };
}

type Layout = ReturnType<typeof layoutOf>;

function layoutOf(total: number, rowCount: number, { width, height }: Canvas) {
  const columns = Math.ceil(total / rowCount);
  const shorter = Math.floor(total / rowCount);
  const longRows = total - shorter * rowCount;
  const rows = Array.from({ length: rowCount }, (_, index) => (index < longRows ? columns : shorter));
  const pitchX = Math.min((width * 0.9) / columns, height * 0.72);
  const pitchY = (height * 0.86) / rowCount;
  const radius = Math.min(pitchX, pitchY, height * 0.62) * 0.42;
  const isEven = longRows === 0;
  return { rows, isEven, pitchX: Math.min(pitchX, radius * 2.9), pitchY: Math.min(pitchY, radius * 2.7), radius };
}

type Badge = Place & {
  radius: number;
  look: Look;
  ink: string;
  kind: 'collected' | 'next' | 'open';
  isLast: boolean;
};

const strengths = {
  next: { ground: 0.16, edge: 0.95, shape: 0.55 },
  open: { ground: 0.06, edge: 0.42, shape: 0.24 },
};

function badgeSvg(badge: Badge): string {
  const { x, y, radius, look, ink, kind, isLast } = badge;
  const size = radius * 1.26;
  const seal = isLast ? sealSvg(badge) : '';
  if (kind === 'collected') {
    const shadow = circle(badge, {
      radius: radius * 1.02,
      paint: 'fill="#000000" fill-opacity="0.16"',
      dy: radius * 0.07,
    });
    const face = circle(badge, { radius, paint: `fill="${ink}"` });
    const gloss = circle(badge, {
      radius: radius * 0.88,
      paint: `fill="none" stroke="${look.backgroundColor}" stroke-opacity="0.22" stroke-width="${round(radius * 0.05)}"`,
    });
    const shape = drawShape(look.stampShape, { centerX: x, centerY: y, size, ink: look.backgroundColor, ground: ink });
    return seal + shadow + face + gloss + shape;
  }
  const strength = strengths[kind];
  const outline = round(radius * (kind === 'next' ? 0.075 : 0.05));
  const face = circle(badge, {
    radius: radius - outline / 2,
    paint: `fill="${ink}" fill-opacity="${strength.ground}" stroke="${ink}" stroke-opacity="${strength.edge}" stroke-width="${outline}"`,
  });
  const shape = drawShape(look.stampShape, { centerX: x, centerY: y, size, ink, ground: look.backgroundColor });
  return `${seal}${face}<g opacity="${strength.shape}">${shape}</g>`;
}

const sealLobes = 18;
const sealStrengths = {
  collected: { ground: 0.38, edge: 1 },
  next: { ground: 0.12, edge: 0.8 },
  open: { ground: 0.06, edge: 0.55 },
};

/** The last stamp fills the card: the scalloped edge of a seal says that something waits there, and shines once it is won. */
function sealSvg({ x, y, radius, ink, kind }: Badge): string {
  const base = radius * 1.08;
  const point = (lobe: number) => {
    const angle = (2 * Math.PI * lobe) / sealLobes;
    return `${round(x + base * Math.sin(angle))} ${round(y - base * Math.cos(angle))}`;
  };
  const bend = round(base * Math.sin(Math.PI / sealLobes) * 1.12);
  const lobes = Array.from({ length: sealLobes }, (_, index) => `A${bend} ${bend} 0 0 1 ${point(index + 1)}`);
  const { ground, edge } = sealStrengths[kind];
  return (
    `<path d="M${point(0)}${lobes.join('')}Z" fill="${ink}" fill-opacity="${ground}" stroke="${ink}" ` +
    `stroke-opacity="${edge}" stroke-width="${round(radius * 0.05)}"/>`
  );
}

function circle({ x, y }: Place, { radius, paint, dy = 0 }: { radius: number; paint: string; dy?: number }): string {
  return `<circle cx="${round(x)}" cy="${round(y + dy)}" r="${round(radius)}" ${paint}/>`;
}

function svg({ width, height }: Canvas, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${content}</svg>`;
}
