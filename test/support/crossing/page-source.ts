/** What the source of a page's route reads from addresses and forms, and which intents it knows: what a manifest must have. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import ts from 'typescript';

const root = path.join(import.meta.dirname, '..', '..', '..');

export type PageSource = {
  /** Names of fields of forms, of parameters of the address, and of parts of its path. */
  fields: Set<string>;
  /** Values of the field `intent` that are told apart. */
  intents: Set<string>;
  /** Ways of telling intents apart that cannot be read here: there must be none. */
  unread: string[];
};

const parse = (file: string): ts.SourceFile =>
  ts.createSourceFile(
    file,
    readFileSync(path.join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
    file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );

const each = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  visit(node);
  ts.forEachChild(node, (child) => each(child, visit));
};

const fileOf = (specifier: string): string => specifier.replace('#app/', 'app/');

/** Where a name that a file imports comes from. */
function importOf(source: ts.SourceFile, name: string): string | null {
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
    if (bindings.elements.some((element) => element.name.text === name)) return statement.moduleSpecifier.text;
  }
  return null;
}

/** The value a constant of a file, or of the file it is imported from, was given. */
function constantOf(source: ts.SourceFile, name: string): ts.Expression | null {
  const found: ts.Expression[] = [];
  each(source, (node) => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.name.text === name && node.initializer)
      found.push(node.initializer);
  });
  if (found[0] !== undefined) return found[0];
  const specifier = importOf(source, name);
  return specifier?.startsWith('#app/') ? constantOf(parse(fileOf(specifier)), name) : null;
}

const bare = (node: ts.Expression): ts.Expression =>
  ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node)
    ? bare(node.expression)
    : node;

/** The texts of a list, or the names of a table. */
function wordsOf(source: ts.SourceFile, name: string): string[] | null {
  const value = constantOf(source, name);
  if (value === null) return null;
  const [found, origin] = [bare(value), value.getSourceFile()];
  // What is left out of a list is still among its words: too many are asked for rather than too few.
  if (ts.isCallExpression(found) && ts.isPropertyAccessExpression(found.expression)) {
    const { expression, name: method } = found.expression;
    return method.text === 'filter' && ts.isIdentifier(expression) ? wordsOf(origin, expression.text) : null;
  }
  if (ts.isArrayLiteralExpression(found))
    return found.elements.flatMap((element) => (ts.isStringLiteral(element) ? [element.text] : []));
  if (!ts.isObjectLiteralExpression(found)) return null;
  return found.properties.flatMap(({ name: key }) =>
    key !== undefined && (ts.isIdentifier(key) || ts.isStringLiteral(key)) ? [key.text] : [],
  );
}

const isIntent = (node: ts.Node): boolean =>
  (ts.isIdentifier(node) && node.text === 'intent') ||
  /^(textField\(\w+(\.\w+)?|\w+\.get\()[ ,]*'intent'/.test(node.getText());

const isComparison = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && /^[!=]==$/.test(node.operatorToken.getText());

/** What an intent is looked up in: a table by its name, or the list of `words.find((each) => each === intent)`. */
function lookedUpIn(node: ts.Node): ts.Expression | null {
  if (ts.isElementAccessExpression(node) && isIntent(node.argumentExpression)) return node.expression;
  if (!isComparison(node) || !isIntent(node.right)) return null;
  const find = ts.findAncestor(node, ts.isCallExpression)?.expression;
  return find !== undefined && ts.isPropertyAccessExpression(find) ? bare(find.expression) : node;
}

/** Adds what one expression tells of intents. */
function readIntent(source: ts.SourceFile, node: ts.Node, into: PageSource): void {
  if (isComparison(node) && isIntent(node.left)) {
    if (ts.isStringLiteral(node.right)) into.intents.add(node.right.text);
    else if (node.right.getText() !== 'undefined') into.unread.push(node.getText());
    return;
  }
  const place = lookedUpIn(node);
  if (place === null) return;
  const words = ts.isIdentifier(place) ? wordsOf(source, place.text) : null;
  if (words === null) into.unread.push(node.getText());
  for (const word of words ?? []) into.intents.add(word);
}

const fieldReaders = new Set(['textField', 'jsonField', 'numberField', 'fileOf', 'costOf', 'pinOf']);

/** Adds the name of the field that one expression reads. */
function readField(node: ts.Node, into: PageSource): void {
  if (ts.isElementAccessExpression(node) && node.expression.getText() === 'params') {
    if (ts.isStringLiteral(node.argumentExpression)) into.fields.add(node.argumentExpression.text);
    return;
  }
  if (!ts.isCallExpression(node)) return;
  const callee = node.expression;
  const isGet =
    ts.isPropertyAccessExpression(callee) && callee.name.text === 'get' && !callee.getText().includes('headers');
  const isReader = ts.isIdentifier(callee) && fieldReaders.has(callee.text);
  const name = isReader ? node.arguments[1] : isGet ? node.arguments[0] : undefined;
  if (name !== undefined && ts.isStringLiteral(name)) into.fields.add(name.text);
}

type Part = { source: ts.SourceFile; node: ts.Node };

/** The functions of `app/web` that a file imports and that read forms or addresses, as their own source. */
function helpersOf(source: ts.SourceFile): Part[] {
  return source.statements.flatMap((statement): Part[] => {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
    const specifier = statement.moduleSpecifier.text;
    if (!/^#app\/web\/(.*-forms?|chosen-program|audit-filter)\.ts$/.test(specifier)) return [];
    const helper = parse(fileOf(specifier));
    // One that serves many pages is read function by function.
    if (!specifier.endsWith('/admin-forms.ts')) return [{ source: helper, node: helper }];
    const bindings = statement.importClause?.namedBindings;
    const names =
      bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements.map(({ name }) => name.text) : [];
    return helper.statements.flatMap((inner) =>
      ts.isFunctionDeclaration(inner) && names.includes(inner.name?.text ?? '')
        ? [{ source: helper, node: inner }]
        : [],
    );
  });
}

/** Reads the route of a page. */
export function readPageSource(page: string): PageSource {
  const source = parse(`app/routes/${page}.tsx`);
  const into: PageSource = { fields: new Set(), intents: new Set(), unread: [] };
  for (const part of [{ source, node: source }, ...helpersOf(source)])
    each(part.node, (node) => {
      readIntent(part.source, node, into);
      readField(node, into);
    });
  into.fields.delete('intent');
  return into;
}

/** The texts that a property of this name has in a file, or the names of a table of this name. */
export function wordsIn(file: string, name: string): string[] {
  const source = parse(file);
  const found: string[] = [];
  each(source, (node) => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === name && ts.isStringLiteral(node.initializer))
      found.push(node.initializer.text);
  });
  return found.length > 0 ? found : (wordsOf(source, name) ?? []);
}
