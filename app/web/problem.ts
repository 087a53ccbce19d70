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

/** A cursor that we never wrote, or what is no form, is no field that does not fit: the request itself is wrong. */
const statusesByCode: Readonly<Record<string, number>> = {
  'bad-cursor': 400,
  'form-unreadable': 400,
  'form-too-large': 413,
  'form-type': 415,
};

function statusOf(failure: StampwellFailure): number {
  const byKind = statuses.find(([kind]) => failure instanceof kind)?.[1];
  return statusesByCode[failure.code] ?? byKind ?? 500;
}

function retryAfter(failure: StampwellFailure, status: number): Record<string, string> {
  if (status !== 429 && status !== 503 && failure.retryAfterMs === undefined) return {};
  return { 'retry-after': String(Math.max(1, Math.ceil((failure.retryAfterMs ?? defaultRetryAfterMs) / 1000))) };
}

/** What a program is told where nobody wrote words for its case. */
const plainWords: Readonly<Record<number, string>> = {
  400: 'This request cannot be read.',
  401: 'Who asks is not known here.',
  403: 'This is not allowed.',
  404: 'There is no such thing here.',
  405: 'This method is not allowed here.',
  409: 'This clashes with what is there already.',
  413: 'The body is too large.',
  415: 'Send this as a form.',
  422: 'This cannot be accepted as it is.',
  429: 'Too many requests. Please try again later.',
  502: 'Another system refused this.',
  503: 'This is not available right now. Please try again later.',
};

function wordsFor(status: number, code: string): string {
  const [, missing] = /^(.+)-not-found$/.exec(code) ?? [];
  if (missing !== undefined) return `There is no such ${missing.replaceAll('-', ' ')}.`;
  return plainWords[status] ?? 'This request cannot be answered.';
}

/**
 * A problem for a status we answer ourselves, without an error having been thrown (400, 404, 405, 413 …). One with an
 * `instance` is for a program and always has a `detail`; pages have words of their own.
 */
export function describeStatus(
  status: number,
  about: { code: string; detail?: string | undefined; instance?: string | undefined },
): Problem {
  const detail = about.detail ?? (about.instance === undefined ? undefined : wordsFor(status, about.code));
  return {
    type: `urn:stampwell:problem:${about.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code: about.code,
    ...(detail !== undefined && { detail: detail.slice(0, 1_000) }),
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
