import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { logoSvg, stampStripSvg } from '#app/domain/cards/stamp-svg.ts';

/** As a picture of its own, so that the ids inside several drawings on one page cannot meet. */
function asImage(svg: string): string {
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

type StripProps = { design: CardDesign; total: number; filled: number; text: string; className?: string };

/** The stamps of a card, drawn by the same code that draws them on the pass. `text` says the same in words. */
export function StampStrip({ design, total, filled, text, className }: StripProps) {
  const svg = stampStripSvg(design, { total, filled }, { width: 375, height: 144 });
  return <img className={className} src={asImage(svg)} width={375} height={144} alt={text} />;
}

type MarkProps = { design: CardDesign; side: number; className?: string };

/** The space for a logo is as wide as on the pass: 160 × 50. */
const logoShape = 3.2;

/** The uploaded logo, or the design's stamp, as high as `side`; a logo may be wider. */
export function CardMark({ design, side, className }: MarkProps) {
  if (design.logoImage !== null)
    return (
      <img
        className={className}
        src={`/images/logo/${design.logoImage}.png`}
        style={{ height: side, width: 'auto', maxWidth: side * logoShape, objectFit: 'contain' }}
        alt=""
      />
    );
  return <img className={className} src={asImage(logoSvg(design, side))} width={side} height={side} alt="" />;
}

/** The mark in the circle that Google cuts; a logo stands inside of it on the colour of the card. */
export function RoundMark({ design, side, className = '' }: MarkProps) {
  if (design.logoImage === null) return <CardMark design={design} side={side} className={className} />;
  return (
    <span
      className={className}
      style={{ width: side, height: side, background: design.backgroundColor, overflow: 'hidden', flex: 'none' }}
    >
      <img
        src={`/images/logo/${design.logoImage}.png`}
        style={{ width: '66%', height: '66%', margin: '17%', objectFit: 'contain' }}
        alt=""
      />
    </span>
  );
}
