import { ActionList, Button, Popover } from '@shopify/polaris';
import { useState } from 'react';

export type AddChoice<Value extends string> = { value: Value; label: string; group: string };

type Props<Value extends string> = {
  label: string;
  choices: readonly AddChoice<Value>[];
  onAdd: (value: Value) => void;
};

/** A button that opens a list of what can be added. Arrow keys move in it, Escape closes it. */
export function AddMenu<Value extends string>({ label, choices, onAdd }: Props<Value>) {
  const [isOpen, setOpen] = useState(false);
  const groups = [...new Set(choices.map((choice) => choice.group))];
  return (
    <Popover
      active={isOpen}
      autofocusTarget="first-node"
      preferredAlignment="left"
      onClose={() => setOpen(false)}
      activator={
        <Button disclosure={isOpen ? 'up' : 'down'} disabled={choices.length === 0} onClick={() => setOpen(!isOpen)}>
          {label}
        </Button>
      }
    >
      <ActionList
        actionRole="menuitem"
        sections={groups.map((group) => ({
          title: group,
          items: choices
            .filter((choice) => choice.group === group)
            .map(({ value, label: content }) => ({
              content,
              onAction: () => {
                setOpen(false);
                onAdd(value);
              },
            })),
        }))}
      />
    </Popover>
  );
}
