import { ChoiceField } from '#app/components/admin/fields.tsx';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type Props = {
  document: ProgramDocument;
  label: string;
  value: string;
  only?: 'point' | 'stamp';
  error?: string | undefined;
  onChange: (unitId: string) => void;
};

/** Which of the things that the program counts. */
export function UnitChoice({ document, label, value, only, error, onChange }: Props) {
  const options = document.units
    .filter((unit) => only === undefined || unit.kind === only)
    .map(({ id, label: name }) => ({ value: id, label: name }));
  const isKnown = options.some((option) => option.value === value);
  return (
    <ChoiceField
      label={label}
      isLabelHidden
      options={isKnown ? options : [{ value, label: 'Choose' }, ...options]}
      value={value}
      error={error}
      onChange={onChange}
    />
  );
}
