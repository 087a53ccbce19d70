import { cardColors, OfferCard } from '#app/components/shopper/offer-card.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import type { ShopperPhrases } from '#app/components/shopper/phrases-type.ts';
import { ShopperPage } from '#app/components/shopper/shopper-page.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { ConsentWording } from '#app/domain/members/consent-wording.ts';
import { languages } from '#app/domain/members/languages.ts';
import type { Language } from '#app/domain/members/languages.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';

export type JoinEntries = { email: string; firstName: string; program: boolean; marketing: boolean };
export type JoinProblem = 'email' | 'refused' | null;

type Props = {
  language: Language;
  slug: string;
  location: string | null;
  content: PassContent;
  design: CardDesign;
  offer: { earning: string[]; rewards: string[] };
  wording: ConsentWording;
  entries: JoinEntries;
  problem: JoinProblem;
};

export function JoinView(props: Props) {
  const { language, content, design, offer } = props;
  const phrases = shopperPhrases[language];
  return (
    <ShopperPage>
      <div style={cardColors(content)}>
        <header className="hero">
          <OfferCard content={content} design={design} />
        </header>
        <div className="panel">
          <h1>{phrases.joinTitle(content.programName)}</h1>
          <p className="lead">{phrases.joinLead}</p>
          <h2>{phrases.howItWorks}</h2>
          <ul className="offer">
            {[...offer.earning, ...offer.rewards].map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
          <JoinForm {...props} phrases={phrases} />
        </div>
        <Languages slug={props.slug} current={language} />
      </div>
    </ShopperPage>
  );
}

function JoinForm(props: Props & { phrases: ShopperPhrases }) {
  const { phrases, language, slug, location, wording, entries, problem } = props;
  return (
    <form method="post" action={`/join/${slug}?lang=${language}`} noValidate>
      {problem === null ? null : (
        <div className="problem" role="alert" id="join-problem">
          <strong>{phrases.problemTitle}</strong>
          <p>{problem === 'email' ? phrases.invalidEmail : phrases.tryAgain}</p>
        </div>
      )}
      {location === null ? null : <input type="hidden" name="loc" value={location} />}
      <input type="hidden" name="wording" value={wording.version} />
      <div className="field">
        <label htmlFor="email">{phrases.email}</label>
        <input
          id="email"
          name="email"
          type="email"
          autoComplete="email"
          required
          maxLength={254}
          defaultValue={entries.email}
          aria-describedby={problem === 'email' ? 'join-problem email-hint' : 'email-hint'}
          {...(problem === 'email' ? { 'aria-invalid': true, autoFocus: true } : {})}
        />
        <p className="hint" id="email-hint">
          {phrases.emailHint}
        </p>
      </div>
      <div className="field">
        <label htmlFor="first-name">
          {phrases.firstName} <span className="hint">({phrases.optional})</span>
        </label>
        <input
          id="first-name"
          name="firstName"
          type="text"
          autoComplete="given-name"
          maxLength={60}
          defaultValue={entries.firstName}
        />
      </div>
      {/* People do not see this field; programs that fill in every field give themselves away. */}
      <div className="trap" aria-hidden="true">
        <label htmlFor="website">Website</label>
        <input id="website" name="website" type="text" tabIndex={-1} autoComplete="off" defaultValue="" />
      </div>
      <fieldset>
        <legend>{phrases.consentLegend}</legend>
        <p className="hint">{phrases.consentHint}</p>
        <label className="tick">
          <input type="checkbox" name="program" value="yes" defaultChecked={entries.program} />
          <span>{wording.program}</span>
        </label>
        <label className="tick">
          <input type="checkbox" name="marketing" value="yes" defaultChecked={entries.marketing} />
          <span>{wording.marketing}</span>
        </label>
      </fieldset>
      <button type="submit">{phrases.join}</button>
      <p className="hint">{phrases.privacyNote(props.content.organizationName)}</p>
    </form>
  );
}

function Languages({ slug, current }: { slug: string; current: Language }) {
  return (
    <nav className="languages" aria-label="Language">
      {languages.map((language) => (
        <a
          key={language}
          href={`/join/${slug}?lang=${language}`}
          lang={language}
          hrefLang={language}
          {...(language === current ? { 'aria-current': 'true' as const } : {})}
        >
          {shopperPhrases[language].languageName}
        </a>
      ))}
    </nav>
  );
}
