/** What a shopper's page refuses still gets a page that says what to do, in the reader's language. */
import type { HeadersFunction } from '@remix-run/node';

import { chooseLanguage, type Language } from '#app/domain/members/languages.ts';
import { isFailure } from '#app/lib/errors.ts';
import { describeFailure } from '#app/web/problem.ts';

/** Runs a shopper's page or form; a failure of ours is thrown on as a response that says which and in which language. */
export async function refuseInLanguage<Result>(language: Language, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isFailure(error)) throw error;
    const { status, headers } = describeFailure(error);
    throw Response.json(
      { refusal: error.code, language },
      { status, headers: { ...headers, 'Cache-Control': 'private, no-store' } },
    );
  }
}

/** The language that a reader's browser asks for. */
export function readersLanguage(request: Request): Language {
  return chooseLanguage(request.headers.get('accept-language'));
}

/**
 * The address is the key to the page: it must not be kept by caches, sent on to other sites or found by searching. Our own
 * site may see it: browsers that tell nobody send forms without an origin, which are refused as forged.
 */
export const linkHeaders: HeadersFunction = ({ errorHeaders }) => {
  const retryAfter = errorHeaders?.get('Retry-After') ?? null;
  return {
    'Cache-Control': 'private, no-store',
    'Referrer-Policy': 'same-origin',
    'X-Robots-Tag': 'noindex',
    ...(retryAfter !== null && { 'Retry-After': retryAfter }),
  };
};
