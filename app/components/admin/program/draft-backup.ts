/**
 * Unsaved changes, kept in the browser until they are saved: a failed request, a crashed tab or a reload loses nothing. A
 * program holds nothing personal.
 */
import type { Draft } from '#app/components/admin/program/draft-history.ts';

type Kept = { programId: string; revision: number };

const keyOf = ({ programId }: Kept) => `stampwell-draft-${programId}`;

/** JSON has no word for a number that cannot be read. */
const unreadable = { unreadable: true };

/** A draft as text, numbers that cannot be read included. */
export function packDraft(draft: Draft): string {
  return JSON.stringify(draft, (_key, value: unknown) => (Number.isNaN(value) ? unreadable : value));
}

/** Reads `packDraft`'s text. */
export function unpackDraft(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && 'unreadable' in value ? Number.NaN : value,
  );
}

/** Keeps a draft beside the revision it began with, or forgets it. Where the browser stores nothing, nothing happens. */
export function keepDraft(kept: Kept, draft: Draft | null): void {
  try {
    if (draft === null) sessionStorage.removeItem(keyOf(kept));
    else sessionStorage.setItem(keyOf(kept), `${kept.revision}\n${packDraft(draft)}`);
  } catch {
    // Storage may be full or switched off; then only the page itself remembers.
  }
}

/** What was kept for this very revision of the draft, or null. */
export function keptDraft(kept: Kept): Draft | null {
  try {
    const [revision, text = ''] = (sessionStorage.getItem(keyOf(kept)) ?? '').split('\n', 2);
    if (revision !== String(kept.revision)) return null;
    const draft = unpackDraft(text);
    return isDraft(draft) ? draft : null;
  } catch {
    return null;
  }
}

/** Only we write there, under the revision's number; the shape is looked at so that an older version's is left alone. */
function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null || !('document' in value) || !('places' in value)) return false;
  const { document, places } = value;
  return Array.isArray(places) && typeof document === 'object' && document !== null && 'settings' in document;
}
