/** What one operation of the API is: the router, the scope it demands and its part of the OpenAPI document in one. */
import type { z } from 'zod';

import type { ApiScope } from '#app/contracts/api-scopes.ts';

export type ApiTag = 'Members' | 'Privacy' | 'Ledger' | 'Rewards' | 'Orders' | 'Programs';

export type ApiOperation<Id extends string = string> = {
  id: Id;
  tag: ApiTag;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With named parameters in braces, each a whole part of the path: `/api/v1/members/{memberId}`. */
  path: string;
  summary: string;
  scope: ApiScope;
  /** Scopes that make the answer say more. */
  widerScopes?: ApiScope[];
  query: z.ZodType;
  /** Null where nothing is sent: every GET, and mutations that the path says all of. */
  body: z.ZodType | null;
  /** The most a body may weigh, where that is more than usual. */
  bodyBytesMax?: number;
  /** A question too long for a query: it is sent as a body and changes nothing. */
  isQuestion?: boolean;
  /** Whether an `If-Match` is heeded: 412 when somebody else was there first. */
  heedsIfMatch?: boolean;
  answers: { status: 200 | 201 | 202; description: string; schema: z.ZodType }[];
};

/** Whether an operation changes something: it then needs an `Idempotency-Key`. */
export function isMutation(operation: ApiOperation): boolean {
  return operation.method !== 'GET' && operation.isQuestion !== true;
}

const parameterPattern = /^\{(\w+)\}$/;

/** The names of a path's parameters, in order. */
export function parameterNames(path: string): string[] {
  return path.split('/').flatMap((part) => parameterPattern.exec(part)?.[1] ?? []);
}

/** The parameters of a path that this pattern describes, by name; null when it does not. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const parts = pattern.split('/');
  const given = path.split('/');
  if (parts.length !== given.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const value = given[index] ?? '';
    const name = parameterPattern.exec(part)?.[1];
    if (name === undefined ? part !== value : value === '') return null;
    if (name !== undefined) parameters[name] = value;
  }
  return parameters;
}
