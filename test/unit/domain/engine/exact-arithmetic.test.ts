/** Nothing that earns, refunds or ages is computed in floating point: found by reading the engine's own syntax and types. */
import { readdirSync } from 'node:fs';
import path from 'node:path';

import ts from 'typescript';
import { expect, test } from 'vitest';

const folders = ['app/domain/earning', 'app/domain/ledger', 'app/domain/orders'];

/** Not the engine: they make up sales for the merchant to look at, and let the engine say what those earn. */
const examples = new Set(['examples.ts', 'aging-examples.ts']);

/** Divisions that leave no remainder, and why. */
const exact = new Map([
  ['stamp-card.ts: (collected - onCard) / needed', 'onCard is the remainder'],
  ['stamp-card.ts: (turn + left - over) / units.length', 'over is the remainder'],
]);

const inexactNames = new Set(['parseFloat', 'toFixed', 'toPrecision', 'toExponential']);
const exactMath = new Set(['max', 'min', 'abs', 'sign']);

const files = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => !examples.has(name))
    .map((name) => path.join(folder, name)),
);
const program = ts.createProgram(files, {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  types: [],
});
const checker = program.getTypeChecker();

function isWhole(node: ts.Expression): boolean {
  return (checker.getTypeAtLocation(node).flags & ts.TypeFlags.BigIntLike) !== 0;
}

function isInexact(node: ts.Node): boolean {
  if (ts.isNumericLiteral(node)) return !Number.isSafeInteger(Number(node.text));
  if (ts.isIdentifier(node)) return inexactNames.has(node.text);
  if (ts.isPropertyAccessExpression(node))
    return ts.isIdentifier(node.expression) && node.expression.text === 'Math' && !exactMath.has(node.name.text);
  if (!ts.isBinaryExpression(node)) return false;
  const { kind } = node.operatorToken;
  const divides = kind === ts.SyntaxKind.SlashToken || kind === ts.SyntaxKind.SlashEqualsToken;
  const raises = kind === ts.SyntaxKind.AsteriskAsteriskToken || kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken;
  return (divides || raises) && !isWhole(node.left);
}

function findInexact(file: string): string[] {
  const source = program.getSourceFile(file);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isInexact(node)) found.push(`${path.basename(file)}: ${node.getText(source)}`);
    ts.forEachChild(node, visit);
  };
  if (source !== undefined) visit(source);
  return found;
}

test('the engine divides only whole numbers, and rounds nowhere but where it says so', { timeout: 60_000 }, () => {
  expect(files.length).toBeGreaterThan(10);
  expect(files.flatMap(findInexact).filter((text) => !exact.has(text))).toEqual([]);
});

test('every exception is still there', () => {
  expect(files.flatMap(findInexact).filter((text) => exact.has(text))).toHaveLength(exact.size);
});
