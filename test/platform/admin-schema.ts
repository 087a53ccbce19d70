/** Shopify's published Admin GraphQL schema: checks operations, their variables and the scopes they need. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

import {
  buildSchema,
  getNamedType,
  graphql,
  GraphQLError,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';
import { z } from 'zod';

const fixtures = path.join(import.meta.dirname, 'fixtures');
const scopesSchema = z.record(z.string(), z.array(z.string()));

let loaded: { schema: GraphQLSchema; scopes: Record<string, string[]> } | undefined;

function read(file: string): string {
  return gunzipSync(readFileSync(path.join(fixtures, file))).toString('utf8');
}

function denied(message: string): GraphQLError {
  return new GraphQLError(`Access denied: ${message}`, { extensions: { code: 'ACCESS_DENIED' } });
}

function load(): { schema: GraphQLSchema; scopes: Record<string, string[]> } {
  loaded ??= {
    schema: buildSchema(read('admin-2026-07.graphql.gz'), { assumeValid: true, assumeValidSDL: true }),
    scopes: scopesSchema.parse(JSON.parse(read('admin-2026-07-scopes.json.gz'))),
  };
  return loaded;
}

/** Whether some granted scope is among those that open a field; being allowed to write includes reading. */
function isAllowed(needed: string[], granted: Set<string>): boolean {
  return needed.some((scope) => granted.has(scope) || granted.has(scope.replace(/^read_/, 'write_')));
}

/** Every type and field of an operation that the granted scopes do not open, each with the scopes that would. */
function missingScopes(document: DocumentNode, granted: string[]): string[] {
  const { schema, scopes } = load();
  const grantedSet = new Set(granted);
  const missing = new Set<string>();
  const check = (name: string): void => {
    const needed = scopes[name];
    if (needed !== undefined && !isAllowed(needed, grantedSet)) missing.add(`${name} needs ${needed.join(' or ')}`);
  };
  const typeInfo = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Field: () => {
        const parent = typeInfo.getParentType();
        const field = typeInfo.getFieldDef();
        if (!parent || !field) return;
        check(`${parent.name}.${field.name}`);
        check(getNamedType(field.type).name);
      },
    }),
  );
  return [...missing];
}

export type AdminCall = {
  query: string;
  variables: Record<string, unknown>;
  scopes: string[];
  root: Record<string, unknown>;
};

/** Runs an operation against `root`. Anything the schema, the variables' types or the scopes refuse is an error. */
export async function runOperation(options: AdminCall): Promise<ExecutionResult> {
  const { schema } = load();
  try {
    const document = parse(options.query);
    const problems = validate(schema, document);
    if (problems.length > 0) return { errors: problems };
    const missing = missingScopes(document, options.scopes);
    if (missing.length > 0) return { data: null, errors: missing.map(denied) };
  } catch (error) {
    return { errors: [error instanceof GraphQLError ? error : new GraphQLError(String(error))] };
  }
  return graphql({ schema, source: options.query, variableValues: options.variables, rootValue: options.root });
}
