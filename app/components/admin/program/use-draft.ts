import { useFetcher } from '@remix-run/react';
import { useEffect, useReducer, useRef, useState } from 'react';

import { keepDraft, keptDraft } from '#app/components/admin/program/draft-backup.ts';
import {
  changeDraft,
  type Draft,
  type DraftAction,
  type DraftHistory,
  isChanged,
  openDraft,
} from '#app/components/admin/program/draft-history.ts';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { documentProblems } from '#app/domain/programs/document-problems.ts';
import type { Problems } from '#app/domain/programs/problem-claims.ts';

/** What the program page's action answers: beside what happened, the draft's revision now. */
export type DraftResult = ActionResult & { revision?: number };

type Asked = { programId: string; saved: Draft; revision: number };

/** The draft in the making: its steps, what is wrong with it, saving and publishing, and a copy for when all else fails. */
export function useDraft({ programId, saved, revision }: Asked) {
  const [history, dispatch] = useReducer(changeDraft, saved, openDraft);
  const [attempts, setAttempts] = useState(0);
  const fetcher = useFetcher<DraftResult>();
  useBackup({ programId, revision }, { history, dispatch });
  useSaved({ saved, revision, ours: fetcher.data?.revision ?? null }, dispatch);
  const faults = documentProblems(history.present.document);
  const problems: Problems = attempts > 0 || fetcher.data?.problems !== undefined ? faults : {};
  const send = (intent: 'save' | 'publish') => {
    setAttempts(0);
    dispatch({ kind: 'sent' });
    const { document, places } = history.present;
    fetcher.submit(
      { intent, document: JSON.stringify(document), places: places.join(','), revision: String(revision) },
      { method: 'post' },
    );
  };
  return {
    draft: history.present,
    isChanged: isChanged(history),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    wasRestored: history.wasRestored,
    faults,
    problems,
    isBusy: fetcher.state !== 'idle',
    result: fetcher.data,
    dispatch,
    /** How often saving was asked for while something had to be mended first. */
    attempts,
    refuse: () => setAttempts(attempts + 1),
    change: (part: Partial<Draft>) => dispatch({ kind: 'change', draft: { ...history.present, ...part } }),
    send,
  };
}

export type DraftEditing = ReturnType<typeof useDraft>;

type Saved = { saved: Draft; revision: number; ours: number | null };

/** Another revision means that something was saved: by us, or in another window. */
function useSaved({ saved, revision, ours }: Saved, dispatch: (action: DraftAction) => void): void {
  const known = useRef(revision);
  useEffect(() => {
    if (known.current === revision) return;
    known.current = revision;
    dispatch({ kind: ours === revision ? 'saved' : 'overtaken', saved });
  }, [dispatch, revision, saved, ours]);
}

type Backup = { history: DraftHistory; dispatch: (action: DraftAction) => void };

/** Writes unsaved changes into the browser, and brings back what an earlier visit left there. */
function useBackup({ programId, revision }: Omit<Asked, 'saved'>, { history, dispatch }: Backup): void {
  const isLooked = useRef(false);
  useEffect(() => {
    if (isLooked.current) {
      keepDraft({ programId, revision }, isChanged(history) ? history.present : null);
      return;
    }
    isLooked.current = true;
    const kept = keptDraft({ programId, revision });
    if (kept === null) return;
    dispatch({ kind: 'restore', draft: kept });
  }, [programId, revision, history, dispatch]);
}
