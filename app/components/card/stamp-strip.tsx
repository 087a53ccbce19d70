import type { CardDesign } from '#app/domain/card-design.ts';
import { logoSvg, stampStripSvg } from '#app/domain/stamp-svg.ts';

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

/** The mark of a card without an uploaded logo. */
export function CardMark({ design, side, className }: { design: CardDesign; side: number; className?: string }) {
  return <img className={className} src={asImage(logoSvg(design, side))} width={side} height={side} alt="" />;
}
