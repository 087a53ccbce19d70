import { FreezeCard, FrozenNotice } from '#app/components/shopper/freeze-card.tsx';
import { cardColors } from '#app/components/shopper/offer-card.tsx';
import { ActivityLines } from '#app/components/shopper/preferences/activity-lines.tsx';
import type { ShownActivity, ShownEntry } from '#app/components/shopper/preferences/activity-lines.tsx';
import { ConsentChoices } from '#app/components/shopper/preferences/consent-choices.tsx';
import type { ShownConsent } from '#app/components/shopper/preferences/consent-choices.tsx';
import { CodeForm, Contact, OwnData, Requests } from '#app/components/shopper/preferences/data-requests.tsx';
import { LanguageChoice } from '#app/components/shopper/preferences/language-choice.tsx';
import { preferencePhrases } from '#app/components/shopper/preferences/phrases.ts';
import { type Channel, problemCodes, type SaidCode } from '#app/components/shopper/preferences/shapes.ts';
import { ShopperPage } from '#app/components/shopper/shopper-page.tsx';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import type { ConsentWording } from '#app/domain/members/consent-wording.ts';
import type { Language } from '#app/domain/members/languages.ts';

export type PreferencesProps = {
  /** Where every form of the page is sent. */
  action: string;
  language: Language;
  content: PassContent;
  wording: ConsentWording;
  consents: ShownConsent[];
  email: { masked: string; isProven: boolean } | null;
  hasPhone: boolean;
  entries: ShownEntry[];
  activity: ShownActivity[];
  isCodeOpen: boolean;
  frozenBy: 'member' | 'staff' | null;
  timeZone: string;
  cardUrl: string;
  /** What the last form led to, or null. */
  said: SaidCode | null;
  downloads: { json: string; csv: string } | null;
};

export function PreferencesView(props: PreferencesProps) {
  const { action, language, content, email, said, frozenBy } = props;
  const phrases = preferencePhrases[language];
  const closed: Channel[] = [
    ...(email === null ? ['email' as const] : []),
    ...(props.hasPhone ? [] : ['sms' as const]),
  ];
  return (
    <ShopperPage>
      <div style={cardColors(content)}>
        <div className="panel">
          <h1>{phrases.title(content.organizationName)}</h1>
          <p className="lead">{phrases.lead}</p>
          <Said said={said} language={language} />
          <CodeForm action={action} language={language} isOpen={props.isCodeOpen} />
          <FrozenNotice action={action} language={language} frozenBy={frozenBy} />
          <ConsentChoices {...props} closed={closed} />
          <Contact {...props} isWrong={said === 'email-wrong'} />
          <LanguageChoice action={action} language={language} />
          <ActivityLines {...props} />
          <OwnData {...props} />
          <FreezeCard action={action} language={language} frozenBy={frozenBy} />
          <Requests action={action} language={language} />
          <p className="centered">
            <a href={props.cardUrl}>{phrases.toCard}</a>
          </p>
        </div>
      </div>
    </ShopperPage>
  );
}

function Said({ said, language }: { said: SaidCode | null; language: Language }) {
  if (said === null) return null;
  const isProblem = problemCodes.includes(said);
  return (
    <p className={isProblem ? 'problem' : 'notice'} role={isProblem ? 'alert' : 'status'}>
      {preferencePhrases[language].said[said]}
    </p>
  );
}
