import { ShopperPage } from '#app/components/shopper/shopper-page.tsx';
import { OfferCard } from '#app/components/shopper/offer-card.tsx';
import { shopperPhrases } from '#app/components/shopper/phrases.ts';
import { WalletButtons } from '#app/components/shopper/wallet-buttons.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import type { Language } from '#app/domain/members/languages.ts';

type Props = {
  content: PassContent;
  design: CardDesign;
  language: Language;
  /** Null without a certificate. */ appleUrl: string | null;
};

/** A merchant tries a design on a phone. It is nobody's card, and says so. */
export function TestCardView({ content, design, language, appleUrl }: Props) {
  return (
    <ShopperPage>
      <div className="panel message">
        <h1>Test card</h1>
        <p>This is how a sample member’s card looks with your draft. It collects nothing, and no till takes it.</p>
        <OfferCard content={content} design={design} />
        {appleUrl === null ? (
          <p>Apple Wallet is not available at the moment.</p>
        ) : (
          <WalletButtons
            links={{ apple: appleUrl, google: null }}
            platform="apple"
            phrases={shopperPhrases[language]}
          />
        )}
        <p>Delete it from the phone when you are done.</p>
      </div>
    </ShopperPage>
  );
}
