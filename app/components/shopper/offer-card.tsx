import type { CSSProperties } from 'react';

import { CardMark, StampStrip } from '#app/components/card/stamp-strip.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { stampText } from '#app/domain/cards/pass-content.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';

/** The merchant's colours, as far as they can be read; the styles know them by these names. */
export function cardColors({ colors }: PassContent): CSSProperties {
  return { '--card': colors.background, '--on-card': colors.foreground, '--card-label': colors.label };
}

/** The card as people know it from their wallet, large on the page. */
export function OfferCard({ content, design }: { content: PassContent; design: CardDesign }) {
  const { stamps } = content;
  return (
    <div className="card">
      <div className="card-top">
        <CardMark design={design} side={40} />
        <span className="card-name">{content.organizationName}</span>
        {stamps ? <span className="card-count">{stampText(stamps)}</span> : null}
      </div>
      {stamps ? (
        <StampStrip
          className="card-strip"
          design={design}
          stamps={stamps}
          text={`${stamps.label}: ${stampText(stamps)}`}
        />
      ) : null}
      {content.points.length === 0 ? null : (
        <dl className="card-points">
          {content.points.map(({ unit, label, available }) => (
            <div key={unit}>
              <dt>{label}</dt>
              <dd>{new Intl.NumberFormat(content.locale).format(available)}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}
