import { describe, expect, it } from 'vitest';

import { documentProblems } from '#app/domain/programs/document-problems.ts';
import { type ProgramDocument, programDocumentSchema } from '#app/domain/programs/program.ts';
import { everythingProgram } from '#test/support/everything-program.ts';

type Path = (string | number)[];

/** Fields that a form never lets anybody type into. */
const chosen = new Set(['schemaVersion', 'id', 'kind', 'event', 'mode', 'until', 'rounding', 'debtPolicy', 'spendingReturns', 'period', 'firstOrder']); // prettier-ignore

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Lists of ticks: the worst that can happen is that nothing is ticked. */
const ticked = new Set(['channels', 'weekdays', 'ruleIds', 'tierIds']);

/** Every value of a document that a person may change, with its path. */
function fieldsOf(value: unknown, path: Path = []): { path: Path; value: unknown }[] {
  if (!isRecord(value)) return [{ path, value }];
  const inner = Object.entries(value)
    .filter(([key]) => !chosen.has(key))
    .flatMap(([key, child]) => fieldsOf(child, [...path, Array.isArray(value) ? Number(key) : key]));
  if (ticked.has(String(path.at(-1)))) return [{ path, value }];
  return Array.isArray(value) ? [{ path, value }, ...inner] : inner;
}

function withValue(document: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(document)) return document.with(Number(key), withValue(document[Number(key)], rest, value));
  const record = isRecord(document) ? document : {};
  return { ...record, [key]: withValue(record[key], rest, value) };
}

const numbers = [Number.NaN, -1, 0, 1, 2.5, 7, 40, 400, 10_001, 2_000_000_000, 2 ** 53];
const texts = [
  '', '   ', 'x', 'Plain words', 'x'.repeat(41), 'x'.repeat(300), 'EUR', 'eur', '12', '1e5', 'two-words',
  '06:00', '24:00', '25:00', '2027-01-01T08:00', '2027-13-01T08:00', 'yesterday',
]; // prettier-ignore

function wrongValues({ path, value }: { path: Path; value: unknown }): unknown[] {
  if (ticked.has(String(path.at(-1)))) return [[]];
  if (Array.isArray(value)) return [[], Array.from({ length: 300 }, () => value[0] as unknown)];
  return typeof value === 'number' ? numbers : typeof value === 'string' ? texts : [];
}

const changes = fieldsOf(everythingProgram).flatMap(({ path, value }) =>
  wrongValues({ path, value }).map((wrong) => ({ path, wrong, field: path.join('.') })),
);

describe('what has to be mended in a program', () => {
  it('is nothing in a sound one', () => {
    expect(programDocumentSchema.safeParse(everythingProgram).success).toBe(true);
    expect(documentProblems(everythingProgram)).toEqual({});
  });

  it('is told exactly when the schema refuses it, whatever is typed into any field', () => {
    const disagreements = changes.flatMap(({ path, wrong, field }) => {
      const document = withValue(everythingProgram, path, wrong) as ProgramDocument;
      const problems = documentProblems(document);
      const isTold = Object.keys(problems).length > 0;
      const isRefused = !programDocumentSchema.safeParse(document).success;
      return isTold === isRefused
        ? []
        : [`${field}: ${JSON.stringify(wrong).slice(0, 40)} refused ${isRefused}, told ${JSON.stringify(problems)}`];
    });
    expect(changes.length).toBeGreaterThan(800);
    expect(disagreements).toEqual([]);
  }, 30_000);

  it('is told at the field itself, with what would be right', () => {
    const { earnRules, rewards } = everythingProgram;
    const [spend, ...others] = earnRules;
    if (spend?.kind !== 'spend') throw new Error('the first rule is for money');
    expect(
      documentProblems({
        ...everythingProgram,
        name: '',
        earnRules: [
          { ...spend, caps: { perOrder: 0 }, conditions: { hours: [{ from: '10:00', to: '07:00' }] } },
          ...others,
        ],
        rewards: rewards.map((reward) => (reward.atStamp === undefined ? reward : { ...reward, atStamp: 10 })),
      }),
    ).toEqual({
      name: 'Enter a name of up to 40 characters.',
      'earnRules.0.caps.perOrder': 'Enter a whole number from 1 to 1,000,000,000.',
      'earnRules.0.conditions.hours.0.to': 'It must end after it begins. Over midnight, use two times.',
      'rewards.0.atStamp': 'Enter a stamp from 1 to 9. For a full card, let the reward cost 10 instead.',
    });
  });
});
