/** Failures of ours on their way to a page: the error boundary gets a status and, at most, words meant for people. */
import { isFailure, Unauthenticated } from '#app/lib/errors.ts';
import { describeFailure, problemMediaType } from '#app/web/problem.ts';

async function failingAs<Result>(mediaType: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!isFailure(error)) throw error;
    const { status, problem, headers } = describeFailure(error);
    throw new Response(JSON.stringify(problem), {
      status,
      headers: { ...headers, 'cache-control': 'no-store', 'content-type': mediaType },
    });
  }
}

/** Runs a page's work; what fails for a reason of ours is thrown on as a response, everything else unchanged. */
export function forPage<Result>(work: () => Promise<Result>): Promise<Result> {
  // Error boundaries read JSON by this name only.
  return failingAs('application/json; charset=utf-8', work);
}

/** The same for what is no page: whoever asks for a file reads the problem itself. */
export function forFile<Result>(work: () => Promise<Result>): Promise<Result> {
  return failingAs(problemMediaType, work);
}

export type FormRefusal = { tone: 'critical'; title: string; details: string[] };

/**
 * Runs what a form asked for. A failure of ours becomes an answer beside the form, so that what was typed is not lost;
 * anything else, and a caller who is not known, is thrown on.
 */
export async function forForm<Result>(work: () => Promise<Result>): Promise<Result | FormRefusal> {
  try {
    return await work();
  } catch (error) {
    if (!isFailure(error) || error instanceof Unauthenticated) throw error;
    const { problem } = describeFailure(error);
    const advice =
      problem.status >= 500 ? 'Nothing was changed. Please try again in a moment.' : 'Nothing was changed.';
    return { tone: 'critical', title: problem.detail ?? 'This could not be done', details: [advice] };
  }
}
