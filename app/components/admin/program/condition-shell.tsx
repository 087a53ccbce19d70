import { Button } from '@shopify/polaris';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

import { RemoveIcon } from '#app/components/admin/program/icons.tsx';

type Props = {
  /** Before its fields: `only on`. */
  title: string;
  /** What is taken away: `Only on certain weekdays`. */
  label: string;
  /** It was just added: the focus goes to its first field. */
  isNew: boolean;
  onRemove: () => void;
  children: ReactNode;
};

/** One condition or limit: what it says, its fields, and a button that takes it away. */
export function ConditionShell({ title, label, isNew, onRemove, children }: Props) {
  const fields = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isNew) fields.current?.querySelector<HTMLElement>('input, select, button')?.focus();
  }, [isNew]);
  return (
    <li className="condition">
      <span className="condition-title">{title}</span>
      <div className="condition-fields" ref={fields}>
        {children}
      </div>
      <Button variant="tertiary" icon={RemoveIcon} onClick={onRemove} accessibilityLabel={`Remove “${label}”`} />
    </li>
  );
}
