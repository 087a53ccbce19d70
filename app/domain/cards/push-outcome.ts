/** What a push to one device came to, and what follows from it. */

export type PushOutcome =
  /** Apple took it; whether the device asks for the pass shows later. */
  | { kind: 'accepted' }
  /** The device no longer wants this pass. `since` is when; a registration made after it is still good. */
  | { kind: 'gone'; since: Date | null }
  /** The token was never good for this topic. */
  | { kind: 'bad-token' }
  /** Apple does not accept our certificate: no device is at fault. The lane stops, and is tried again after the wait. */
  | { kind: 'certificate-refused'; reason: string; retryAfterMs: number }
  /** Too many pushes to this one device. */
  | { kind: 'throttled'; retryAfterMs: number }
  /** No answer, or an answer that says "later". `isUnsent`: the lane is paused, so nothing was even sent. */
  | { kind: 'unavailable'; reason: string; retryAfterMs?: number; isUnsent?: boolean };

export type PushConsequence =
  | { kind: 'told' }
  /** Drop the registration, unless the device told us its token after this. */
  | { kind: 'dropped'; tokenAt: Date }
  /** Try again then. `isCounted`: Apple was asked, so this was one of the tries a device has. */
  | { kind: 'later'; at: Date; isCounted: boolean }
  /** Tried often enough; the next change or a reminder begins anew. */
  | { kind: 'given-up' };

/** How often one version is sent to one device that Apple will not take it for. */
export const pushTriesMax = 8;
const retryFirstMs = 5_000;
const retryMaxMs = 60 * 60 * 1000;

/** What follows from a push. `tries` are those before this one. Repeating it is harmless. */
export function consequenceOf(
  outcome: PushOutcome,
  device: { tokenAt: Date; tries: number; at: Date },
): PushConsequence {
  const { tokenAt, tries, at } = device;
  if (outcome.kind === 'accepted') return { kind: 'told' };
  if (outcome.kind === 'bad-token') return { kind: 'dropped', tokenAt };
  if (outcome.kind === 'gone' && (outcome.since === null || outcome.since > tokenAt))
    return { kind: 'dropped', tokenAt };
  const waitMs = waitOf(outcome, tries);
  const isCounted = outcome.kind !== 'certificate-refused' && !(outcome.kind === 'unavailable' && outcome.isUnsent);
  if (isCounted && tries + 1 >= pushTriesMax) return { kind: 'given-up' };
  return { kind: 'later', at: new Date(at.getTime() + waitMs), isCounted };
}

/** Apple's own word on when to come back, or twice as long each time. */
function waitOf(outcome: PushOutcome, tries: number): number {
  const asked = 'retryAfterMs' in outcome ? outcome.retryAfterMs : undefined;
  return asked ?? Math.min(retryMaxMs, retryFirstMs * 2 ** tries);
}

/** The code of what stood in the way of these pushes; null when nothing did. The graver first. */
export function problemOf(outcomes: readonly PushOutcome[]): string | null {
  const kinds = new Set(outcomes.map(({ kind }) => kind));
  if (kinds.has('certificate-refused')) return 'apns-certificate-refused';
  if (kinds.has('unavailable')) return 'apns-unavailable';
  return kinds.has('throttled') ? 'apns-throttled' : null;
}
