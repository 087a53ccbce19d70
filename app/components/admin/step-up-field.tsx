import { Link, TextField } from '@shopify/polaris';

type Props = {
  value: string;
  onChange: (pin: string) => void;
  /** What the answer said about the PIN. */
  error?: string | undefined;
  label?: string;
};

const pinLengthMax = 10;

/** Asks for the PIN of the person at the screen. Its form sends it as `pin`; a password manager may fill it in. */
export function StepUpField({ value, onChange, error, label = 'Your PIN' }: Props) {
  return (
    <div className="short-field">
      <TextField
        label={label}
        name="pin"
        type="password"
        inputMode="numeric"
        autoComplete="current-password"
        maxLength={pinLengthMax}
        value={value}
        onChange={(typed) => onChange(typed.replaceAll(/\D/g, ''))}
        helpText={
          <>
            No PIN yet? <Link url="/app/staff">Set one on the Staff page.</Link>
          </>
        }
        {...(error === undefined ? {} : { error })}
      />
    </div>
  );
}
