import { preferencePhrases } from '#app/components/shopper/preferences/phrases.ts';
import type { Language } from '#app/domain/members/languages.ts';

type Props = { action: string; language: Language };

/** A code that was mailed is typed in here. */
export function CodeForm({ action, language, isOpen }: Props & { isOpen: boolean }) {
  const phrases = preferencePhrases[language];
  if (!isOpen) return null;
  return (
    <form method="post" action={action} className="notice">
      <input type="hidden" name="intent" value="code" />
      <div className="field">
        <label htmlFor="code">{phrases.code}</label>
        <input
          id="code"
          name="code"
          type="text"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          maxLength={12}
          aria-describedby="code-hint"
        />
        <p className="hint" id="code-hint">
          {phrases.codeHint}
        </p>
      </div>
      <button type="submit">{phrases.send}</button>
    </form>
  );
}

type ContactProps = Props & { email: { masked: string; isProven: boolean } | null; isWrong: boolean };

/** The address we have, masked, and another one. */
export function Contact({ action, language, email, isWrong }: ContactProps) {
  const phrases = preferencePhrases[language];
  return (
    <section aria-labelledby="contact-title">
      <h2 id="contact-title">{phrases.contact}</h2>
      <p>{email === null ? phrases.noContact : phrases.contactNow(email.masked)}</p>
      {email === null || email.isProven ? null : <p className="hint">{phrases.unproven}</p>}
      <form method="post" action={action}>
        <input type="hidden" name="intent" value="contact" />
        <div className="field">
          <label htmlFor="email">{phrases.newEmail}</label>
          <input
            id="email"
            name="email"
            type="email"
            autoComplete="email"
            required
            maxLength={254}
            {...(isWrong ? { 'aria-invalid': true, autoFocus: true } : {})}
          />
        </div>
        <button type="submit">{phrases.changeEmail}</button>
      </form>
    </section>
  );
}

/** `downloads`: where the copy is, once it may be had. */
export function OwnData({ action, language, downloads }: Props & { downloads: { json: string; csv: string } | null }) {
  const phrases = preferencePhrases[language];
  return (
    <section aria-labelledby="data-title">
      <h2 id="data-title">{phrases.data}</h2>
      <p className="hint">{phrases.dataHint}</p>
      {downloads === null ? (
        <form method="post" action={action}>
          <button type="submit" name="intent" value="download">
            {phrases.getData}
          </button>
        </form>
      ) : (
        <ul className="lines">
          <li>
            <a href={downloads.json}>JSON</a>
          </li>
          <li>
            <a href={downloads.csv}>CSV</a>
          </li>
        </ul>
      )}
    </section>
  );
}

/** Each opens by itself: none of it is sent by a slip. */
export function Requests({ action, language }: Props) {
  const phrases = preferencePhrases[language];
  return (
    <>
      <details className="till">
        <summary>{phrases.correct}</summary>
        <form method="post" action={action}>
          <input type="hidden" name="intent" value="name" />
          <div className="field">
            <label htmlFor="name">{phrases.name}</label>
            <input
              id="name"
              name="name"
              type="text"
              autoComplete="given-name"
              required
              maxLength={60}
              aria-describedby="name-hint"
            />
            <p className="hint" id="name-hint">
              {phrases.correctHint}
            </p>
          </div>
          <button type="submit">{phrases.send}</button>
        </form>
      </details>
      <details className="till">
        <summary>{phrases.more}</summary>
        <form method="post" action={action}>
          <input type="hidden" name="intent" value="request" />
          <fieldset>
            <legend className="hint">{phrases.moreHint}</legend>
            {(['access', 'objection', 'restriction'] as const).map((kind) => (
              <label className="tick" key={kind}>
                <input type="radio" name="kind" value={kind} required />
                <span>{phrases.requests[kind]}</span>
              </label>
            ))}
          </fieldset>
          <button type="submit">{phrases.send}</button>
        </form>
      </details>
      <details className="till">
        <summary>{phrases.erase}</summary>
        <form method="post" action={action}>
          <input type="hidden" name="intent" value="erase" />
          <p className="hint">{phrases.eraseHint}</p>
          <label className="tick">
            <input type="checkbox" name="sure" value="yes" required />
            <span>{phrases.eraseTick}</span>
          </label>
          <button type="submit" className="grave">
            {phrases.eraseButton}
          </button>
        </form>
      </details>
    </>
  );
}
