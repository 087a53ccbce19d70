/** The one place that says which HTTP status and which public words a failure becomes (RFC 9457). */
import { STATUS_CODES } from 'node:http';

import type { Problem } from '#app/contracts/problem.ts';
import {
  Conflict,
  Forbidden,
  InvalidInput,
  isFailure,
  NotFound,
  RateLimited,
  Rejected,
  type StampwellFailure,
  Unauthenticated,
  Unavailable,
} from '#app/lib/errors.ts';
import { log } from '#app/lib/log.ts';

export const problemMediaType = 'application/problem+json';

const statuses = [
  [InvalidInput, 422],
  [Unauthenticated, 401],
  [Forbidden, 403],
  [NotFound, 404],
  [Conflict, 409],
  [RateLimited, 429],
  [Unavailable, 503],
  [Rejected, 502],
] as const;

const defaultRetryAfterMs = 5_000;

export type ProblemAnswer = { status: number; problem: Problem; headers: Record<string, string> };

function statusOf(failure: StampwellFailure): number {
  return statuses.find(([kind]) => failure instanceof kind)?.[1] ?? 500;
}

function retryAfter(failure: StampwellFailure, status: number): Record<string, string> {
  if (status !== 429 && status !== 503 && failure.retryAfterMs === undefined) return {};
  return { 'retry-after': String(Math.max(1, Math.ceil((failure.retryAfterMs ?? defaultRetryAfterMs) / 1000))) };
}

/** A problem for a status we answer ourselves, without an error having been thrown (400, 404, 405, 413 …). */
export function describeStatus(
  status: number,
  about: { code: string; detail?: string | undefined; instance?: string | undefined },
): Problem {
  return {
    type: `urn:stampwell:problem:${about.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: about.code,
    ...(about.detail !== undefined && { detail: about.detail.slice(0, 1_000) }),
    ...(about.instance !== undefined && { instance: about.instance.slice(0, 200) }),
  };
}

/**
 * What a caller is told about a failure: our own failures say their code and, where there are any, the words meant for
 * people; everything else is logged and becomes a 500 that says nothing. `instance` is a path without its query.
 */
export function describeFailure(error: unknown, instance?: string): ProblemAnswer {
  if (!isFailure(error)) {
    log.error('a request failed unexpectedly', { error });
    const detail = 'Something went wrong on our side. Please try again later.';
    return { status: 500, problem: describeStatus(500, { code: 'internal-error', detail, instance }), headers: {} };
  }
  const status = statusOf(error);
  const problem = describeStatus(status, { code: error.code, detail: error.publicMessage, instance });
  const errors = error.issues?.map(({ path, message }) => ({ path, message }));
  return { status, problem: { ...problem, ...(errors && { errors }) }, headers: retryAfter(error, status) };
}
