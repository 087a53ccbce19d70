import { ChoiceField, NumberField } from '#app/components/admin/fields.tsx';
import type { Editing } from '#app/components/admin/program/editing.ts';
import { UnitChoice } from '#app/components/admin/program/unit-choice.tsx';
import { changeWay, type RewardWay, wayOf } from '#app/domain/programs/draft-edits.ts';
import { limits } from '#app/domain/programs/program-limits.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { Reward } from '#app/domain/programs/rewards.ts';

type Props = Editing<Reward> & { document: ProgramDocument };

const ways: { value: RewardWay; label: string }[] = [
  { value: 'cost', label: 'costs' },
  { value: 'mid-card', label: 'comes in the middle of a card, at stamp' },
  { value: 'collection', label: 'comes with a complete collection' },
];

/** How a member comes by it: `It [costs] [100] [Points]`, or by a stamp in the middle of a card, or by a collection. */
export function RewardPrice(props: Props) {
  const { value: reward, document, onChange } = props;
  const way = wayOf(reward);
  const possible = ways.filter(
    ({ value }) =>
      value === way ||
      value === 'cost' ||
      (value === 'mid-card'
        ? document.units.some((unit) => unit.kind === 'stamp' && unit.stampsNeeded > 2)
        : document.collections.length > 0),
  );
  return (
    <div className="sentence">
      <span className="word">It</span>
      <div className={way === 'cost' ? 'sentence-unit' : 'sentence-wide'}>
        <ChoiceField
          label="How members come by it"
          isLabelHidden
          options={possible}
          value={way}
          onChange={(chosen) => onChange(changeWay(reward, chosen, document))}
        />
      </div>
      <WayFields {...props} way={way} />
    </div>
  );
}

function WayFields({ value: reward, path, problems, document, way, onChange }: Props & { way: RewardWay }) {
  if (way === 'collection')
    return (
      <div className="sentence-choice">
        <ChoiceField
          label="Which collection"
          isLabelHidden
          options={document.collections.map(({ id, name }) => ({ value: id, label: name }))}
          value={reward.collectionId ?? ''}
          error={problems[`${path}.collectionId`]}
          onChange={(collectionId) => {
            const units = document.collections.find(({ id }) => id === collectionId)?.units ?? [];
            onChange({ ...reward, collectionId, unit: units[0] ?? reward.unit });
          }}
        />
      </div>
    );
  const isMidCard = way === 'mid-card';
  return (
    <>
      <div className="sentence-number">
        {isMidCard ? (
          <NumberField
            label="At which stamp"
            isLabelHidden
            min={1}
            max={limits.stampsNeededMax}
            value={reward.atStamp ?? Number.NaN}
            error={problems[`${path}.atStamp`]}
            onChange={(atStamp) => onChange({ ...reward, atStamp })}
          />
        ) : (
          <NumberField
            label="How many it costs"
            isLabelHidden
            min={1}
            max={1_000_000_000}
            value={reward.cost}
            error={problems[`${path}.cost`]}
            onChange={(cost) => onChange({ ...reward, cost })}
          />
        )}
      </div>
      {isMidCard ? <span className="word">of</span> : null}
      <div className="sentence-unit">
        <UnitChoice
          document={document}
          label={isMidCard ? 'Of which card' : 'What it costs'}
          value={reward.unit}
          {...(isMidCard ? { only: 'stamp' } : {})}
          onChange={(unit) => onChange({ ...reward, unit })}
        />
      </div>
    </>
  );
}
