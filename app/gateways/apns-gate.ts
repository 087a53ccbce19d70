/**
 * Whether a lane to Apple takes pushes at all. A refused certificate, an outage or a "come back later" closes it; when the
 * wait is over one push goes ahead to see, and the others follow once it was answered.
 */
import type { PushOutcome } from '#app/domain/cards/push-outcome.ts';

export type ApnsGateLimits = {
  /** How long a refused certificate stops the lane before it is tried again. */
  certificatePauseMs: number;
  /** How many pushes in a row may stay without an answer before the lane pauses. */
  silencesMax: number;
  /** The first pause after that; each further one is twice as long. */
  silencePauseMs: number;
  silencePauseMaxMs: number;
};

export type ApnsGate = {
  /** Null lets the push pass; else what to answer instead of sending it. */
  refusal: (nowMs: number) => PushOutcome | null;
  /** Told of every push that was let pass; null is an answer that says nothing of the lane. */
  note: (outcome: PushOutcome | null, nowMs: number) => void;
};

type Closed = { untilMs: number; reason: string; isCertificate: boolean };

/** A gate that is open. */
export function createApnsGate(limits: ApnsGateLimits): ApnsGate {
  let closed: Closed | null = null;
  let silences = 0;
  let isTrying = false;

  const close = (next: Closed): void => {
    closed = next;
    isTrying = false;
  };
  const closeForSilence = (reason: string, nowMs: number): void => {
    // Sent before the lane was paused: one outage, however many pushes it swallowed at once.
    if (closed !== null && !isTrying) return;
    silences += 1;
    isTrying = false;
    if (silences < limits.silencesMax) return;
    const pauseMs = limits.silencePauseMs * 2 ** Math.min(20, silences - limits.silencesMax);
    close({ untilMs: nowMs + Math.min(limits.silencePauseMaxMs, pauseMs), reason, isCertificate: false });
  };

  return {
    refusal: (nowMs) => {
      if (closed === null) return null;
      if (nowMs >= closed.untilMs && !isTrying) {
        isTrying = true;
        return null;
      }
      return refusalOf(closed, Math.max(limits.silencePauseMs, closed.untilMs - nowMs));
    },
    note: (outcome, nowMs) => {
      if (outcome?.kind === 'certificate-refused')
        return close({ untilMs: nowMs + limits.certificatePauseMs, reason: outcome.reason, isCertificate: true });
      if (outcome?.kind !== 'unavailable') {
        [closed, silences, isTrying] = [null, 0, false];
        return;
      }
      if (outcome.retryAfterMs !== undefined)
        return close({ untilMs: nowMs + outcome.retryAfterMs, reason: outcome.reason, isCertificate: false });
      closeForSilence(outcome.reason, nowMs);
    },
  };
}

function refusalOf({ reason, isCertificate }: Closed, retryAfterMs: number): PushOutcome {
  return isCertificate
    ? { kind: 'certificate-refused', reason, retryAfterMs }
    : { kind: 'unavailable', reason, retryAfterMs, isUnsent: true };
}
