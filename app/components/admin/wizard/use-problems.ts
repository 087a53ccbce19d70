import { useState } from 'react';

import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { outlineProblems } from '#app/domain/programs/outline-problems.ts';
import type { OutlineProblems } from '#app/domain/programs/outline-problems.ts';
import type { ProgramOutline } from '#app/domain/programs/program-outline.ts';

type Problems = { problems: OutlineProblems; isSound: boolean; reveal: () => void };

/** Nobody is told off while typing: problems show once a form was sent, and vanish as they are mended. */
export function useProblems(outline: ProgramOutline, result: ActionResult | undefined): Problems {
  const [isRevealed, setRevealed] = useState(false);
  const found = outlineProblems(outline);
  const isSound = Object.keys(found).length === 0;
  const shown = isRevealed || result?.problems !== undefined ? found : {};
  return { problems: shown, isSound, reveal: () => setRevealed(true) };
}
