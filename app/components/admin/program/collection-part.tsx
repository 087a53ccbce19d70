import { InlineStack, Tag } from '@shopify/polaris';

import { ChoiceField, NumberField, WordsField } from '#app/components/admin/fields.tsx';
import { AddMenu } from '#app/components/admin/program/add-menu.tsx';
import type { Editing } from '#app/components/admin/program/editing.ts';
import { FieldProblem } from '#app/components/admin/program/field-problem.tsx';
import { PartFrame } from '#app/components/admin/program/part-frame.tsx';
import { Example } from '#app/components/admin/program/section-frame.tsx';
import { collectionsCompleted } from '#app/domain/ledger/stamp-card.ts';
import { limits } from '#app/domain/programs/program-limits.ts';
import type { Unit } from '#app/domain/programs/program.ts';
import type { Collection } from '#app/domain/programs/rewards.ts';

const kinds = [
  { value: 'all', label: 'one each of' },
  { value: 'any', label: 'any of' },
  { value: 'sequence', label: 'in this order' },
] as const;

type Props = Editing<Collection> & { stampTypes: readonly Unit[]; onRemove: () => void };

function ofKind({ id, name, units }: Collection, kind: Collection['kind']): Collection {
  const distinct = [...new Set(units)];
  if (kind === 'any') return { kind, id, name, units: distinct, needed: Math.max(1, distinct.length - 1) };
  return { kind, id, name, units: kind === 'sequence' ? units : distinct };
}

/** Several stamps that are completed together. */
export function CollectionPart({ value: collection, path, problems, stampTypes, onChange, onRemove }: Props) {
  const labelOf = (id: string) => stampTypes.find((unit) => unit.id === id)?.label ?? id;
  const { units } = collection;
  const isOrdered = collection.kind === 'sequence';
  const addable = stampTypes.filter((unit) => isOrdered || !units.includes(unit.id));
  const problem = problems[`${path}.units`] ?? problems[path];
  return (
    <PartFrame
      id={collection.id}
      title={collection.name.trim() === '' ? 'Collection' : collection.name}
      kind="collection"
      onRemove={onRemove}
    >
      <div className="sentence">
        <div className="sentence-choice">
          <WordsField
            label="Name of the collection"
            isLabelHidden
            value={collection.name}
            lengthMax={60}
            error={problems[`${path}.name`]}
            onChange={(name) => onChange({ ...collection, name })}
          />
        </div>
        <span className="word">is complete with</span>
        {collection.kind === 'any' ? (
          <div className="sentence-number">
            <NumberField
              label="How many different ones"
              isLabelHidden
              min={1}
              max={limits.unitsMax}
              value={collection.needed}
              error={problems[`${path}.needed`]}
              onChange={(needed) => onChange({ ...collection, needed })}
            />
          </div>
        ) : null}
        <div className="sentence-choice">
          <ChoiceField
            label="How it is completed"
            isLabelHidden
            options={kinds}
            value={collection.kind}
            onChange={(kind) => onChange(ofKind(collection, kind))}
          />
        </div>
      </div>
      <InlineStack gap="200" blockAlign="center">
        {units.map((id, index) => (
          // In a sequence the same stamp may stand more than once.
          <Tag key={`${id}-${index}`} onRemove={() => onChange({ ...collection, units: units.toSpliced(index, 1) })}>
            {`${isOrdered ? `${index + 1}. ` : ''}${labelOf(id)}`}
          </Tag>
        ))}
        <AddMenu
          label="Add a stamp"
          choices={
            units.length < limits.unitsMax
              ? addable.map((unit) => ({ value: unit.id, label: unit.label, group: 'Stamps' }))
              : []
          }
          onAdd={(id) => onChange({ ...collection, units: [...units, id] })}
        />
      </InlineStack>
      <FieldProblem message={problem} />
      <Example sentences={collectionExample(collection, labelOf)} />
    </PartFrame>
  );
}

/** The fewest stamps that complete it, as the engine counts. */
function collectionExample(collection: Collection, labelOf: (id: string) => string): string[] {
  const { units, kind } = collection;
  const taken = kind === 'any' ? units.slice(0, collection.needed) : units;
  if (taken.length === 0) return [];
  const stamps = taken.map((unit) => ({ unit, amount: 1 }));
  const times = collectionsCompleted(collection, stamps);
  if (times === 0) return [];
  const names = taken.map(labelOf).join(kind === 'sequence' ? ', then ' : ' and ');
  return [`${names}: complete ${times === 1 ? 'once' : `${times} times`}.`];
}
