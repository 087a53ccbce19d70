import type { ReactNode } from 'react';

type Choice<Value extends string> = { value: Value; title: string; text?: string; picture?: ReactNode };
type Props<Value extends string> = {
  legend: string;
  name: string;
  choices: readonly Choice<Value>[];
  value: Value;
  onChange: (value: Value) => void;
  className?: string;
};

/** Radio buttons that look like cards. Arrow keys move between them, as in any group of radio buttons. */
export function ChoiceCards<Value extends string>({
  legend,
  name,
  choices,
  value,
  onChange,
  className = '',
}: Props<Value>) {
  return (
    <fieldset className={`choice-grid ${className}`}>
      <legend className="Polaris-Text--root Polaris-Text--visuallyHidden">{legend}</legend>
      {choices.map((choice) => (
        <label className="choice" key={choice.value}>
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          {choice.picture}
          <span className="choice-title">{choice.title}</span>
          {choice.text === undefined ? null : <span>{choice.text}</span>}
        </label>
      ))}
    </fieldset>
  );
}
