import { Button } from '@shopify/polaris';

import { freshId, type SectionProps } from '#app/components/admin/program/editing.ts';
import { RewardCard } from '#app/components/admin/program/reward-card.tsx';
import { SectionFoot, SectionFrame } from '#app/components/admin/program/section-frame.tsx';
import { addReward, moved } from '#app/domain/programs/draft-edits.ts';
import { limits } from '#app/domain/programs/program-limits.ts';

/** What members get: one catalogue for the shop, the till and the API. */
export function RewardSection({ document, problems, sound, scene, onChange }: SectionProps) {
  const { rewards } = document;
  return (
    <SectionFrame
      title="Rewards"
      intro="What members get for what they collected, online and at the till alike."
      problem={problems['rewards']}
    >
      {rewards.map((reward, index) => (
        <RewardCard
          key={reward.id}
          value={reward}
          path={`rewards.${index}`}
          problems={problems}
          document={document}
          sound={sound}
          scene={scene}
          isFirst={index === 0}
          isLast={index === rewards.length - 1}
          onChange={(changed) => onChange({ ...document, rewards: rewards.with(index, changed) })}
          onMove={(by) => onChange({ ...document, rewards: moved(rewards, index, by) })}
          onRemove={() => onChange({ ...document, rewards: rewards.toSpliced(index, 1) })}
        />
      ))}
      <SectionFoot>
        <Button
          disabled={rewards.length >= limits.rewardsMax || document.units.length === 0}
          onClick={() => onChange(addReward({ id: freshId('reward'), document, currency: scene.currency }))}
        >
          Add a reward
        </Button>
      </SectionFoot>
    </SectionFrame>
  );
}
