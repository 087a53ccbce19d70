import { BlockStack, Divider } from '@shopify/polaris';
import { useState } from 'react';

import { PointFields, StampFields } from '#app/components/admin/wizard/earn-fields.tsx';
import { RewardFields } from '#app/components/admin/wizard/reward-fields.tsx';
import type { StepProps } from '#app/components/admin/wizard/step-props.ts';
import { useProblems } from '#app/components/admin/wizard/use-problems.ts';
import { WizardShell } from '#app/components/admin/wizard/wizard-shell.tsx';
import type { ProgramOutline, StampOutline } from '#app/domain/programs/program-outline.ts';

/** A reward that cost a full card goes on costing a full card. */
export function withStamps(outline: ProgramOutline, stamps: StampOutline): ProgramOutline {
  const before = outline.stamps?.needed;
  const rewards = outline.rewards.map((reward) =>
    reward.counts === 'stamp' && reward.cost === before ? { ...reward, cost: stamps.needed } : reward,
  );
  return { ...outline, stamps, rewards };
}

export function RuleStep({ setup, result }: StepProps) {
  const [outline, setOutline] = useState(setup.outline);
  const { problems, isSound, reveal } = useProblems(outline, result);
  return (
    <WizardShell
      step="rule"
      title="How do they earn?"
      intro="Every paid order counts, online and at the till. Refunds take back exactly what they earned."
      payload={{ outline: JSON.stringify(outline) }}
      canContinue={isSound}
      onRefused={reveal}
      result={result}
    >
      <BlockStack gap="500">
        {outline.stamps ? (
          <StampFields
            stamps={outline.stamps}
            problems={problems}
            onChange={(stamps) => setOutline(withStamps(outline, stamps))}
          />
        ) : null}
        {outline.stamps && outline.points ? <Divider /> : null}
        {outline.points ? (
          <PointFields
            points={outline.points}
            currency={setup.currency}
            problems={problems}
            onChange={(points) => setOutline({ ...outline, points })}
          />
        ) : null}
      </BlockStack>
    </WizardShell>
  );
}

export function RewardStep({ setup, result }: StepProps) {
  const [outline, setOutline] = useState(setup.outline);
  const { problems, isSound, reveal } = useProblems(outline, result);
  return (
    <WizardShell
      step="reward"
      title="What do they get for it?"
      intro="One good reward is enough to start. Shoppers see on their card how far it is."
      payload={{ outline: JSON.stringify(outline) }}
      canContinue={isSound}
      onRefused={reveal}
      result={result}
    >
      <RewardFields
        outline={outline}
        currency={setup.currency}
        problems={problems}
        onChange={(rewards) => setOutline({ ...outline, rewards })}
      />
    </WizardShell>
  );
}
