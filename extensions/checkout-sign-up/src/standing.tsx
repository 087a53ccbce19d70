import type { StorefrontStanding } from '#app/contracts/storefront.ts';

interface StandingProps {
  standing: StorefrontStanding;
  locale: string;
  translate: (key: string, replacements?: Record<string, string>) => string;
}

/** Where a shopper with a card stands: balances, what is pending, tier, and the way to the next reward. */
export function Standing({ standing, locale, translate }: StandingProps) {
  const format = new Intl.NumberFormat(locale);
  const number = (amount: number) => format.format(amount);
  const { balances, tier, nextReward } = standing;
  return (
    <s-stack direction="block" gap="small">
      {balances.map(({ unit, label, available, pending, card }) => (
        <s-stack key={unit} direction="block" gap="none">
          <s-text type="strong">
            {card === null
              ? translate('standing.available', { available: number(available), label })
              : translate('standing.card', { onCard: number(card.onCard), needed: number(card.needed), label })}
          </s-text>
          {pending === 0 ? null : (
            <s-text color="subdued">{translate('standing.pending', { pending: number(pending), label })}</s-text>
          )}
        </s-stack>
      ))}
      {tier === null ? null : <s-text>{translate('standing.tier', { tier })}</s-text>}
      {nextReward === null ? null : (
        <s-text color="subdued">
          {translate('standing.nextReward', { ...nextReward, missing: number(nextReward.missing) })}
        </s-text>
      )}
    </s-stack>
  );
}
