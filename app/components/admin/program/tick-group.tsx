import { FieldProblem } from '#app/components/admin/program/field-problem.tsx';

type Props<Value extends string | number> = {
  legend: string;
  options: readonly { value: Value; label: string }[];
  values: readonly Value[];
  error?: string | undefined;
  onChange: (values: Value[]) => void;
};

/** Several of a few, as small boxes in one line; the values keep the order of the options. */
export function TickGroup<Value extends string | number>({ legend, options, values, error, onChange }: Props<Value>) {
  return (
    <fieldset className="ticks">
      <legend className="Polaris-Text--root Polaris-Text--visuallyHidden">{legend}</legend>
      {options.map(({ value, label }) => (
        <label className="tick" key={value}>
          <input
            type="checkbox"
            checked={values.includes(value)}
            {...(error === undefined ? {} : { 'aria-invalid': true })}
            onChange={(event) => {
              const isChosen = event.target.checked;
              onChange(
                options
                  .map((option) => option.value)
                  .filter((option) => (option === value ? isChosen : values.includes(option))),
              );
            }}
          />
          {label}
        </label>
      ))}
      <FieldProblem message={error} />
    </fieldset>
  );
}
