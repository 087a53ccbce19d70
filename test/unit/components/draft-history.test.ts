import { describe, expect, it } from 'vitest';

import { packDraft, unpackDraft } from '#app/components/admin/program/draft-backup.ts';
import {
  changeDraft,
  changedPath,
  type Draft,
  type DraftHistory,
  isChanged,
  openDraft,
} from '#app/components/admin/program/draft-history.ts';
import { removeRule } from '#app/domain/programs/draft-edits.ts';
import { everythingProgram } from '#test/support/everything-program.ts';

const start: Draft = { document: everythingProgram, places: ['link'] };

function typed(history: DraftHistory, ...names: string[]): DraftHistory {
  return names.reduce(
    (before, name) =>
      changeDraft(before, {
        kind: 'change',
        draft: { ...before.present, document: { ...before.present.document, name } },
      }),
    history,
  );
}

function withPlaces(history: DraftHistory): DraftHistory {
  return changeDraft(history, { kind: 'change', draft: { ...history.present, places: ['link', 'pos'] } });
}

describe('a draft under edit', () => {
  it('takes back a whole word typed into a field at once', () => {
    const history = changeDraft(typed(openDraft(start), 'B', 'Be', 'Bea'), { kind: 'undo' });
    expect(history.present).toEqual(start);
    expect(changeDraft(history, { kind: 'redo' }).present.document.name).toBe('Bea');
  });

  it('takes back one thing at a time', () => {
    const history = withPlaces(typed(openDraft(start), 'Bea'));
    const once = changeDraft(history, { kind: 'undo' });
    expect([once.present.document.name, once.present.places]).toEqual(['Bea', ['link']]);
    expect(changeDraft(once, { kind: 'undo' }).present).toEqual(start);
  });

  it('does not join what was typed before and after a step back', () => {
    const back = changeDraft(typed(openDraft(start), 'One'), { kind: 'undo' });
    const again = typed(typed(back, 'Two'), 'Two more');
    expect(changeDraft(again, { kind: 'undo' }).present).toEqual(start);
    expect(again.future).toEqual([]);
  });

  it('takes back what was removed', () => {
    const removed: Draft = { ...start, document: removeRule(everythingProgram, 'spend') };
    const history = changeDraft(openDraft(start), { kind: 'change', draft: removed });
    expect(changeDraft(history, { kind: 'undo' }).present).toEqual(start);
  });

  it('can go back even behind a discard', () => {
    const discarded = changeDraft(typed(openDraft(start), 'Mine'), { kind: 'discard' });
    expect(isChanged(discarded)).toBe(false);
    expect(changeDraft(discarded, { kind: 'undo' }).present.document.name).toBe('Mine');
  });

  it('is not changed once it is saved, even when saving tidied it up', () => {
    const history = typed(openDraft(start), ' Bea ');
    const tidy: Draft = { ...start, document: { ...everythingProgram, name: 'Bea' } };
    const saved = changeDraft(changeDraft(history, { kind: 'sent' }), { kind: 'saved', saved: tidy });
    expect(isChanged(saved)).toBe(false);
    expect(saved.present.document.name).toBe('Bea');
  });

  it('keeps what was typed while it was being saved', () => {
    const sent = changeDraft(typed(openDraft(start), 'Bea'), { kind: 'sent' });
    const later = typed(sent, 'Beans');
    const saved = changeDraft(later, { kind: 'saved', saved: sent.present });
    expect(saved.present.document.name).toBe('Beans');
    expect(isChanged(saved)).toBe(true);
  });

  it('never loses what was typed to somebody else who saved first', () => {
    const theirs: Draft = { ...start, places: ['pos'] };
    const mine = typed(openDraft(start), 'Mine');
    for (const history of [mine, changeDraft(mine, { kind: 'sent' })]) {
      const overtaken = changeDraft(history, { kind: 'overtaken', saved: theirs });
      expect(overtaken.present.document.name).toBe('Mine');
      expect(changeDraft(overtaken, { kind: 'discard' }).present).toEqual(theirs);
    }
    expect(changeDraft(openDraft(start), { kind: 'overtaken', saved: theirs }).present).toEqual(theirs);
  });

  it('does nothing when there is nothing to do', () => {
    const history = openDraft(start);
    expect(changeDraft(history, { kind: 'undo' })).toBe(history);
    expect(changeDraft(history, { kind: 'redo' })).toBe(history);
    expect(changeDraft(history, { kind: 'change', draft: structuredClone(start) })).toBe(history);
  });
});

describe('the place of a change', () => {
  it.each([
    [{ a: 1 }, { a: 1 }, null],
    [{ a: Number.NaN }, { a: Number.NaN }, null],
    [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }, 'a.0.b.'],
    [{ a: 1, b: 1 }, { a: 2, b: 2 }, ''],
    [{ a: [1] }, { a: [1, 2] }, ''],
    [{ a: 1 }, { b: 1 }, ''],
  ])('from %j to %j is %j', (before, after, path) => {
    expect(changedPath(before, after)).toBe(path);
  });
});

describe('a draft kept in the browser', () => {
  it('comes back as it was, with numbers that cannot be read', () => {
    const draft: Draft = {
      ...start,
      document: { ...everythingProgram, settings: { ...everythingProgram.settings, expiryNoticeDays: Number.NaN } },
    };
    expect(unpackDraft(packDraft(draft))).toEqual(draft);
  });
});
