import { useState } from 'react';

import { WordsField } from '#app/components/admin/fields.tsx';

type Props = {
  label: string;
  helpText: string;
  value: number;
  error: string | undefined;
  onChange: (value: number) => void;
};

/** A number of degrees with a point or a comma. While what is typed is none, the value is NaN, so that the form can say so. */
export function CoordinateField({ label, helpText, value, error, onChange }: Props) {
  const [text, setText] = useState(Number.isNaN(value) ? '' : String(value));
  const isInStep = Object.is(read(text), value);
  return (
    <WordsField
      label={label}
      helpText={helpText}
      value={isInStep ? text : String(value)}
      lengthMax={20}
      error={error}
      onChange={(typed) => {
        setText(typed);
        onChange(read(typed));
      }}
    />
  );
}

function read(typed: string): number {
  const plain = typed.trim().replace(',', '.').replace('−', '-');
  return /^-?\d{1,3}(\.\d+)?$/.test(plain) ? Number(plain) : Number.NaN;
}
