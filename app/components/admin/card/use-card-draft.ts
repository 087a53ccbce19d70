import { useFetcher } from '@remix-run/react';
import { useCallback, useEffect, useRef, useState } from 'react';

import { isSameValue } from '#app/components/admin/same-value.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { designProblems } from '#app/domain/cards/design-problems.ts';

/** What saving is answered with. */
export type SaveAnswer =
  | { kind: 'saved'; revision: number }
  /** Somebody else saved meanwhile; the draft is at this revision now. */
  | { kind: 'overtaken'; revision: number }
  | { kind: 'refused'; title: string };

export type SaveState = 'saved' | 'waiting' | 'saving' | 'unsound' | 'overtaken' | 'refused';

type Asked = { saved: CardDesign; revision: number };

/** Long enough to finish a word, short enough that nobody leaves before. */
const saveAfterMs = 700;

/**
 * The card in the making. A sound design is saved by itself; one that is not waits until it is mended. `sound` is the last one
 * that could be drawn. When somebody else saved meanwhile, nothing is overwritten before the merchant has chosen.
 */
export function useCardDraft(asked: Asked) {
  const [design, setDesign] = useState(asked.saved);
  const [sound, setSound] = useState(asked.saved);
  const [kept, setKept] = useState(asked);
  const [isHeld, setHeld] = useState(false);
  const { answer, isBusy, send } = useSaving(({ sent, reply }) => {
    if (reply.kind === 'saved') setKept({ saved: sent, revision: reply.revision });
    else setHeld(true);
  });
  const problems = designProblems(design);
  const isSound = isSoundDesign(design);
  const isChanged = !isSameValue(design, kept.saved);
  const isDue = isSound && isChanged && !isHeld && !isBusy;
  useEffect(() => {
    if (!isDue) return undefined;
    const timer = setTimeout(() => send(design, kept.revision), saveAfterMs);
    return () => clearTimeout(timer);
  }, [isDue, design, kept.revision, send]);
  const show = (next: CardDesign) => {
    setDesign(next);
    if (isSoundDesign(next)) setSound(next);
  };
  const change = (next: CardDesign) => {
    // What was refused may be right now; what was overtaken stays the merchant's to decide.
    if (answer?.kind === 'refused') setHeld(false);
    show(next);
  };
  return {
    design,
    sound,
    problems,
    isSound,
    revision: kept.revision,
    state: stateOf({ isChanged, isSound, isBusy, held: isHeld ? answer : undefined }),
    refusal: isHeld && answer?.kind === 'refused' ? answer.title : null,
    change,
    /** Saves over what somebody else saved. */
    keepMine: () => {
      if (answer?.kind !== 'overtaken') return;
      setHeld(false);
      setKept({ saved: kept.saved, revision: answer.revision });
    },
    /** Starts again from what is saved. */
    takeTheirs: (theirs: Asked) => {
      setHeld(false);
      setKept(theirs);
      show(theirs.saved);
    },
  };
}

function isSoundDesign(design: CardDesign): boolean {
  return Object.keys(designProblems(design)).length === 0;
}

export type CardDraftEditing = ReturnType<typeof useCardDraft>;

type States = { isChanged: boolean; isSound: boolean; isBusy: boolean; held: SaveAnswer | undefined };

function stateOf({ isChanged, isSound, isBusy, held }: States): SaveState {
  if (held?.kind === 'overtaken') return 'overtaken';
  if (held?.kind === 'refused') return 'refused';
  if (!isSound) return 'unsound';
  if (isBusy) return 'saving';
  return isChanged ? 'waiting' : 'saved';
}

type Told = { sent: CardDesign; reply: SaveAnswer };

/** One save at a time; each answer is told once, with what had been sent. */
function useSaving(onAnswer: (told: Told) => void) {
  const { data, state, submit } = useFetcher<SaveAnswer>();
  const [sent, setSent] = useState<CardDesign | null>(null);
  const told = useRef<SaveAnswer | undefined>(undefined);
  const send = useCallback(
    (design: CardDesign, revision: number) => {
      setSent(design);
      submit({ intent: 'save', design: JSON.stringify(design), revision: String(revision) }, { method: 'post' });
    },
    [submit],
  );
  useEffect(() => {
    if (sent === null || state !== 'idle' || data === undefined || data === told.current) return;
    told.current = data;
    setSent(null);
    onAnswer({ sent, reply: data });
  }, [data, state, sent, onAnswer]);
  return { answer: data, isBusy: sent !== null, send };
}
