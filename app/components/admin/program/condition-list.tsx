import { BlockStack } from '@shopify/polaris';
import { useRef, useState } from 'react';

import { AddMenu } from '#app/components/admin/program/add-menu.tsx';
import { ConditionRow } from '#app/components/admin/program/condition-row.tsx';
import { conditionWords } from '#app/components/admin/program/condition-words.ts';
import type { Editing } from '#app/components/admin/program/editing.ts';
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import {
  addCondition,
  type ConditionKey,
  possibleConditions,
  presentConditions,
  removeCondition,
} from '#app/domain/programs/rule-conditions.ts';

type Props = Editing<EarnRule> & { document: ProgramDocument; currency: string };

/** The conditions and limits a rule has, and a list of those it could have. */
export function ConditionList(props: Props) {
  const { value: rule, document, currency, onChange } = props;
  const [added, setAdded] = useState<ConditionKey | null>(null);
  const menu = useRef<HTMLDivElement>(null);
  const present = presentConditions(rule);
  const choices = possibleConditions(rule.kind, document)
    .filter((key) => !present.includes(key))
    .map((value) => ({ value, label: conditionWords[value].label, group: conditionWords[value].group }));
  return (
    <BlockStack gap="200">
      {present.length === 0 ? null : (
        <ul className="conditions" aria-label="Conditions and limits">
          {present.map((condition) => (
            <ConditionRow
              {...props}
              key={condition}
              condition={condition}
              isNew={condition === added}
              onRemove={() => {
                onChange(removeCondition(rule, condition));
                menu.current?.querySelector('button')?.focus();
              }}
            />
          ))}
        </ul>
      )}
      <div ref={menu}>
        <AddMenu
          label="Add a condition or limit"
          choices={choices}
          onAdd={(key) => {
            setAdded(key);
            onChange(addCondition(rule, key, { document, currency }));
          }}
        />
      </div>
    </BlockStack>
  );
}
