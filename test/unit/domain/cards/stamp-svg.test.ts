import { describe, expect, it } from 'vitest';

import { cardTemplates } from '#app/domain/cards/card-templates.ts';
import { stampStripSvg } from '#app/domain/cards/stamp-svg.ts';

const canvas = { width: 375, height: 144 };
const stampsMax = 30;
const [template] = cardTemplates;
const look = template?.look ?? { backgroundColor: '#000000', labelColor: '#ffffff', stampShape: 'star' as const };

type Circle = { x: number; y: number; radius: number };

/** The faces of the badges, in their order: an open one is a circle with an edge, drawn once. */
function facesOf(total: number): Circle[] {
  const svg = stampStripSvg(look, { total, filled: 0 }, canvas);
  return [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)" fill="#[^"]+" fill-opacity/g)].map(
    ([, x, y, radius]) => ({ x: Number(x), y: Number(y), radius: Number(radius) }),
  );
}

function sealOf(total: number, filled: number): { path: string; points: [number, number][] } {
  const seals = [...stampStripSvg(look, { total, filled }, canvas).matchAll(/<path d="(M[^"]*A[^"]*Z)"[^>]*>/g)];
  expect(seals).toHaveLength(1);
  const [path = '', outline = ''] = seals[0] ?? [];
  const points = [...outline.matchAll(/1 ([\d.]+) ([\d.]+)(?=[AZ])/g)].map(([, x, y]): [number, number] => [
    Number(x),
    Number(y),
  ]);
  return { path, points };
}

const totals = Array.from({ length: stampsMax }, (_, index) => index + 1);

describe('the stamps of a strip', () => {
  it('stay on it and apart from each other, however many there are', () => {
    for (const total of totals) {
      const faces = facesOf(total);
      expect(faces).toHaveLength(total);
      for (const [index, { x, y, radius }] of faces.entries()) {
        expect(Math.min(x, canvas.width - x)).toBeGreaterThan(radius);
        expect(Math.min(y, canvas.height - y)).toBeGreaterThan(radius);
        for (const other of faces.slice(0, index))
          expect(Math.hypot(x - other.x, y - other.y)).toBeGreaterThan(radius * 2);
      }
    }
  });

  it.each([
    [10, [5, 5]],
    [12, [6, 6]],
    [15, [5, 5, 5]],
    [7, [4, 3]],
  ])('stand in rows of one length where the number allows it: %i', (total, rows) => {
    const heights = facesOf(total).map(({ y }) => y);
    expect([...new Set(heights)].map((height) => heights.filter((y) => y === height).length)).toEqual(rows);
  });

  it('end in a seal that stays on the strip and clear of its neighbours', () => {
    for (const total of totals) {
      const { points } = sealOf(total, 0);
      const neighbours = facesOf(total).slice(0, -1);
      for (const [x, y] of points) {
        expect(x > 0 && x < canvas.width && y > 0 && y < canvas.height).toBe(true);
        for (const { x: otherX, y: otherY, radius } of neighbours)
          expect(Math.hypot(x - otherX, y - otherY)).toBeGreaterThan(radius * 1.05);
      }
    }
  });

  it('tell a card that is full from one that lacks a stamp by the seal, too', () => {
    const [open, next, won] = [sealOf(10, 3), sealOf(10, 9), sealOf(10, 10)].map(({ path }) => path);
    expect(new Set([open, next, won]).size).toBe(3);
    expect(won).toContain('stroke-opacity="1"');
  });
});
