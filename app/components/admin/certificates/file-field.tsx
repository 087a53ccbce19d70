import { Text } from '@shopify/polaris';
import { useId } from 'react';

type Props = { label: string; name: string; accept: string; hint: string; problem: string | undefined };

/** A file of a form, with what is wrong with it beside it. */
export function FileField({ label, name, accept, hint, problem }: Props) {
  const id = useId();
  return (
    <div className="logo-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        type="file"
        accept={accept}
        aria-describedby={problem === undefined ? `${id}-hint` : `${id}-problem ${id}-hint`}
        aria-invalid={problem !== undefined}
      />
      <div role="alert" id={`${id}-problem`} className="logo-problem">
        {problem}
      </div>
      <div id={`${id}-hint`}>
        <Text as="p" tone="subdued">
          {hint}
        </Text>
      </div>
    </div>
  );
}
