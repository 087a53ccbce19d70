/** A draft under edit, with every step back. Typing in one field is one step, whatever the number of keys. */
import { isSameValue } from '#app/components/admin/same-value.ts';
import type { SignUpPlace } from '#app/components/admin/form-shapes.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

/** What the program page edits. */
export type Draft = { document: ProgramDocument; places: SignUpPlace[] };

export type DraftHistory = {
  /** As it was last saved. */
  saved: Draft;
  present: Draft;
  past: Draft[];
  future: Draft[];
  /** What was last sent to be saved. */
  sent: Draft | null;
  /** Unsaved changes of an earlier visit were brought back. */
  wasRestored: boolean;
  /** Where the last change was, so that the next one there joins it. */
  lastPath: string | null;
};

export type DraftAction =
  | { kind: 'change'; draft: Draft }
  /** What an earlier visit left behind. */
  | { kind: 'restore'; draft: Draft }
  | { kind: 'undo' }
  | { kind: 'redo' }
  | { kind: 'discard' }
  /** What stands there now is on its way to be saved. */
  | { kind: 'sent' }
  /** What was sent is saved and now reads as `saved`; what was typed since then is kept. */
  | { kind: 'saved'; saved: Draft }
  /** Somebody else saved: theirs is shown unless something of ours would be lost. */
  | { kind: 'overtaken'; saved: Draft };

const stepsMax = 200;

/** The beginning of an edit. */
export function openDraft(saved: Draft): DraftHistory {
  return { saved, present: saved, past: [], future: [], sent: null, wasRestored: false, lastPath: null };
}

/** The history after an action. Pure. */
export function changeDraft(history: DraftHistory, action: DraftAction): DraftHistory {
  const { present } = history;
  if (action.kind === 'change') return change(history, action.draft);
  if (action.kind === 'restore') return { ...change(history, action.draft), wasRestored: true };
  if (action.kind === 'discard') return change({ ...history, lastPath: null }, history.saved);
  if (action.kind === 'sent') return { ...history, sent: present, lastPath: null };
  if (action.kind === 'saved' || action.kind === 'overtaken') {
    const settled = action.kind === 'saved' ? (history.sent ?? history.saved) : history.saved;
    const isUntouched = isSameValue(present, settled);
    return {
      ...history,
      saved: action.saved,
      present: isUntouched ? action.saved : present,
      sent: null,
      lastPath: null,
    };
  }
  return action.kind === 'undo' ? undo(history) : redo(history);
}

function undo(history: DraftHistory): DraftHistory {
  const { present, past, future } = history;
  const before = past.at(-1);
  if (before === undefined) return history;
  return { ...history, present: before, past: past.slice(0, -1), future: [present, ...future], lastPath: null };
}

function redo(history: DraftHistory): DraftHistory {
  const { present, past, future } = history;
  const [next, ...later] = future;
  if (next === undefined) return history;
  return { ...history, present: next, past: [...past, present], future: later, lastPath: null };
}

function change(history: DraftHistory, draft: Draft): DraftHistory {
  const { present, past, lastPath } = history;
  const path = changedPath(present, draft);
  if (path === null) return history;
  const isSameStep = path !== '' && path === lastPath;
  return {
    ...history,
    present: draft,
    past: isSameStep ? past : [...past, present].slice(-stepsMax),
    future: [],
    lastPath: path,
  };
}

/** Whether there is anything to save. */
export function isChanged({ saved, present }: DraftHistory): boolean {
  return !isSameValue(saved, present);
}

/**
 * The one field that differs, as a path; empty when several do, or when something was added or removed; null when nothing
 * differs.
 */
export function changedPath(before: unknown, after: unknown): string | null {
  if (before === after || (Number.isNaN(before) && Number.isNaN(after))) return null;
  if (!isComposed(before) || !isComposed(after)) return '.';
  const [left, right] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  if (left.size !== right.size || [...left.keys()].some((name) => !right.has(name))) return '';
  const paths = [...left.keys()].flatMap((name) => {
    const path = changedPath(left.get(name), right.get(name));
    return path === null ? [] : [{ name, path }];
  });
  const [only] = paths;
  if (only === undefined) return null;
  if (paths.length > 1 || only.path === '') return '';
  return only.path === '.' ? `${only.name}.` : `${only.name}.${only.path}`;
}

function isComposed(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
