import { Text } from '@shopify/polaris';

import { formatCount } from '#app/components/admin/format.ts';
import type { TriedOrder } from '#app/components/admin/program/tried-order.ts';
import { settle } from '#app/domain/earning/earning.ts';
import type { ExampleScene } from '#app/domain/earning/examples.ts';
import { type ExplainedPart, explainPart } from '#app/domain/earning/explanation-words.ts';
import { sampleOrder } from '#app/domain/earning/sample-order.ts';
import { isWallTime } from '#app/domain/programs/problem-claims.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { countedUnit } from '#app/domain/programs/unit-words.ts';

type Props = { sound: ProgramDocument; scene: ExampleScene; tried: TriedOrder };

function isSound({ amountMinor, items, wallTime }: TriedOrder): boolean {
  const isWhole = Number.isSafeInteger(amountMinor) && Number.isSafeInteger(items);
  return isWhole && amountMinor > 0 && items > 0 && items <= 1_000 && isWallTime(wallTime);
}

/** What the order gives, unit by unit, and rule by rule why. */
export function TryResult({ sound, scene, tried }: Props) {
  if (!isSound(tried))
    return (
      <Text as="p" tone="subdued">
        Enter a sum, a number of items and a time.
      </Text>
    );
  const { channel, tierId, isFirstOrder, goodsOf } = tried;
  const sample = sampleOrder({
    ...tried,
    currency: scene.currency,
    conditions: goodsConditions(sound, goodsOf),
    channel,
    standing: { tierId: sound.tiers?.levels.some(({ id }) => id === tierId) ? tierId : null, isFirstOrder },
  });
  const { targets } = settle({ ...sample, document: sound });
  return (
    <div className="try-result" aria-live="polite">
      {targets.map(({ unit, amount, explanation }) => (
        <div key={unit}>
          <p className="try-figure">
            <span className="figure-value">{formatCount(amount)}</span> {wordFor(sound, unit, amount)}
          </p>
          <ul className="plain-list">
            {explanation.map((part) => (
              <Reason key={part.ruleId} part={explainPart(part, sound, scene.currency)} />
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

/** `stamp` or `stamps`: what stands behind the figure. */
function wordFor(sound: ProgramDocument, unitId: string, amount: number): string {
  const unit = sound.units.find((candidate) => candidate.id === unitId);
  return unit === undefined ? unitId : countedUnit(amount, unit).slice(formatCount(amount).length + 1);
}

/** Only what is bought is taken from the rule: place, time and member are the merchant's to choose. */
function goodsConditions(document: ProgramDocument, ruleId: string) {
  const conditions = document.earnRules.find((rule) => rule.id === ruleId)?.conditions ?? {};
  const { productIds, variantIds, collectionIds, productTags, vendors, productTypes } = conditions;
  return {
    ...(productIds && { productIds }),
    ...(variantIds && { variantIds }),
    ...(collectionIds && { collectionIds }),
    ...(productTags && { productTags }),
    ...(vendors && { vendors }),
    ...(productTypes && { productTypes }),
  };
}

function Reason({ part }: { part: ExplainedPart }) {
  return (
    <li className="row-line">
      <span>
        {part.label}
        {part.notes.length === 0 ? null : <span className="reason-notes"> {part.notes.join(', ')}</span>}
      </span>
      <span className="amount">{formatCount(part.amount)}</span>
    </li>
  );
}
