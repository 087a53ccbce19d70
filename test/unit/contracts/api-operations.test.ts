import { describe, expect, it } from 'vitest';

import { isMutation, matchPath, parameterNames } from '#app/contracts/api-operation.ts';
import { apiOperations } from '#app/contracts/api-operations.ts';
import { openApiDocument } from '#app/contracts/openapi.ts';

describe('a path of the API', () => {
  it.each([
    ['/a/{one}', '/a/1', { one: '1' }],
    ['/a/{one}/b/{two}', '/a/1/b/2', { one: '1', two: '2' }],
    ['/a/b', '/a/b', {}],
    ['/a/{one}', '/a/', null],
    ['/a/{one}', '/a/1/', null],
    ['/a/{one}', '/a/1/b', null],
    ['/a/{one}/c', '/a/1/b', null],
    ['/a/b', '/a/{one}', null],
  ])('%s answers %s with %o', (pattern, path, parameters) => {
    expect(matchPath(pattern, path)).toEqual(parameters);
  });

  it('names its parameters in order', () => {
    expect(parameterNames('/a/{one}/b/{two}')).toEqual(['one', 'two']);
  });
});

describe('the operations', () => {
  it('have each a name and an address of its own', () => {
    const names = apiOperations.map(({ id }) => id);
    const addresses = apiOperations.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`);
    expect([new Set(names).size, new Set(addresses).size]).toEqual([names.length, addresses.length]);
  });

  it('stand all in the OpenAPI document, with their parameters, scopes and bodies, and mutations with their key', () => {
    const document = JSON.parse(JSON.stringify(openApiDocument('https://example.test'))) as {
      paths: Record<string, Record<string, Described>>;
      components: { schemas: Record<string, unknown> };
    };
    for (const operation of apiOperations) {
      const described = document.paths[operation.path]?.[operation.method.toLowerCase()];
      expect(described).toMatchObject({ operationId: operation.id, tags: [operation.tag] });
      expect(described?.security).toEqual([{ oauth: [operation.scope] }]);
      const parameters = described?.parameters ?? [];
      expect(parameters.filter((one) => one.in === 'path').map((one) => one.name)).toEqual(
        parameterNames(operation.path),
      );
      expect(parameters.some((one) => one.name === 'Idempotency-Key')).toBe(isMutation(operation));
      expect(described?.requestBody !== undefined).toBe(operation.body !== null);
    }
    // What has no name of its own in the document would be described as a problem.
    const references = JSON.stringify(
      Object.values(document.paths).flatMap((methods) =>
        Object.values(methods).map(({ requestBody, responses }) => [
          requestBody,
          responses['200'],
          responses['201'],
          responses['202'],
        ]),
      ),
    );
    expect(references).not.toContain('#/components/schemas/Problem"');
  });
});

type Described = {
  operationId: string;
  tags: string[];
  security: unknown;
  parameters: { name: string; in: string }[];
  requestBody?: unknown;
  responses: Record<string, unknown>;
};
