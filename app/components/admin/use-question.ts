import { useState } from 'react';

import type { ActionResult } from '#app/components/admin/result-banner.tsx';

type Question = { isOpen: boolean; open: () => void; close: () => void };

/** A dialog that asks and then waits: it closes by itself once an answer arrives that settles the matter. */
export function useQuestion(answer: ActionResult | undefined, settles: (answer: ActionResult) => boolean): Question {
  const [opened, setOpened] = useState<{ before: ActionResult | undefined } | null>(null);
  const isSettled = opened !== null && answer !== undefined && answer !== opened.before && settles(answer);
  return {
    isOpen: opened !== null && !isSettled,
    open: () => setOpened({ before: answer }),
    close: () => setOpened(null),
  };
}
