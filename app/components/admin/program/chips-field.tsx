import { Button, InlineStack, Tag, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { pickResources, type PickerKind } from '#app/components/admin/app-bridge.ts';
import { useCanPick } from '#app/components/admin/use-picker.ts';

type Props = {
  label: string;
  values: readonly string[];
  error?: string | undefined;
  helpText?: string;
  /** Where Shopify has a picker for it. */
  picker?: PickerKind;
  /** How a value reads on its chip. */
  format?: (value: string) => string;
  /** What is typed, before it becomes a chip. */
  tidy?: (text: string) => string;
  onChange: (values: string[]) => void;
};

/** Titles of what was picked while the page is open: documents keep ids only. */
const titles = new Map<string, string>();

/** A list of short values as chips: typed and closed with Enter or a comma, or picked, and taken away by one click. */
export function ChipsField({
  label,
  values,
  error,
  helpText,
  picker,
  format = String,
  tidy = String,
  onChange,
}: Props) {
  const [text, setText] = useState('');
  const isPickable = useCanPick() && picker !== undefined;
  const add = (typed: string) => {
    const added = typed
      .split(/[,\n]/)
      .map((value) => tidy(value.trim()))
      .filter((value) => value !== '');
    setText('');
    if (added.length > 0) onChange([...new Set([...values, ...added])]);
  };
  const pick = async (kind: PickerKind) => {
    const picked = await pickResources({ kind, chosenIds: [...values], countMax: 250 });
    if (picked === null) return;
    for (const { id, title } of picked) titles.set(`${kind}/${id}`, title);
    onChange(picked.map(({ id }) => id));
  };
  return (
    <div className="chips">
      {values.length === 0 ? null : (
        <InlineStack gap="100">
          {values.map((value) => (
            <Tag key={value} onRemove={() => onChange(values.filter((other) => other !== value))}>
              {titles.get(`${picker ?? ''}/${value}`) ?? format(value)}
            </Tag>
          ))}
        </InlineStack>
      )}
      <div
        onKeyDown={(event) => {
          // Enter in a field would send the form.
          if (event.key !== 'Enter') return;
          event.preventDefault();
          add(text);
        }}
      >
        <TextField
          label={label}
          labelHidden
          autoComplete="off"
          value={text}
          onChange={(typed) => (typed.endsWith(',') ? add(typed) : setText(typed))}
          onBlur={() => add(text)}
          {...(error === undefined ? {} : { error })}
          {...(helpText === undefined ? {} : { helpText })}
          connectedRight={
            isPickable ? (
              <Button onClick={() => void pick(picker)} accessibilityLabel={`Choose ${label.toLowerCase()}`}>
                Choose
              </Button>
            ) : (
              <Button onClick={() => add(text)} accessibilityLabel={`Add to ${label.toLowerCase()}`}>
                Add
              </Button>
            )
          }
        />
      </div>
    </div>
  );
}
