/** What Apple's answers to a push mean to us. */
import { z } from 'zod';
import type { PushOutcome } from '#app/domain/cards/push-outcome.ts';
import { parseRetryAfterMs } from '#app/gateways/retry-after.ts';
import { Rejected } from '#app/lib/errors.ts';

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
/** After a refused certificate one push is tried this often; mending it takes a person. */
export const certificatePauseMs = 30_000;

/** Reads one answer. Throws `Rejected` for what only a mistake of ours can cause, such as a payload too large. */
export function outcomeOf(response: ApnsResponse): PushOutcome {
  const { status } = response;
  if (status === 200) return { kind: 'accepted' };
  const { reason, timestamp } = refusalOf(response.body);
  if (status === 410) return { kind: 'gone', since: timestamp === undefined ? null : new Date(timestamp) };
  if (tokenReasons.has(reason)) return { kind: 'bad-token' };
  if (status === 403 || certificateReasons.has(reason)) return certificateRefused(reason);
  const retryAfterMs = parseRetryAfterMs(response.retryAfter);
  if (status === 429) return { kind: 'throttled', retryAfterMs: retryAfterMs ?? throttleDefaultMs };
  if (status >= 500) return unavailable(`status ${status}`, retryAfterMs);
  throw new Rejected('apns-refused', `APNs answered ${status} ${reason}`);
}

/** An outcome for a push that Apple does not want under this certificate. */
export function certificateRefused(reason: string): PushOutcome {
  return { kind: 'certificate-refused', reason, retryAfterMs: certificatePauseMs };
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
