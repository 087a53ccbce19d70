import { useLocation } from '@remix-run/react';
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
  const isWherePinsAreSet = useLocation().pathname === '/app/staff';
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
          isWherePinsAreSet ? (
            'No PIN yet? Set one at the top of this page.'
          ) : (
            <>
              No PIN yet? <Link url="/app/staff">Set one on the Staff page.</Link>
            </>
          )
        }
        {...(error === undefined ? {} : { error })}
      />
    </div>
  );
}
