import { BlockStack } from '@shopify/polaris';

import { AddMenu } from '#app/components/admin/program/add-menu.tsx';
import { freshId, type SectionProps } from '#app/components/admin/program/editing.ts';
import { RuleCard } from '#app/components/admin/program/rule-card.tsx';
import { SectionFoot, SectionFrame } from '#app/components/admin/program/section-frame.tsx';
import { addRule, moved, removeRule } from '#app/domain/programs/draft-edits.ts';
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import { limits } from '#app/domain/programs/program-limits.ts';

const kinds: { value: EarnRule['kind']; label: string; group: string }[] = [
  { value: 'spend', label: 'For money spent', group: 'Add a rule' },
  { value: 'item', label: 'For each item bought', group: 'Add a rule' },
  { value: 'visit', label: 'For each order', group: 'Add a rule' },
  { value: 'event', label: 'For an occasion, such as joining', group: 'Add a rule' },
];

/** The earn rules. Each counts for itself, and what they give is added up. */
export function EarningSection({ document, problems, sound, scene, onChange }: SectionProps) {
  const { earnRules } = document;
  return (
    <SectionFrame
      title="Earning"
      intro="Each rule counts for itself; what they give is added up. A refund takes back exactly what it earned."
      problem={problems['earnRules']}
    >
      <BlockStack gap="400">
        {earnRules.map((rule, index) => (
          <RuleCard
            key={rule.id}
            value={rule}
            path={`earnRules.${index}`}
            problems={problems}
            document={document}
            sound={sound}
            scene={scene}
            isFirst={index === 0}
            isLast={index === earnRules.length - 1}
            onChange={(changed) => onChange({ ...document, earnRules: earnRules.with(index, changed) })}
            onMove={(by) => onChange({ ...document, earnRules: moved(earnRules, index, by) })}
            onRemove={() => onChange(removeRule(document, rule.id))}
          />
        ))}
      </BlockStack>
      <SectionFoot>
        <AddMenu
          label="Add a rule"
          choices={earnRules.length < limits.earnRulesMax && document.units.length > 0 ? kinds : []}
          onAdd={(kind) => onChange(addRule(kind, { id: freshId('rule'), document, currency: scene.currency }))}
        />
      </SectionFoot>
    </SectionFrame>
  );
}
