import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { logoSvg, stampsSvg, stampStripSvg } from '#app/domain/cards/stamp-svg.ts';

/** As a picture of its own, so that the ids inside several drawings on one page cannot meet. */
function asImage(svg: string): string {
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

type StripProps = {
  design: CardDesign;
  /** Null on a card that counts points only: then the design's picture stands alone. */
  stamps: { needed: number; collected: number } | null;
  /** The same in words; empty where the card says it elsewhere. */
  text: string;
  className?: string;
  /** The strip as it is put on the pass, where it has been drawn already. */
  drawn?: string | null;
};

const canvas = { width: 375, height: 144 };

/**
 * The strip of a card, drawn by the same code that draws it on the pass. Behind stamps, a picture of the shop's own is dimmed
 * as far as it needs; until that is drawn it is shown dimmed by half.
 */
export function StampStrip({ design, stamps, text, className, drawn = null }: StripProps) {
  const size = { width: canvas.width, height: canvas.height };
  const picture = design.stripImage === null ? null : `/images/strip/${design.stripImage}.png`;
  if (drawn !== null) return <img className={className} src={drawn} {...size} alt={text} />;
  if (stamps === null)
    return picture === null ? null : <img className={className} src={picture} {...size} alt={text} />;
  const state = { total: stamps.needed, filled: stamps.collected };
  if (picture === null)
    return <img className={className} src={asImage(stampStripSvg(design, state, canvas))} {...size} alt={text} />;
  const veil = `${design.backgroundColor}80`;
  const backgroundImage = `linear-gradient(${veil}, ${veil}), url("${picture}")`;
  const style = { backgroundImage, backgroundSize: 'cover', backgroundPosition: 'center' };
  return (
    <img className={className} src={asImage(stampsSvg(design, state, canvas))} {...size} alt={text} style={style} />
  );
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
