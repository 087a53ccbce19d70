import { BlockStack, Button, Text } from '@shopify/polaris';

import { freeId, type PartProps, withItem, withMoved } from '#app/components/admin/card/designer-parts.ts';
import { LinksList } from '#app/components/admin/card/links-list.tsx';
import { withoutText } from '#app/components/admin/card/without-text.ts';
import { ChoiceField, WordsField } from '#app/components/admin/fields.tsx';
import { PartFrame } from '#app/components/admin/program/part-frame.tsx';
import type { CardField } from '#app/domain/cards/card-design.ts';
import { cardDesignLimits as limits } from '#app/domain/cards/card-design-limits.ts';

const sides = [
  { value: 'back', label: 'The back of the card' },
  { value: 'front', label: 'The front of the card' },
] as const;

/** Fields of the merchant's own, and links on the back. */
export function FieldsPart(props: PartProps) {
  const { design, problems, onChange } = props;
  const { fields } = design;
  const onFront = fields.filter(({ side }) => side === 'front').length;
  const add = () =>
    onChange({ ...design, fields: [...fields, { id: freeId('field', fields), side: 'back', label: '', value: '' }] });
  return (
    <BlockStack gap="400">
      <Text as="h2" variant="headingSm">
        Fields
      </Text>
      {fields.length === 0 ? (
        <Text as="p" tone="subdued">
          Opening hours, an address, a code for the door: what the card should say beside the balance.
        </Text>
      ) : null}
      {fields.map((field, index) => (
        <PartFrame
          key={field.id}
          id={field.id}
          kind="field"
          title={field.label || `Field ${index + 1}`}
          isFirst={index === 0}
          isLast={index === fields.length - 1}
          onMove={(by) => onChange({ ...design, fields: withMoved(fields, index, by) })}
          onRemove={() => onChange(withoutText({ ...design, fields: fields.toSpliced(index, 1) }, field.id))}
        >
          <FieldForm
            field={field}
            problemOf={(name) => problems[`fields.${index}.${name}`]}
            onChange={(changed) => onChange({ ...design, fields: withItem(fields, index, changed) })}
          />
        </PartFrame>
      ))}
      {onFront > limits.frontFieldsMax ? (
        <Text as="p" tone="caution">
          The front has room for {limits.frontFieldsMax} fields of your own; the others move to the back.
        </Text>
      ) : null}
      <div>
        <Button disabled={fields.length >= limits.fieldsMax} onClick={add}>
          Add a field
        </Button>
      </div>
      <LinksList {...props} />
    </BlockStack>
  );
}

type FormProps = {
  field: CardField;
  problemOf: (name: string) => string | undefined;
  onChange: (field: CardField) => void;
};

function FieldForm({ field, problemOf, onChange }: FormProps) {
  const valueMax = field.side === 'front' ? limits.frontFieldValueMax : limits.fieldValueMax;
  return (
    <BlockStack gap="300">
      <div className="field-pair">
        <WordsField
          label="Label"
          value={field.label}
          lengthMax={limits.fieldLabelMax}
          isCounted
          error={problemOf('label')}
          onChange={(label) => onChange({ ...field, label })}
        />
        <ChoiceField
          label="Shown on"
          options={sides}
          value={field.side}
          onChange={(side) => onChange({ ...field, side })}
        />
      </div>
      <WordsField
        label="Text"
        value={field.value}
        lengthMax={Math.max(valueMax, field.value.length)}
        isCounted
        {...(field.side === 'back' ? { lines: 2 } : {})}
        error={problemOf('value')}
        onChange={(value) => onChange({ ...field, value })}
      />
    </BlockStack>
  );
}
