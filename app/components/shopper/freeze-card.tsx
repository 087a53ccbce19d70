import { freezePhrases } from '#app/components/shopper/freeze-phrases.ts';
import type { Language } from '#app/domain/members/languages.ts';

type Props = {
  action: string;
  language: Language;
  /** Null: the card is good. */
  frozenBy: 'member' | 'staff' | null;
};

/** A frozen card says so before anything else, and how it becomes good again. Plain, so that it works without scripts. */
export function FrozenNotice({ action, language, frozenBy }: Props) {
  const phrases = freezePhrases[language];
  if (frozenBy === null) return null;
  return (
    <section className="notice" role="status">
      <h2>{phrases.frozenTitle}</h2>
      <p>{frozenBy === 'staff' ? phrases.frozenByShop : phrases.frozen}</p>
      {frozenBy === 'staff' ? null : (
        <form method="post" action={action}>
          <button type="submit" name="intent" value="unfreeze">
            {phrases.unfreeze}
          </button>
        </form>
      )}
    </section>
  );
}

/** For whoever lost the phone: the question opens first, so that nobody freezes a card by a slip. */
export function FreezeCard({ action, language, frozenBy }: Props) {
  const phrases = freezePhrases[language];
  if (frozenBy !== null) return null;
  return (
    <details className="till">
      <summary>{phrases.lost}</summary>
      <form method="post" action={action}>
        <p className="hint">{phrases.lostHint}</p>
        <button type="submit" name="intent" value="freeze">
          {phrases.freeze}
        </button>
      </form>
    </details>
  );
}
