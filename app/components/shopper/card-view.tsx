import { CardStanding } from '#app/components/shopper/card-standing.tsx';
import type { ShownStanding } from '#app/components/shopper/card-standing.tsx';
import { FreezeCard, FrozenNotice } from '#app/components/shopper/freeze-card.tsx';
import { InviteFriends } from '#app/components/shopper/invite-friends.tsx';
import type { ShownInvitation } from '#app/components/shopper/invite-friends.tsx';
import { cardColors, OfferCard } from '#app/components/shopper/offer-card.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import type { ReceiptAnswer, ShopperPhrases } from '#app/components/shopper/phrases-type.ts';
import { preferencePhrases } from '#app/components/shopper/preferences/phrases.ts';
import { ShopperPage } from '#app/components/shopper/shopper-page.tsx';
import { WalletButtons } from '#app/components/shopper/wallet-buttons.tsx';
import type { Platform } from '#app/components/shopper/wallet-buttons.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { Language } from '#app/domain/members/languages.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';

export type ActivityRow = {
  id: string;
  kind: keyof ShopperPhrases['kinds'];
  /** Each change that came of it, in words. */
  words: string[];
  occurredAt: Date;
};

type Props = {
  language: Language;
  platform: Platform;
  content: PassContent;
  design: CardDesign;
  links: { apple: string | null; google: string | null };
  standing: ShownStanding;
  activity: ActivityRow[];
  timeZone: string;
  /** Null where nobody can be invited. */
  invitation: ShownInvitation | null;
  /** Where the code on the card is: a document of its own, which fetches itself anew. */
  codeUrl: string;
  /** Where the form is sent, and what became of a code that was sent. */
  receipt: { action: string; answer: ReceiptAnswer | null };
  /** Who froze the card, or null. */
  frozenBy: 'member' | 'staff' | null;
};

export function CardPageView(props: Props) {
  const { language, platform, content, design, links, standing, activity, timeZone, codeUrl, receipt } = props;
  const phrases = shopperPhrases[language];
  return (
    <ShopperPage>
      <div style={cardColors(content)}>
        <header className={props.frozenBy === null ? 'hero' : 'hero hero-frozen'}>
          <OfferCard content={content} design={design} />
        </header>
        <div className="panel">
          {content.systemMark === undefined ? null : <p className="system-mark">{content.systemMark}</p>}
          <h1>
            {content.memberName === null
              ? phrases.cardTitle(content.organizationName)
              : phrases.hello(content.memberName)}
          </h1>
          <FrozenNotice action={receipt.action} language={language} frozenBy={props.frozenBy} />
          <WalletButtons links={links} platform={platform} phrases={phrases} />
          <p className="hint centered">{phrases.walletHint}</p>
          <details className="till till-main">
            <summary>{phrases.scanAtTill}</summary>
            {/* It has no script and its policy allows none; but whoever may run none is not allowed to fetch itself anew either. */}
            <iframe
              className="till-code"
              src={codeUrl}
              title={phrases.codeLabel}
              loading="lazy"
              sandbox="allow-scripts"
            />
            <p className="hint centered">{phrases.codeChanges}</p>
          </details>
          <CardStanding content={content} standing={standing} phrases={phrases} language={language} />
          <Activity activity={activity} phrases={phrases} language={language} timeZone={timeZone} />
          <InviteFriends invitation={props.invitation} language={language} />
          <Receipt {...receipt} phrases={phrases} />
          <FreezeCard action={receipt.action} language={language} frozenBy={props.frozenBy} />
          {content.preferencesUrl === null ? null : (
            <p className="foot-link">
              <a href={content.preferencesUrl}>{preferencePhrases[language].title(content.organizationName)}</a>
            </p>
          )}
        </div>
      </div>
    </ShopperPage>
  );
}

type ReceiptProps = Props['receipt'] & { phrases: ShopperPhrases };

/** Plain, so that it works without scripts; open when there is something to say. */
function Receipt({ action, answer, phrases }: ReceiptProps) {
  const isWrong = answer !== null && answer !== 'claimed';
  return (
    <details className="till" open={answer !== null}>
      <summary>{phrases.receipt}</summary>
      <form method="post" action={action}>
        {answer === null ? null : (
          <p className={isWrong ? 'problem' : 'ready'} role={isWrong ? 'alert' : 'status'} id="receipt-answer">
            {phrases.receiptAnswers[answer]}
          </p>
        )}
        <div className="field">
          <label htmlFor="receipt-code">{phrases.receiptLabel}</label>
          <input
            id="receipt-code"
            name="code"
            type="text"
            required
            maxLength={64}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            aria-describedby={isWrong ? 'receipt-answer receipt-hint' : 'receipt-hint'}
            {...(isWrong ? { 'aria-invalid': true } : {})}
          />
          <p className="hint" id="receipt-hint">
            {phrases.receiptHint}
          </p>
        </div>
        <button type="submit">{phrases.receiptSend}</button>
      </form>
    </details>
  );
}

type ActivityProps = { activity: ActivityRow[]; phrases: ShopperPhrases; language: Language; timeZone: string };

function Activity({ activity, phrases, language, timeZone }: ActivityProps) {
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone });
  return (
    <section>
      <h2>{phrases.activity}</h2>
      {activity.length === 0 ? (
        <p className="hint">{phrases.noActivity}</p>
      ) : (
        <ul className="lines">
          {activity.map(({ id, kind, words, occurredAt }) => (
            <li key={id}>
              <span>
                {phrases.kinds[kind]}
                <br />
                <time className="hint" dateTime={occurredAt.toISOString()}>
                  {date.format(occurredAt)}
                </time>
              </span>
              <strong>
                {words.map((each) => (
                  <span className="part" key={each}>
                    {each}
                  </span>
                ))}
              </strong>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
