/** Whatever the promises, the ASVS items and the experiments say shows them is there. Whether it passes, `npm run requirements` says. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import ts from 'typescript';
import { describe, expect, it } from 'vitest';

import { readAsvs } from '#test/support/requirements/asvs.ts';
import { readExperiments } from '#test/support/requirements/experiments.ts';
import { readRequirements, testOf } from '#test/support/requirements/documents.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');

/** How a test is named in its file: its words, or for one with values or an expression in its name the pattern of them. */
type Title = { text: string; isPattern: boolean };

function titleOf(argument: ts.Expression, isEach: boolean): Title | null {
  if (ts.isStringLiteral(argument) || ts.isNoSubstitutionTemplateLiteral(argument))
    return { text: argument.text, isPattern: isEach };
  if (!ts.isTemplateExpression(argument)) return null;
  const text = argument.templateSpans.reduce((whole, { literal }) => `${whole}%s${literal.text}`, argument.head.text);
  return { text, isPattern: true };
}

/** The titles of all tests in a file. */
function titlesIn(file: string): Title[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
    false,
    file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const titles: Title[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const isEach = ts.isCallExpression(node.expression) || ts.isTaggedTemplateExpression(node.expression);
      let callee: ts.Node = node.expression;
      while (!ts.isIdentifier(callee)) {
        if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) callee = callee.expression;
        else if (ts.isTaggedTemplateExpression(callee)) callee = callee.tag;
        else break;
      }
      const [first] = node.arguments;
      const isTest = ts.isIdentifier(callee) && (callee.text === 'it' || callee.text === 'test');
      const title = isTest && first !== undefined ? titleOf(first, isEach) : null;
      if (title !== null) titles.push(title);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

/** What values are written as in the titles of tests with many cases. */
const places = /%[sdifjo#$.\d]*[sdifjo#]|%%|\$[\w.]+/g;

/** Whether a name may be that of this test: the words between the values stand in it, in order, from its start to its end. */
function isNameOf(title: Title, name: string): boolean {
  if (!title.isPattern) return title.text === name;
  const parts = title.text.split(places);
  const [start = '', ...others] = parts;
  if (others.length === 0) return title.text === name;
  const end = others.pop() ?? '';
  if (!name.startsWith(start) || !name.endsWith(end) || name.length < start.length + end.length) return false;
  let rest = name.slice(start.length, name.length - end.length);
  for (const part of others) {
    const at = rest.indexOf(part);
    if (at < 0) return false;
    rest = rest.slice(at + part.length);
  }
  return true;
}

const known = new Map<string, Title[]>();

/** Why a reference leads nowhere; null where it leads to a test. */
function problemOf(reference: string): string | null {
  const { file, name } = testOf(reference);
  if (!existsSync(path.join(root, file))) return `there is no ${file}`;
  const titles = known.get(file) ?? titlesIn(file);
  known.set(file, titles);
  const fitting = titles.filter((title) => isNameOf(title, name));
  // A title that is a value and nothing else fits any name: then the value has to stand in the file.
  const isSure = fitting.some((title) => !title.isPattern || /\p{L}/u.test(title.text.replaceAll(places, '')));
  const isThere = isSure || (fitting.length > 0 && readFileSync(path.join(root, file), 'utf8').includes(name));
  return isThere ? null : `${file} has no test "${name}"`;
}

const problemsOf = (documents: { id: string; tests: string[] }[]) =>
  documents.flatMap(({ id, tests }) =>
    tests.flatMap((reference) => {
      const problem = problemOf(reference);
      return problem === null ? [] : [`${id}: ${problem}`];
    }),
  );

describe('what is said to show something', () => {
  it('is a test that exists, for every promise', () => {
    expect(problemsOf(readRequirements())).toEqual([]);
  });

  it('is a test that exists, for every item of ASVS', () => {
    const items = readAsvs();
    expect(items.filter(({ tests }) => tests.length > 0).length).toBeGreaterThan(100);
    expect(problemsOf(items)).toEqual([]);
  });

  it('is a test that exists, for every experiment', () => {
    const experiments = readExperiments();
    expect(problemsOf(experiments.map(({ number, tests }) => ({ id: `experiment ${number}`, tests })))).toEqual([]);
    expect(experiments.filter(({ tests }) => new Set(tests).size !== tests.length)).toEqual([]);
  });

  it('would be noticed if it were not there', () => {
    const here = 'test/unit/requirements/cited-tests.test.ts';
    expect(problemOf(`${here} > is a test that exists, for every promise`)).toBeNull();
    expect(problemOf(`${here} > is a test that exists`)).not.toBeNull();
    expect(problemOf('test/unit/nowhere.test.ts > is a test')).not.toBeNull();
    expect(isNameOf({ text: 'keeps %s for %d days', isPattern: true }, 'keeps logs for 30 days')).toBe(true);
    expect(isNameOf({ text: 'keeps %s for %d days', isPattern: true }, 'keeps logs for 30 weeks')).toBe(false);
  });
});

describe('the items of ASVS', () => {
  it('are all those of levels 1 and 2, in order, and each level has its number', () => {
    const items = readAsvs();
    const numberOf = (id: string) => id.split('.').reduce((sum, part) => sum * 100 + Number(part), 0);
    const numbers = items.map(({ id }) => numberOf(id));
    expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
    expect([1, 2].map((level) => items.filter((item) => item.level === level).length)).toEqual([70, 183]);
  });
});
