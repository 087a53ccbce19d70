import { freezePhrases } from '#app/components/shopper/freeze-phrases.ts';
import { MessagePage } from '#app/components/shopper/message-page.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import { type Language, languages } from '#app/domain/members/languages.ts';

type Thrown = { status: number; data: unknown } | null;

/** What a page threw for what it refused; the browser's build knows no zod. */
function refusalOf(thrown: unknown): { refusal: string; language: Language } | null {
  if (typeof thrown !== 'object' || thrown === null || !('refusal' in thrown) || !('language' in thrown)) return null;
  const language = languages.find((one) => one === thrown.language);
  return typeof thrown.refusal === 'string' && language !== undefined ? { refusal: thrown.refusal, language } : null;
}

type Words = { title: string; text: string };

/** What to say, and what to do next. */
function wordsFor(refusal: string | null, status: number, language: Language): Words {
  const { expiredTitle, expired, replacedTitle, replaced } = freezePhrases[language];
  const { linkInvalidTitle, linkInvalid, formTitle, form, brokenTitle, broken, tooManyTitle, tooMany } =
    shopperPhrases[language];
  if (refusal === 'link-expired') return { title: expiredTitle, text: expired };
  if (refusal === 'link-replaced') return { title: replacedTitle, text: replaced };
  if (status === 429) return { title: tooManyTitle, text: tooMany };
  if (status === 403 || status === 404) return { title: linkInvalidTitle, text: linkInvalid };
  return status < 500 ? { title: formTitle, text: form } : { title: brokenTitle, text: broken };
}

/** The page behind a link that opens nothing, or behind a failure of ours. */
export function RefusedLink({ thrown }: { thrown: Thrown }) {
  const refused = refusalOf(thrown?.data);
  return <MessagePage {...wordsFor(refused?.refusal ?? null, thrown?.status ?? 500, refused?.language ?? 'en')} />;
}
