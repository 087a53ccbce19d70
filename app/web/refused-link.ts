/** A link that opens nothing still gets a page that says what to do, in the reader's language. */
import { chooseLanguage } from '#app/domain/members/languages.ts';
import { Forbidden } from '#app/lib/errors.ts';

/** Runs what opens a link; a refusal is thrown on as a response that says why and in which language. */
export async function refuseInLanguage<Result>(
  acceptLanguage: string | null,
  open: () => Promise<Result>,
): Promise<Result> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof Forbidden)) throw error;
    const refused = { refusal: error.code, language: chooseLanguage(acceptLanguage) };
    throw Response.json(refused, { status: 403, headers: { 'Cache-Control': 'private, no-store' } });
  }
}
