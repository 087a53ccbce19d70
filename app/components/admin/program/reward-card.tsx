import { WordsField } from '#app/components/admin/fields.tsx';
import { BenefitFields } from '#app/components/admin/program/benefit-fields.tsx';
import type { Editing } from '#app/components/admin/program/editing.ts';
import { FieldProblem } from '#app/components/admin/program/field-problem.tsx';
import { PartFrame } from '#app/components/admin/program/part-frame.tsx';
import { RewardGates } from '#app/components/admin/program/reward-gates.tsx';
import { RewardPrice } from '#app/components/admin/program/reward-price.tsx';
import { Example } from '#app/components/admin/program/section-frame.tsx';
import { type ExampleScene, rewardExample } from '#app/domain/earning/examples.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { Reward } from '#app/domain/programs/rewards.ts';

type Props = Editing<Reward> & {
  document: ProgramDocument;
  sound: ProgramDocument;
  scene: ExampleScene;
  isFirst: boolean;
  isLast: boolean;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
};

/** One reward: what it costs, what it gives, and for whom, where and when. */
export function RewardCard({ isFirst, isLast, onMove, onRemove, sound, scene, ...editing }: Props) {
  const { value: reward, path, problems, document, onChange } = editing;
  const current = sound.rewards.find((candidate) => candidate.id === reward.id);
  const example = current ? rewardExample(current, sound, scene) : null;
  const wrong = problems[path];
  return (
    <PartFrame
      id={reward.id}
      title={reward.name.trim() === '' ? 'Reward' : reward.name}
      kind="reward"
      isFirst={isFirst}
      isLast={isLast}
      onMove={onMove}
      onRemove={onRemove}
    >
      <div className="short-field">
        <WordsField
          label="Name of the reward"
          helpText="Members read it on their card."
          value={reward.name}
          lengthMax={60}
          error={problems[`${path}.name`]}
          onChange={(name) => onChange({ ...reward, name })}
        />
      </div>
      <RewardPrice {...editing} />
      <FieldProblem message={wrong} />
      <BenefitFields
        value={reward.benefit}
        path={`${path}.benefit`}
        problems={problems}
        currency={scene.currency}
        onChange={(benefit) => onChange({ ...reward, benefit })}
      />
      <RewardGates
        value={reward}
        path={path}
        problems={problems}
        document={document}
        today={scene.today}
        onChange={onChange}
      />
      <Example sentences={example === null ? [] : [example]} />
    </PartFrame>
  );
}
