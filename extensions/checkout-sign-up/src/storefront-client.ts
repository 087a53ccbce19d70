import type { Problem } from '#app/contracts/problem.ts';
import type { StorefrontEnrollment, StorefrontEnrollmentAnswer, StorefrontProgram } from '#app/contracts/storefront.ts';
import { appUrl } from './app-url.ts';

/** What came of a call. `unreachable` covers everything that a later try may cure. */
export type Answer<Value> =
  | { kind: 'ok'; value: Value }
  | { kind: 'refused'; code: string }
  | { kind: 'unreachable' };

type TokenSource = () => Promise<string>;

const requestTimeoutMs = 10_000;
const confirmationTries = 6;
const confirmationPauseMs = 1_500;

/** Reads the program and, when the shopper is logged in, whether they have a card. */
export function loadProgram(getToken: TokenSource, locale: string): Promise<Answer<StorefrontProgram>> {
  return call(getToken, `/storefront/v1/program?locale=${encodeURIComponent(locale)}`, { method: 'GET' });
}

/**
 * Joins the program. The thank-you page opens before the order has reached the app, so "not confirmed yet" is asked
 * again for a few seconds. Repeating is safe: one order gives one card.
 */
export async function join(
  getToken: TokenSource,
  enrollment: StorefrontEnrollment,
): Promise<Answer<StorefrontEnrollmentAnswer>> {
  let answer: Answer<StorefrontEnrollmentAnswer> = { kind: 'unreachable' };
  for (let attempt = 1; attempt <= confirmationTries; attempt += 1) {
    answer = await call(getToken, '/storefront/v1/enrollments', { method: 'POST', body: JSON.stringify(enrollment) });
    if (answer.kind !== 'refused' || answer.code !== 'order-not-confirmed') return answer;
    if (attempt < confirmationTries) await pause(confirmationPauseMs);
  }
  return answer;
}

async function call<Value>(
  getToken: TokenSource,
  path: string,
  request: { method: 'GET' | 'POST'; body?: string },
): Promise<Answer<Value>> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), requestTimeoutMs);
  try {
    const headers: Record<string, string> = { Accept: 'application/json', Authorization: `Bearer ${await getToken()}` };
    if (request.body !== undefined) headers['Content-Type'] = 'application/json';
    const response = await fetch(`${appUrl}${path}`, { ...request, headers, signal: abort.signal });
    if (response.ok) return { kind: 'ok', value: (await response.json()) as Value };
    if (response.status >= 500 || response.status === 429) return { kind: 'unreachable' };
    return { kind: 'refused', code: await problemCode(response) };
  } catch {
    // Without a token, a network or a readable answer there is one thing to offer: try again.
    return { kind: 'unreachable' };
  } finally {
    clearTimeout(timer);
  }
}

async function problemCode(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as Partial<Problem>;
    return problem.code ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
