import { BirthdayFields, birthdayProblemText } from '#app/components/shopper/birthday-fields.tsx';
import { InvitedBy } from '#app/components/shopper/invite-friends.tsx';
import type { ShownTerms } from '#app/components/shopper/invite-friends.tsx';
import { cardColors, OfferCard } from '#app/components/shopper/offer-card.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import type { ShopperPhrases } from '#app/components/shopper/phrases-type.ts';
import { ShopperPage } from '#app/components/shopper/shopper-page.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { ConsentWording } from '#app/domain/members/consent-wording.ts';
import type { BirthdayProblem } from '#app/domain/members/birthday.ts';
import { languages } from '#app/domain/members/languages.ts';
import type { Language } from '#app/domain/members/languages.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';

export type JoinEntries = {
  email: string;
  firstName: string;
  birthday: { day: string; month: string };
  program: boolean;
  marketing: boolean;
};
export type JoinProblem = 'email' | BirthdayProblem | 'refused';
/** A link of invitation was followed; without terms it does not count. */
export type JoinInvite = { code: string; terms: ShownTerms | null };

type Props = {
  language: Language;
  slug: string;
  location: string | null;
  content: PassContent;
  design: CardDesign;
  offer: { earning: string[]; rewards: string[] };
  wording: ConsentWording;
  hasBirthdays: boolean;
  invite: JoinInvite | null;
  entries: JoinEntries;
  /** In the order of the fields. */
  problems: JoinProblem[];
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
          {props.invite === null ? null : <InvitedBy terms={props.invite.terms} language={language} />}
          <h2>{phrases.howItWorks}</h2>
          <ul className="offer">
            {[...offer.earning, ...offer.rewards].map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
          <JoinForm {...props} phrases={phrases} />
        </div>
        <Languages {...props} />
      </div>
    </ShopperPage>
  );
}

function JoinForm(props: Props & { phrases: ShopperPhrases }) {
  const { phrases, language, slug, location, wording, entries, invite, problems } = props;
  return (
    <form method="post" action={`/join/${slug}?lang=${language}`} noValidate>
      {problems.length === 0 ? null : (
        <div className="problem" role="alert" id="join-problem">
          <strong>{phrases.problemTitle}</strong>
          {problems.map((problem) => (
            <p key={problem}>{textOf(problem, { phrases, language })}</p>
          ))}
        </div>
      )}
      {invite === null ? null : <input type="hidden" name="ref" value={invite.code} />}
      {location === null ? null : <input type="hidden" name="loc" value={location} />}
      <input type="hidden" name="wording" value={wording.version} />
      <EmailField {...props} />
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
      <Birthday {...props} />
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
      <OwnTerms {...props} />
    </form>
  );
}

/** What the shop wants people to have read: the links of the card that are meant for joining, in the reader's language. */
function OwnTerms({ design, content }: Props) {
  const meant = new Set(design.links.flatMap(({ id, isForJoining }) => (isForJoining === true ? [id] : [])));
  const links = content.links.filter(({ id }) => meant.has(id));
  if (links.length === 0) return null;
  return (
    <ul className="hint own-terms">
      {links.map(({ id, label, url }) => (
        <li key={id}>
          <a href={url} target="_blank" rel="noopener noreferrer">
            {label}
          </a>
        </li>
      ))}
    </ul>
  );
}

type Reader = { phrases: ShopperPhrases; language: Language };

function textOf(problem: JoinProblem, { phrases, language }: Reader): string {
  if (problem === 'email') return phrases.invalidEmail;
  return problem === 'refused' ? phrases.tryAgain : birthdayProblemText(problem, language);
}

function EmailField({ phrases, entries, problems }: Props & Reader) {
  const isWrong = problems.includes('email');
  return (
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
        aria-describedby={isWrong ? 'join-problem email-hint' : 'email-hint'}
        {...(isWrong ? { 'aria-invalid': true, autoFocus: true } : {})}
      />
      <p className="hint" id="email-hint">
        {phrases.emailHint}
      </p>
    </div>
  );
}

function Birthday({ phrases, language, hasBirthdays, entries, problems }: Props & Reader) {
  if (!hasBirthdays) return null;
  const problem = problems.find((each) => each === 'half' || each === 'no-day') ?? null;
  return (
    <BirthdayFields
      language={language}
      optional={phrases.optional}
      entered={entries.birthday}
      problem={problem}
      isFirstProblem={problem !== null && problems[0] === problem}
    />
  );
}

/** The same page in other words: where it was reached from goes along. */
function addressOf({ slug, location, invite }: Props, language: Language): string {
  const query = new URLSearchParams({ lang: language });
  if (location !== null) query.set('loc', location);
  if (invite !== null) query.set('ref', invite.code);
  return `/join/${slug}?${query}`;
}

function Languages(props: Props) {
  return (
    <nav className="languages" aria-label="Language">
      {languages.map((language) => (
        <a
          key={language}
          href={addressOf(props, language)}
          lang={language}
          hrefLang={language}
          {...(language === props.language ? { 'aria-current': 'true' as const } : {})}
        >
          {shopperPhrases[language].languageName}
        </a>
      ))}
    </nav>
  );
}
