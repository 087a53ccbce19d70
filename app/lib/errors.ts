/** The failures this product throws. Expected outcomes are return values; these are for everything else. */

/** One thing that is wrong with an input: where, and in which way; never its value. */
export type InputIssue = { path: string; message: string };

type FailureDetails = { publicMessage?: string; cause?: unknown; retryAfterMs?: number; issues?: InputIssue[] };

/** Base of all our failures. `code` is stable; `message` is for operators and never holds personal data. */
abstract class Failure extends Error {
  readonly code: string;
  readonly publicMessage: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly issues: readonly InputIssue[] | undefined;

  constructor(code: string, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.code = code;
    this.publicMessage = details.publicMessage;
    this.retryAfterMs = details.retryAfterMs;
    this.issues = details.issues;
  }
}

/** The caller sent something we cannot accept; asking again unchanged will not help. */
export class InvalidInput extends Failure {}
/** The caller did not prove who they are. */
export class Unauthenticated extends Failure {}
/** The caller is known and may not do this. */
export class Forbidden extends Failure {}
/** It does not exist, or not for this shop. */
export class NotFound extends Failure {}
/** It clashes with what is already there. */
export class Conflict extends Failure {}
/** Too many requests; `retryAfterMs` says when to come back. */
export class RateLimited extends Failure {}
/** An outside system or our own store is not answering; try later. */
export class Unavailable extends Failure {}
/** An outside system refused for good; trying again will never work. */
export class Rejected extends Failure {}

export type StampwellFailure =
  InvalidInput | Unauthenticated | Forbidden | NotFound | Conflict | RateLimited | Unavailable | Rejected;

/** Whether an unknown thrown value is one of ours. */
export function isFailure(error: unknown): error is StampwellFailure {
  return error instanceof Failure;
}

/** Guards what only a bug in our own code could break. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${message}`);
}
