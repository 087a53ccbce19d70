import { BlockStack, Button, Card } from '@shopify/polaris';

import { ChoiceField, MoneyField, MultiplierField, NumberField, WordsField } from '#app/components/admin/fields.tsx';
import { type Editing, freshId, type SectionProps, without } from '#app/components/admin/program/editing.ts';
import { PartFrame } from '#app/components/admin/program/part-frame.tsx';
import { Example, SectionFoot, SectionFrame } from '#app/components/admin/program/section-frame.tsx';
import { TierBasis } from '#app/components/admin/program/tier-basis.tsx';
import { tierExample } from '#app/domain/earning/examples.ts';
import { addLevel, removeLevel, removeTiers, starterTiers } from '#app/domain/programs/draft-edits.ts';
import { limits } from '#app/domain/programs/program-limits.ts';
import type { ProgramDocument, Tiers } from '#app/domain/programs/program.ts';

const intro =
  'Standing that members earn. They rise at once and fall only when a period is over; the order that lifts them still counts at the tier before.';

/** Tiers, or the way to begin with them. */
export function TierSection({ document, problems, sound, scene, onChange }: SectionProps) {
  const { tiers } = document;
  if (tiers === null)
    return (
      <SectionFrame title="Tiers" intro={intro}>
        <SectionFoot>
          <Button onClick={() => onChange({ ...document, tiers: starterTiers(document, () => freshId('tier')) })}>
            Begin with two tiers
          </Button>
        </SectionFoot>
      </SectionFrame>
    );
  const change = (changed: Tiers) => onChange({ ...document, tiers: changed });
  const example = tierExample(sound, scene);
  return (
    <SectionFrame title="Tiers" intro={intro} problem={problems['tiers.levels']}>
      <Card>
        <TierBasis value={tiers} path="tiers" problems={problems} document={document} onChange={change} />
      </Card>
      {tiers.levels.map((level, index) => (
        <PartFrame
          key={level.id}
          id={level.id}
          title={level.name.trim() === '' ? 'Tier' : level.name}
          kind="tier"
          onRemove={() => onChange(removeLevel(document, level.id))}
        >
          <LevelFields
            value={level}
            path={`tiers.levels.${index}`}
            problems={problems}
            tiers={tiers}
            document={document}
            currency={scene.currency}
            onChange={(changed) => change({ ...tiers, levels: tiers.levels.with(index, changed) })}
          />
        </PartFrame>
      ))}
      <SectionFoot>
        <BlockStack gap="300">
          <Example sentences={example === null ? [] : [example]} />
          <div className="buttons">
            <Button
              disabled={tiers.levels.length >= limits.tiersMax}
              onClick={() => change(addLevel(tiers, freshId('tier')))}
            >
              Add a tier
            </Button>
            <Button variant="tertiary" tone="critical" onClick={() => onChange(removeTiers(document))}>
              Do without tiers
            </Button>
          </div>
        </BlockStack>
      </SectionFoot>
    </SectionFrame>
  );
}

type Level = Tiers['levels'][number];
type LevelProps = Editing<Level> & { tiers: Tiers; document: ProgramDocument; currency: string };

/** `[Gold] from [500] points on, and it gives [1.5] times as many`. */
function LevelFields({ value: level, path, problems, tiers, document, currency, onChange }: LevelProps) {
  const { qualifiesBy } = tiers;
  const unit = document.units.find((candidate) => qualifiesBy.kind === 'unit' && candidate.id === qualifiesBy.unit);
  const threshold = { label: 'From', isLabelHidden: true, error: problems[`${path}.threshold`] };
  return (
    <div className="sentence">
      <div className="sentence-choice">
        <WordsField
          label="Name of the tier"
          isLabelHidden
          value={level.name}
          lengthMax={60}
          error={problems[`${path}.name`]}
          onChange={(name) => onChange({ ...level, name })}
        />
      </div>
      <span className="word">from</span>
      <div className="sentence-money">
        {qualifiesBy.kind === 'spend' ? (
          <MoneyField
            {...threshold}
            minor={level.threshold}
            currency={currency}
            onChange={(minor) => onChange({ ...level, threshold: minor })}
          />
        ) : (
          <NumberField
            {...threshold}
            min={1}
            max={1_000_000_000}
            value={level.threshold}
            onChange={(count) => onChange({ ...level, threshold: count })}
          />
        )}
      </div>
      <span className="word">{{ unit: unit?.label ?? '', spend: '', orders: 'orders' }[qualifiesBy.kind]} on;</span>
      <div className="sentence-choice">
        <ChoiceField
          label="What it changes"
          isLabelHidden
          options={effects}
          value={level.multiplier === undefined ? 'same' : 'more'}
          onChange={(effect) =>
            onChange(effect === 'same' ? without(level, 'multiplier') : { ...level, multiplier: { times: 3, over: 2 } })
          }
        />
      </div>
      {level.multiplier === undefined ? null : (
        <>
          <div className="sentence-number">
            <MultiplierField
              label="Times as many"
              isLabelHidden
              value={level.multiplier}
              error={problems[`${path}.multiplier`]}
              onChange={(multiplier) => onChange({ ...level, multiplier })}
            />
          </div>
          <span className="word">as many.</span>
        </>
      )}
    </div>
  );
}

const effects = [
  { value: 'same', label: 'orders give the same' },
  { value: 'more', label: 'every order gives' },
] as const;
