import { TextField } from '@shopify/polaris';
import { useState } from 'react';

import { currencyExponent, parseMinor } from '#app/domain/money.ts';

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

type WordsProps = Common & { value: string; onChange: (value: string) => void; lengthMax: number; lines?: number };

/** A short text; the browser stops at its limit. */
export function WordsField({ value, onChange, lengthMax, lines, ...rest }: WordsProps) {
  return (
    <TextField
      {...shared(rest)}
      value={value}
      onChange={onChange}
      maxLength={lengthMax}
      {...(lines === undefined ? {} : { multiline: lines })}
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
      value={text}
      onChange={(typed) => {
        setText(typed);
        onChange(parseMinor(typed.trim().replace(',', '.'), currency) ?? Number.NaN);
      }}
    />
  );
}

function plainDecimal(minor: number, currency: string): string {
  const exponent = currencyExponent(currency) ?? 2;
  if (!Number.isSafeInteger(minor)) return '';
  const digits = String(minor).padStart(exponent + 1, '0');
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
