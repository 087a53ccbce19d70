/** Where a shopper stands, below the card itself: what can be used, what is pending, tier, rewards, and what ends next. */
import type { ShopperPhrases } from '#app/components/shopper/phrases-type.ts';
import { expiringText } from '#app/domain/cards/pass-content.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import type { Language } from '#app/domain/members/languages.ts';
import type { RewardRefusal } from '#app/domain/programs/reward-gates.ts';
import { countedIn, unitTitle } from '#app/domain/programs/unit-words.ts';

export type ShownStanding = {
  units: {
    unit: string;
    kind: 'point' | 'stamp';
    label: string;
    available: number;
    pending: number;
    collected: number;
    card: { onCard: number } | null;
  }[];
  tier: {
    name: string | null;
    progress: number;
    next: { name: string; missing: string | null; missingOrders: number | null } | null;
  } | null;
  rewards: {
    rewardId: string;
    name: string;
    unit: string;
    cost: number;
    reason: RewardRefusal | null;
    timesReady: number;
  }[];
};

type Props = { content: PassContent; standing: ShownStanding; phrases: ShopperPhrases; language: Language };

export function CardStanding(props: Props) {
  const { content, standing, phrases, language } = props;
  if (content.isVoid) return null;
  const expiring = content.expiringNext;
  return (
    <>
      <section>
        <h2>{phrases.yourBalance}</h2>
        <ul className="lines">
          {standing.units.map((unit) => (
            <Balance key={unit.unit} unit={unit} phrases={phrases} language={language} />
          ))}
        </ul>
        {expiring === null ? null : <p className="hint">{expiringText(expiring, language)}</p>}
        <Tier {...props} />
      </section>
      <Rewards {...props} />
    </>
  );
}

type BalanceProps = { unit: ShownStanding['units'][number]; phrases: ShopperPhrases; language: Language };

function Balance({ unit, phrases, language }: BalanceProps) {
  const format = new Intl.NumberFormat(language);
  const { available, pending, collected, card } = unit;
  return (
    <li>
      <span>
        {unitTitle(language, unit)}
        {/* On the first card both are the same, and the card above shows it. */}
        {card === null || card.onCard === collected ? null : (
          <>
            <br />
            <span className="hint">{phrases.collected(format.format(collected), format.format(card.onCard))}</span>
          </>
        )}
        {pending === 0 ? null : (
          <>
            <br />
            <span className="hint">{phrases.pending(format.format(pending))}</span>
          </>
        )}
      </span>
      <strong>{phrases.available(format.format(available))}</strong>
    </li>
  );
}

function Tier({ standing: { tier }, phrases, language }: Props) {
  if (tier === null || (tier.name === null && tier.next === null)) return null;
  const { name, progress, next } = tier;
  const words = next === null ? '' : phrases.nextTier(missingOf(next, { phrases, language }), next.name);
  return (
    <>
      {name === null ? null : <p>{phrases.tier(name)}</p>}
      {next === null ? null : (
        <p className="hint">
          <progress max={100} value={Math.floor(progress * 100)} aria-label={words} /> {words}
        </p>
      )}
    </>
  );
}

function missingOf(
  { missing, missingOrders }: { missing: string | null; missingOrders: number | null },
  { phrases, language }: Pick<Props, 'phrases' | 'language'>,
): string {
  return missing ?? phrases.orders(new Intl.NumberFormat(language).format(missingOrders ?? 0));
}

function Rewards({ content, standing, phrases, language }: Props) {
  const { units, rewards } = standing;
  if (rewards.length === 0) return null;
  return (
    <section>
      <h2>{phrases.rewards}</h2>
      <ul className="lines">
        {rewards.map((reward) => (
          <Reward key={reward.rewardId} reward={reward} units={units} phrases={phrases} language={language} />
        ))}
      </ul>
      {content.stamps && content.stamps.fullCards > 0 ? (
        <p className="hint">{phrases.fullCards(content.stamps.fullCards)}</p>
      ) : null}
    </section>
  );
}

type RewardProps = Pick<Props, 'phrases' | 'language'> & {
  reward: ShownStanding['rewards'][number];
  units: ShownStanding['units'];
};

function Reward({ reward, units, phrases, language }: RewardProps) {
  const { name, reason, timesReady, cost } = reward;
  const title = timesReady > 1 ? `${timesReady} × ${name}` : name;
  if (reason === null)
    return (
      <li>
        <span>{title}</span>
        <span className="ready">{phrases.ready}</span>
      </li>
    );
  const held = units.find(({ unit }) => unit === reward.unit);
  const isOnTheWay = reason === 'not-enough' && held !== undefined && cost > 0;
  return (
    <li className={isOnTheWay ? 'on-the-way' : undefined}>
      <span>{title}</span>
      <span className="hint">{refusalOf(reward, { reason, units, phrases, language })}</span>
      {isOnTheWay ? <progress max={cost} value={Math.max(0, held.available)} aria-label={title} /> : null}
    </li>
  );
}

type Refused = Pick<Props, 'phrases' | 'language'> & { reason: RewardRefusal; units: ShownStanding['units'] };

function refusalOf(
  { cost, unit }: ShownStanding['rewards'][number],
  { reason, units, phrases, language }: Refused,
): string {
  if (reason !== 'not-enough') return phrases.refusals[reason];
  const held = units.find((candidate) => candidate.unit === unit);
  // What is reached instead of paid for tells no number.
  if (held === undefined || cost === 0) return phrases.refusals['not-now'];
  return phrases.toGo(countedIn(language, cost - held.available, held));
}
