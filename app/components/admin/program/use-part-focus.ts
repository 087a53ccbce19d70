import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';

function partsIn(place: HTMLElement): Map<string, HTMLElement> {
  const parts = [...place.querySelectorAll<HTMLElement>('[data-part]')];
  return new Map(parts.map((part) => [part.dataset['part'] ?? '', part]));
}

/**
 * Whoever adds a part goes on in its first field, and whoever removes one comes back to the heading: the focus is never
 * left behind on what is gone. A step back moves nothing, because its button keeps the focus.
 */
export function usePartFocus(): RefObject<HTMLDivElement> {
  const place = useRef<HTMLDivElement>(null);
  const known = useRef<Set<string> | null>(null);
  useEffect(() => {
    const { current } = place;
    if (current === null) return;
    const parts = partsIn(current);
    const before = known.current;
    known.current = new Set(parts.keys());
    const { activeElement } = document;
    const isHere = activeElement === null || activeElement === document.body || current.contains(activeElement);
    if (before === null || !isHere) return;
    const added = [...parts.keys()].find((id) => !before.has(id));
    if (added !== undefined) parts.get(added)?.querySelector<HTMLElement>('input, select, textarea')?.focus();
    else if (parts.size < before.size) current.querySelector<HTMLElement>('[data-heading]')?.focus();
  });
  return place;
}
