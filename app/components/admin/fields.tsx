import { Select, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { currencyExponent, parseMinor } from '#app/domain/money.ts';
import { writeMultiplier } from '#app/domain/programs/condition-sentences.ts';
import { readMultiplier } from '#app/domain/programs/draft-edits.ts';
import type { Multiplier } from '#app/domain/programs/program-terms.ts';

type Common = {
  label: string;
  isLabelHidden?: boolean;
  error?: string | undefined;
  helpText?: string;
  suffix?: string;
};

function shared({ label, isLabelHidden = false, error, helpText, suffix }: Common) {
  return {
    label,
    labelHidden: isLabelHidden,
    autoComplete: 'off',
    ...(error === undefined ? {} : { error }),
    ...(helpText === undefined ? {} : { helpText }),
    ...(suffix === undefined ? {} : { suffix }),
  };
}

type WordsProps = Common & {
  value: string;
  onChange: (value: string) => void;
  lengthMax: number;
  lines?: number;
  /** Says how many characters there are, of how many. */
  isCounted?: boolean;
  /** What holds while it is empty. */
  placeholder?: string;
  type?: 'text' | 'url';
};

/** A short text; the browser stops at its limit. */
export function WordsField(props: WordsProps) {
  const { value, onChange, lengthMax, lines, isCounted = false, placeholder, type, ...rest } = props;
  return (
    <TextField
      {...shared(rest)}
      value={value}
      onChange={onChange}
      maxLength={lengthMax}
      showCharacterCount={isCounted}
      {...(lines === undefined ? {} : { multiline: lines })}
      {...(placeholder === undefined ? {} : { placeholder })}
      {...(type === undefined ? {} : { type })}
    />
  );
}

type NumberProps = Common & { value: number; onChange: (value: number) => void; min: number; max: number };

/** A whole number. While what is typed is none, the value is NaN, so that the form can say so. */
export function NumberField({ value, onChange, min, max, ...rest }: NumberProps) {
  const [text, setText] = useState(Number.isNaN(value) ? '' : String(value));
  const isInStep = text === '' ? Number.isNaN(value) : Number(text) === value;
  return (
    <TextField
      {...shared(rest)}
      type="number"
      inputMode="numeric"
      min={min}
      max={max}
      value={isInStep || Number.isNaN(value) ? text : String(value)}
      onChange={(typed) => {
        setText(typed);
        onChange(typed.trim() === '' ? Number.NaN : Number(typed));
      }}
    />
  );
}

type MoneyProps = Common & { minor: number; currency: string; onChange: (minor: number) => void };

/** An amount of money in the shop's currency, kept as whole minor units; NaN while it cannot be read. */
export function MoneyField({ minor, currency, onChange, ...rest }: MoneyProps) {
  const [text, setText] = useState(() => plainDecimal(minor, currency));
  return (
    <TextField
      {...shared(rest)}
      inputMode="decimal"
      prefix={currency}
      value={isSameNumber(readMoney(text, currency), minor) ? text : plainDecimal(minor, currency)}
      onChange={(typed) => {
        setText(typed);
        onChange(readMoney(typed, currency));
      }}
    />
  );
}

function readMoney(typed: string, currency: string): number {
  return parseMinor(typed.trim().replace(',', '.'), currency) ?? Number.NaN;
}

/** Whether what stands in a field is what the form holds; after a step back it is not. */
function isSameNumber(one: number, other: number): boolean {
  return Object.is(one, other);
}

function plainDecimal(minor: number, currency: string): string {
  const exponent = currencyExponent(currency) ?? 2;
  if (!Number.isSafeInteger(minor)) return '';
  const digits = String(minor).padStart(exponent + 1, '0');
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

type ChoiceProps<Value extends string> = {
  label: string;
  isLabelHidden?: boolean;
  error?: string | undefined;
  helpText?: string;
  options: readonly { value: Value; label: string }[];
  value: Value;
  onChange: (value: Value) => void;
};

/** One of a few. */
export function ChoiceField<Value extends string>(props: ChoiceProps<Value>) {
  const { label, isLabelHidden = false, error, helpText, options, value, onChange } = props;
  return (
    <Select
      label={label}
      labelHidden={isLabelHidden}
      options={options.map((option) => ({ ...option }))}
      value={value}
      {...(error === undefined ? {} : { error })}
      {...(helpText === undefined ? {} : { helpText })}
      onChange={(chosen) => {
        const option = options.find((candidate) => candidate.value === chosen);
        if (option) onChange(option.value);
      }}
    />
  );
}

type MomentProps = Common & { value: string; onChange: (value: string) => void };

/** A day and time on the shop's own clock, such as 2026-12-24T18:00; empty while it is incomplete. */
export function MomentField({ value, onChange, ...rest }: MomentProps) {
  return (
    <TextField
      {...shared(rest)}
      type="datetime-local"
      value={value}
      onChange={(typed) => onChange(typed.slice(0, 16))}
    />
  );
}

type MultiplierProps = Common & { value: Multiplier; onChange: (value: Multiplier) => void };

/** How many times as many: `2`, `1.5` or `4/3`. `times` is NaN while it cannot be read. */
export function MultiplierField({ value, onChange, ...rest }: MultiplierProps) {
  const [text, setText] = useState(() => writeMultiplier(value));
  const read = readMultiplier(text);
  const isInStep = read === null ? Number.isNaN(value.times) : read.times * value.over === value.times * read.over;
  return (
    <TextField
      {...shared(rest)}
      inputMode="decimal"
      suffix="×"
      value={isInStep ? text : writeMultiplier(value)}
      onChange={(typed) => {
        setText(typed);
        onChange(readMultiplier(typed) ?? { times: Number.NaN, over: 1 });
      }}
    />
  );
}
