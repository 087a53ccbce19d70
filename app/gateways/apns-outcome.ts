/** What Apple's answers to a push mean to us. */
import { z } from 'zod';
import { parseRetryAfterMs } from '#app/gateways/retry-after.ts';
import { Rejected } from '#app/lib/errors.ts';

export type PushOutcome =
  /** Apple took it; whether the device asks for the pass shows later. */
  | { kind: 'accepted' }
  /** The device no longer wants this pass. `since` is when; a registration made after it is still good. */
  | { kind: 'gone'; since: Date | null }
  /** The token was never good for this topic. */
  | { kind: 'bad-token' }
  /** Apple does not accept our certificate: no device is at fault, stop the lane and alert. */
  | { kind: 'certificate-refused'; reason: string }
  | { kind: 'throttled'; retryAfterMs: number }
  | { kind: 'unavailable'; reason: string; retryAfterMs?: number };

export type ApnsResponse = { status: number; retryAfter: string | undefined; body: string };

const refusalSchema = z.object({ reason: z.string(), timestamp: z.number().optional() });
const certificateReasons = new Set([
  'BadCertificate',
  'BadCertificateEnvironment',
  'BadTopic',
  'MissingTopic',
  'TopicDisallowed',
]);
const tokenReasons = new Set(['BadDeviceToken', 'DeviceTokenNotForTopic', 'MissingDeviceToken']);
const throttleDefaultMs = 30_000;

/** Reads one answer. Throws `Rejected` for what only a mistake of ours can cause, such as a payload too large. */
export function outcomeOf(response: ApnsResponse): PushOutcome {
  const { status } = response;
  if (status === 200) return { kind: 'accepted' };
  const { reason, timestamp } = refusalOf(response.body);
  if (status === 410) return { kind: 'gone', since: timestamp === undefined ? null : new Date(timestamp) };
  if (tokenReasons.has(reason)) return { kind: 'bad-token' };
  if (status === 403 || certificateReasons.has(reason)) return { kind: 'certificate-refused', reason };
  const retryAfterMs = parseRetryAfterMs(response.retryAfter);
  if (status === 429) return { kind: 'throttled', retryAfterMs: retryAfterMs ?? throttleDefaultMs };
  if (status >= 500) return unavailable(`status ${status}`, retryAfterMs);
  throw new Rejected('apns-refused', `APNs answered ${status} ${reason}`);
}

/** An outcome for a push that was not answered, or answered with a server error. */
export function unavailable(reason: string, retryAfterMs?: number): PushOutcome {
  return retryAfterMs === undefined ? { kind: 'unavailable', reason } : { kind: 'unavailable', reason, retryAfterMs };
}

function refusalOf(body: string): { reason: string; timestamp?: number | undefined } {
  try {
    const parsed = refusalSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : { reason: 'unreadable' };
  } catch {
    return { reason: 'unreadable' };
  }
}
