import { useFetcher, useLocation } from '@remix-run/react';
import { useEffect, useRef } from 'react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import type { DrawnPictures } from '#app/components/card/card-preview.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';

type Stamps = { needed: number; collected: number } | null;

/** What was drawn, and for which look: an answer may come after the next question. */
export type DrawnAnswer = { look: string; drawn: DrawnPictures | null };

const drawAfterMs = 250;

/**
 * The pictures of a card as the server draws them for a pass. Only where a picture of the shop's own has to be dimmed: without
 * one the browser draws the very same by itself. Null until they are there.
 */
export function useDrawnPictures(design: CardDesign, stamps: Stamps): DrawnPictures | null {
  const { submit, data } = useFetcher<DrawnAnswer>();
  const { search } = useLocation();
  const asked = useRef<string | null>(null);
  const isNeeded = design.stripImage !== null;
  const text = JSON.stringify(design);
  const shownStamps = JSON.stringify(stamps === null ? null : { needed: stamps.needed, collected: stamps.collected });
  // What is said on the card is not drawn.
  const { backgroundColor, labelColor, foregroundColor, stampShape, stripImage } = design;
  const look = JSON.stringify([backgroundColor, labelColor, foregroundColor, stampShape, stripImage, shownStamps]);
  useEffect(() => {
    if (!isNeeded || asked.current === look) return undefined;
    const timer = setTimeout(() => {
      asked.current = look;
      submit(
        { design: text, stamps: shownStamps, look },
        { method: 'post', action: keepEmbedded('/app/card/drawing', search) },
      );
    }, drawAfterMs);
    return () => clearTimeout(timer);
  }, [isNeeded, look, text, shownStamps, search, submit]);
  return isNeeded && data?.look === look ? data.drawn : null;
}
