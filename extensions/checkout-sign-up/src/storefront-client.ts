import type { ShownCart, ShownEstimate } from '#app/contracts/shown-estimate.ts';
import type { StorefrontEnrollment, StorefrontEnrollmentAnswer, StorefrontProgram } from '#app/contracts/storefront.ts';
import { appUrl } from './app-url.ts';
import { hasCardUrl, isShownEstimate, isStorefrontProgram, problemCode } from './storefront-answers.ts';

/** What came of a call. `unreachable` covers everything that a later try may cure. */
export type Answer<Value> = { kind: 'ok'; value: Value } | { kind: 'refused'; code: string } | { kind: 'unreachable' };

type TokenSource = () => Promise<string>;

const requestTimeoutMs = 10_000;
const confirmationTries = 6;
const confirmationPauseMs = 1_500;

/** Reads the program and, when the shopper is logged in, whether they have a card. */
export function loadProgram(getToken: TokenSource, locale: string): Promise<Answer<StorefrontProgram>> {
  return call(getToken, {
    path: `/storefront/v1/program?locale=${encodeURIComponent(locale)}`,
    isAnswer: isStorefrontProgram,
  });
}

/**
 * Joins the program. The thank-you page opens before the order has reached the app, so "not confirmed yet" is asked
 * again for a few seconds. Repeating is safe: one order gives one card.
 */
export async function join(
  getToken: TokenSource,
  body: StorefrontEnrollment,
): Promise<Answer<StorefrontEnrollmentAnswer>> {
  let answer: Answer<StorefrontEnrollmentAnswer> = { kind: 'unreachable' };
  for (let attempt = 1; attempt <= confirmationTries; attempt += 1) {
    answer = await call(getToken, { path: '/storefront/v1/enrollments', body, isAnswer: hasCardUrl });
    if (answer.kind !== 'refused' || answer.code !== 'order-not-confirmed') return answer;
    if (attempt < confirmationTries) await pause(confirmationPauseMs);
  }
  return answer;
}

/** What the order on the page brings whoever has a card. */
export function loadEstimate(
  getToken: TokenSource,
  { cart, locale }: { cart: ShownCart; locale: string },
): Promise<Answer<ShownEstimate>> {
  return call(getToken, { path: '/storefront/v1/estimates', body: { cart, locale }, isAnswer: isShownEstimate });
}

interface Call<Value> {
  path: string;
  /** Present for a POST. */
  body?: object;
  isAnswer: (value: unknown) => value is Value;
}

async function call<Value>(getToken: TokenSource, { path, body, isAnswer }: Call<Value>): Promise<Answer<Value>> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), requestTimeoutMs);
  try {
    const headers: Record<string, string> = { Accept: 'application/json', Authorization: `Bearer ${await getToken()}` };
    const request: RequestInit = { method: 'GET', headers, signal: abort.signal };
    if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
      request.method = 'POST';
      request.body = JSON.stringify(body);
    }
    return await read(await fetch(`${appUrl}${path}`, request), isAnswer);
  } catch {
    // Without a token, a network or a readable answer there is one thing to offer: try again.
    return { kind: 'unreachable' };
  } finally {
    clearTimeout(timer);
  }
}

async function read<Value>(response: Response, isAnswer: Call<Value>['isAnswer']): Promise<Answer<Value>> {
  if (response.status >= 500 || response.status === 429) return { kind: 'unreachable' };
  const value: unknown = await response.json();
  if (!response.ok) return { kind: 'refused', code: problemCode(value) };
  return isAnswer(value) ? { kind: 'ok', value } : { kind: 'unreachable' };
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
