import { Button } from '@shopify/polaris';

import { NumberField, WordsField } from '#app/components/admin/fields.tsx';
import { CollectionPart } from '#app/components/admin/program/collection-part.tsx';
import { type Editing, freshId, type SectionProps } from '#app/components/admin/program/editing.ts';
import { PartFrame } from '#app/components/admin/program/part-frame.tsx';
import { Example, SectionFoot, SectionFrame } from '#app/components/admin/program/section-frame.tsx';
import { cardProgress } from '#app/domain/ledger/stamp-card.ts';
import {
  addCollection,
  addUnit,
  moved,
  removeCollection,
  removeUnit,
  resizeCard,
} from '#app/domain/programs/draft-edits.ts';
import { limits } from '#app/domain/programs/program-limits.ts';
import type { Unit } from '#app/domain/programs/program.ts';

/** What is counted: points, stamp cards, and collections of several stamps. */
export function CardSection({ document, problems, onChange }: SectionProps) {
  const { units, collections } = document;
  const stampTypes = units.filter((unit) => unit.kind === 'stamp');
  return (
    <SectionFrame
      title="Points and stamp cards"
      intro="What members collect. Stamps that are left when a card is full go onto the next one."
      problem={problems['units'] ?? problems['collections']}
    >
      {units.map((unit, index) => (
        <PartFrame
          key={unit.id}
          id={unit.id}
          title={unit.label.trim() === '' ? 'Without a name' : unit.label}
          kind={unit.kind === 'stamp' ? 'stamp card' : 'points'}
          isFirst={index === 0}
          isLast={index === units.length - 1}
          onMove={(by) => onChange({ ...document, units: moved(units, index, by) })}
          onRemove={() => onChange(removeUnit(document, unit.id))}
        >
          <UnitFields
            value={unit}
            path={`units.${index}`}
            problems={problems}
            onChange={(changed) => onChange({ ...document, units: units.with(index, changed) })}
            onResize={(stampsNeeded) => onChange(resizeCard(document, unit.id, stampsNeeded))}
          />
        </PartFrame>
      ))}
      {collections.map((collection, index) => (
        <CollectionPart
          key={collection.id}
          value={collection}
          path={`collections.${index}`}
          problems={problems}
          stampTypes={stampTypes}
          onChange={(changed) => onChange({ ...document, collections: collections.with(index, changed) })}
          onRemove={() => onChange(removeCollection(document, collection.id))}
        />
      ))}
      <SectionFoot>
        <div className="buttons">
          <Button
            disabled={units.length >= limits.unitsMax}
            onClick={() => onChange(addUnit(document, { kind: 'stamp', id: freshId('stamps') }))}
          >
            Add a stamp card
          </Button>
          <Button
            disabled={units.length >= limits.unitsMax}
            onClick={() => onChange(addUnit(document, { kind: 'point', id: freshId('points') }))}
          >
            Add points
          </Button>
          <Button
            disabled={collections.length >= limits.collectionsMax || stampTypes.length < 2}
            onClick={() => onChange(addCollection(document, freshId('collection')))}
          >
            Add a collection of stamps
          </Button>
        </div>
      </SectionFoot>
    </SectionFrame>
  );
}

type UnitProps = Editing<Unit> & { onResize: (stampsNeeded: number) => void };

function UnitFields({ value: unit, path, problems, onChange, onResize }: UnitProps) {
  const label = (
    <div className="sentence-choice">
      <WordsField
        label="What members read"
        isLabelHidden
        value={unit.label}
        lengthMax={24}
        error={problems[`${path}.label`]}
        onChange={(changed) => onChange({ ...unit, label: changed })}
      />
    </div>
  );
  if (unit.kind === 'point')
    return (
      <div className="sentence">
        <span className="word">Members collect</span>
        {label}
        <span className="word">and spend them one by one.</span>
      </div>
    );
  return (
    <>
      <div className="sentence">
        <div className="sentence-number">
          <NumberField
            label="Stamps that fill the card"
            isLabelHidden
            min={2}
            max={limits.stampsNeededMax}
            value={unit.stampsNeeded}
            error={problems[`${path}.stampsNeeded`]}
            onChange={onResize}
          />
        </div>
        {label}
        <span className="word">fill a card.</span>
      </div>
      <Example sentences={cardExample(unit)} />
    </>
  );
}

/** A few stamps more than one card holds, so that the rest is seen on the next. */
function cardExample({ stampsNeeded, label }: Extract<Unit, { kind: 'stamp' }>): string[] {
  if (!Number.isSafeInteger(stampsNeeded) || stampsNeeded < 2) return [];
  const collected = stampsNeeded + Math.ceil(stampsNeeded / 3);
  const { cards, onCard } = cardProgress({ collected, needed: stampsNeeded });
  const full = cards === 1 ? 'one full card' : `${cards} full cards`;
  return [`Whoever has collected ${collected} ${label} has ${full} and ${onCard} on the next.`];
}
