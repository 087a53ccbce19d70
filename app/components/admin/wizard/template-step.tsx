import { BlockStack } from '@shopify/polaris';
import { useState } from 'react';

import { ChoiceCards } from '#app/components/admin/choice-cards.tsx';
import { WordsField } from '#app/components/admin/fields.tsx';
import type { StepProps } from '#app/components/admin/wizard/step-props.ts';
import { useProblems } from '#app/components/admin/wizard/use-problems.ts';
import { WizardShell } from '#app/components/admin/wizard/wizard-shell.tsx';
import {
  starterPointReward,
  starterPoints,
  starterStampReward,
  starterStamps,
} from '#app/domain/programs/program-outline.ts';
import type { ProgramOutline } from '#app/domain/programs/program-outline.ts';

type Template = 'stamps' | 'points' | 'both';

const templates: { value: Template; title: string; text: string }[] = [
  {
    value: 'stamps',
    title: 'Stamp card',
    text: 'Collect ten, the next one is free. Best for cafés, bakeries, salons.',
  },
  { value: 'points', title: 'Points', text: 'Points for money spent. Best when baskets differ a lot.' },
  { value: 'both', title: 'Both', text: 'Stamps for visits and points for spending, on one card.' },
];

function templateOf({ stamps, points }: ProgramOutline): Template {
  if (stamps && points) return 'both';
  return points ? 'points' : 'stamps';
}

/** What was set up before stays when a choice is made twice; rewards follow what is counted. */
function applyTemplate(outline: ProgramOutline, template: Template, currency: string): ProgramOutline {
  const stamps = template === 'points' ? null : (outline.stamps ?? starterStamps());
  const points = template === 'stamps' ? null : (outline.points ?? starterPoints(currency));
  const kept = outline.rewards.filter((reward) => (reward.counts === 'stamp' ? stamps : points) !== null);
  const needsStampReward = stamps !== null && !kept.some((reward) => reward.counts === 'stamp');
  const needsPointReward = points !== null && !kept.some((reward) => reward.counts === 'point');
  return {
    ...outline,
    stamps,
    points,
    rewards: [
      ...kept,
      ...(needsStampReward ? [starterStampReward(stamps.needed)] : []),
      ...(needsPointReward ? [starterPointReward(currency)] : []),
    ],
  };
}

export function TemplateStep({ setup, result }: StepProps) {
  const [outline, setOutline] = useState(setup.outline);
  const { problems, isSound, reveal } = useProblems(outline, result);
  return (
    <WizardShell
      step="template"
      title="What will your shoppers collect?"
      intro="You can change everything later. What members have collected is never lost."
      payload={{ outline: JSON.stringify(outline) }}
      canContinue={isSound}
      onRefused={reveal}
      result={result}
    >
      <BlockStack gap="400">
        <ChoiceCards
          legend="What shoppers collect"
          name="template"
          choices={templates}
          value={templateOf(outline)}
          onChange={(template) => setOutline(applyTemplate(outline, template, setup.currency))}
        />
        <WordsField
          label="Name of the program"
          helpText="Shoppers see it when they join and on their card."
          value={outline.name}
          lengthMax={40}
          error={problems['name']}
          onChange={(name) => setOutline({ ...outline, name })}
        />
      </BlockStack>
    </WizardShell>
  );
}
