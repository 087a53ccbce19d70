import { BlockStack, Box, Button, Collapsible } from '@shopify/polaris';
import { useId, useState } from 'react';

import { ConditionList } from '#app/components/admin/program/condition-list.tsx';
import type { Editing } from '#app/components/admin/program/editing.ts';
import { FieldProblem } from '#app/components/admin/program/field-problem.tsx';
import { PartFrame } from '#app/components/admin/program/part-frame.tsx';
import { RuleExtras } from '#app/components/admin/program/rule-extras.tsx';
import { RuleSentence } from '#app/components/admin/program/rule-sentence.tsx';
import { ruleTitle } from '#app/domain/programs/rule-title.ts';
import { Example } from '#app/components/admin/program/section-frame.tsx';
import { type ExampleScene, ruleExamples } from '#app/domain/earning/examples.ts';
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type Props = Editing<EarnRule> & {
  document: ProgramDocument;
  /** Without what has to be mended; the example is made of it. */
  sound: ProgramDocument;
  scene: ExampleScene;
  isFirst: boolean;
  isLast: boolean;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
};

/** One rule: a sentence, its conditions and limits, and what an order gives by it. */
export function RuleCard({ isFirst, isLast, onMove, onRemove, sound, scene, ...editing }: Props) {
  const { value: rule, path, problems, document } = editing;
  const current = sound.earnRules.find((candidate) => candidate.id === rule.id);
  const wrong = problems[path];
  return (
    <PartFrame
      id={rule.id}
      title={ruleTitle(rule, document)}
      kind="rule"
      isFirst={isFirst}
      isLast={isLast}
      onMove={onMove}
      onRemove={onRemove}
    >
      <RuleSentence {...editing} currency={scene.currency} />
      <FieldProblem message={wrong} />
      <ConditionList {...editing} currency={scene.currency} />
      <Example sentences={current ? ruleExamples(current, sound, scene) : []} />
      <More {...editing} />
    </PartFrame>
  );
}

/** What few need: the name, rounding, other currencies. Open from the start where something in it is wrong. */
function More(editing: Editing<EarnRule>) {
  const { value: rule, path, problems } = editing;
  const [isWanted, setWanted] = useState(false);
  const id = useId();
  const isWrong = Object.keys(problems).some(
    (told) => told.startsWith(`${path}.name`) || told.startsWith(`${path}.rates.`),
  );
  const isOpen = isWanted || isWrong;
  return (
    <BlockStack gap="200">
      <div>
        <Button
          variant="plain"
          disclosure={isOpen ? 'up' : 'down'}
          ariaExpanded={isOpen}
          ariaControls={id}
          onClick={() => setWanted(!isOpen)}
        >
          {rule.kind === 'spend' ? 'Name, rounding and other currencies' : 'Name'}
        </Button>
      </div>
      <Collapsible id={id} open={isOpen}>
        <Box paddingBlockStart="100">
          <RuleExtras {...editing} />
        </Box>
      </Collapsible>
    </BlockStack>
  );
}
