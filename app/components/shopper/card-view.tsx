import { cardColors, OfferCard } from '#app/components/shopper/offer-card.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import type { ShopperPhrases } from '#app/components/shopper/phrases-type.ts';
import { ShopperPage } from '#app/components/shopper/shopper-page.tsx';
import { WalletButtons } from '#app/components/shopper/wallet-buttons.tsx';
import type { Platform } from '#app/components/shopper/wallet-buttons.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { Language } from '#app/domain/members/languages.ts';
import { countedName } from '#app/domain/cards/pass-content.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';

export type ActivityRow = {
  id: string;
  kind: keyof ShopperPhrases['kinds'];
  label: string;
  amount: number;
  occurredAt: Date;
};

type Props = {
  language: Language;
  platform: Platform;
  content: PassContent;
  design: CardDesign;
  links: { apple: string | null; google: string | null };
  activity: ActivityRow[];
  timeZone: string;
  /** The code on the card, as SVG from our own encoder. */
  code: string;
};

export function CardPageView({ language, platform, content, design, links, activity, timeZone, code }: Props) {
  const phrases = shopperPhrases[language];
  return (
    <ShopperPage>
      <div style={cardColors(content)}>
        <header className="hero">
          <OfferCard content={content} design={design} />
        </header>
        <div className="panel">
          <h1>
            {content.memberName === null
              ? phrases.cardTitle(content.organizationName)
              : phrases.hello(content.memberName)}
          </h1>
          <WalletButtons links={links} platform={platform} phrases={phrases} />
          <p className="hint centered">{phrases.walletHint}</p>
          <Rewards content={content} phrases={phrases} language={language} />
          <Activity activity={activity} phrases={phrases} language={language} timeZone={timeZone} />
          <details className="till">
            <summary>{phrases.scanAtTill}</summary>
            <div
              className="till-code"
              role="img"
              aria-label={phrases.codeLabel}
              dangerouslySetInnerHTML={{ __html: code }}
            />
          </details>
        </div>
      </div>
    </ShopperPage>
  );
}

function Rewards({
  content,
  phrases,
  language,
}: {
  content: PassContent;
  phrases: ShopperPhrases;
  language: Language;
}) {
  const { readyRewards, nextReward, stamps } = content;
  if (readyRewards.length === 0 && nextReward === null) return null;
  return (
    <section>
      <h2>{phrases.rewards}</h2>
      <ul className="lines">
        {readyRewards.map((reward) => (
          <li key={reward.rewardId}>
            <strong>{countedName(reward)}</strong>
            <span className="ready">{phrases.ready}</span>
          </li>
        ))}
        {nextReward === null ? null : (
          <li key={`next-${nextReward.rewardId}`}>
            <span>{nextReward.name}</span>
            <span className="hint">
              {phrases.toGo(`${new Intl.NumberFormat(language).format(nextReward.remaining)} ${nextReward.unitLabel}`)}
            </span>
          </li>
        )}
      </ul>
      {stamps && stamps.fullCards > 0 ? <p className="hint">{phrases.fullCards(stamps.fullCards)}</p> : null}
    </section>
  );
}

type ActivityProps = { activity: ActivityRow[]; phrases: ShopperPhrases; language: Language; timeZone: string };

function Activity({ activity, phrases, language, timeZone }: ActivityProps) {
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone });
  const number = new Intl.NumberFormat(language, { signDisplay: 'always' });
  return (
    <section>
      <h2>{phrases.activity}</h2>
      {activity.length === 0 ? (
        <p className="hint">{phrases.noActivity}</p>
      ) : (
        <ul className="lines">
          {activity.map(({ id, kind, label, amount, occurredAt }) => (
            <li key={id}>
              <span>
                {phrases.kinds[kind]}
                <br />
                <time className="hint" dateTime={occurredAt.toISOString()}>
                  {date.format(occurredAt)}
                </time>
              </span>
              <strong>
                {number.format(amount)} {label}
              </strong>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
