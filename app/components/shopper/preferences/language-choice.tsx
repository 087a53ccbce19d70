import { preferencePhrases } from '#app/components/shopper/preferences/phrases.ts';
import { type Language, languages } from '#app/domain/members/languages.ts';

/** Each in its own words, so that nobody has to read the language they want to leave. */
const ownNames: Record<Language, string> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  nl: 'Nederlands',
};

/** The language of the card, of this page and of what is mailed. */
export function LanguageChoice({ action, language }: { action: string; language: Language }) {
  const phrases = preferencePhrases[language];
  return (
    <section aria-labelledby="language-title">
      <h2 id="language-title">{phrases.language}</h2>
      <form method="post" action={action}>
        <input type="hidden" name="intent" value="language" />
        <div className="field">
          <label htmlFor="language">{phrases.languageHint}</label>
          <select id="language" name="language" defaultValue={language}>
            {languages.map((each) => (
              <option key={each} value={each} lang={each}>
                {ownNames[each]}
              </option>
            ))}
          </select>
        </div>
        <button type="submit">{phrases.changeLanguage}</button>
      </form>
    </section>
  );
}
