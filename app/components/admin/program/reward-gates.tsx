import { BlockStack } from '@shopify/polaris';
import { useRef, useState } from 'react';

import { MomentField, NumberField } from '#app/components/admin/fields.tsx';
import { AddMenu } from '#app/components/admin/program/add-menu.tsx';
import { ChipsField } from '#app/components/admin/program/chips-field.tsx';
import { ConditionShell } from '#app/components/admin/program/condition-shell.tsx';
import type { Editing } from '#app/components/admin/program/editing.ts';
import { TickGroup } from '#app/components/admin/program/tick-group.tsx';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import {
  addGate,
  type GateKey,
  possibleGates,
  presentGates,
  removeGate,
} from '#app/domain/programs/reward-gate-keys.ts';
import type { Reward, RewardLimits } from '#app/domain/programs/rewards.ts';

const words: Record<GateKey, { group: string; label: string; title: string }> = {
  perMember: { group: 'How often', label: 'At most so many a member', title: 'at most, for each member' },
  perPeriod: { group: 'How often', label: 'At most so many in a time', title: 'at most' },
  stock: { group: 'How often', label: 'A stock for all together', title: 'in all, for everybody' },
  tierIds: { group: 'For whom', label: 'Only members with a tier', title: 'only members with' },
  channels: { group: 'Where', label: 'Only in certain channels', title: 'only when used' },
  locationIds: { group: 'Where', label: 'Only at certain locations', title: 'only at these locations' },
  validFrom: { group: 'When', label: 'From a day on', title: 'from' },
  validTo: { group: 'When', label: 'Until a day', title: 'until' },
};

type Props = Editing<Reward> & { document: ProgramDocument; today: string };

/** For whom, where, when and how often; nothing at first. */
export function RewardGates(props: Props) {
  const { value: reward, document, today, onChange } = props;
  const [added, setAdded] = useState<GateKey | null>(null);
  const menu = useRef<HTMLDivElement>(null);
  const present = presentGates(reward);
  const choices = possibleGates(reward, document).map((value) => ({
    value,
    label: words[value].label,
    group: words[value].group,
  }));
  return (
    <BlockStack gap="200">
      {present.length === 0 ? null : (
        <ul className="conditions" aria-label="Limits of the reward">
          {present.map((gate) => (
            <ConditionShell
              key={gate}
              title={words[gate].title}
              label={words[gate].label}
              isNew={gate === added}
              onRemove={() => {
                onChange(removeGate(reward, gate));
                menu.current?.querySelector('button')?.focus();
              }}
            >
              <GateFields {...props} gate={gate} />
            </ConditionShell>
          ))}
        </ul>
      )}
      <div ref={menu}>
        <AddMenu
          label="Add a limit"
          choices={choices}
          onAdd={(gate) => {
            setAdded(gate);
            onChange(addGate(reward, gate, { document, today }));
          }}
        />
      </div>
    </BlockStack>
  );
}

const channels = [
  { value: 'online', label: 'online' },
  { value: 'pos', label: 'at the till' },
  { value: 'api', label: 'through the API' },
] as const;

function GateFields({ gate, value: reward, path, problems, document, onChange }: Props & { gate: GateKey }) {
  const error = problems[`${path}.${gate}`];
  if (gate === 'tierIds')
    return (
      <TickGroup
        legend="Tiers"
        options={document.tiers?.levels.map(({ id, name }) => ({ value: id, label: name })) ?? []}
        values={reward.tierIds ?? []}
        error={error}
        onChange={(tierIds) => onChange({ ...reward, tierIds })}
      />
    );
  if (gate === 'channels')
    return (
      <TickGroup
        legend="Channels"
        options={channels}
        values={reward.channels ?? []}
        error={error}
        onChange={(values) => onChange({ ...reward, channels: values })}
      />
    );
  if (gate === 'locationIds')
    return (
      <ChipsField
        label="Locations"
        helpText="The number at the end of its address in Shopify; Enter or a comma closes each."
        values={reward.locationIds ?? []}
        format={(value) => `Location ${value}`}
        error={error}
        onChange={(locationIds) => onChange({ ...reward, locationIds })}
      />
    );
  if (gate === 'validFrom' || gate === 'validTo')
    return (
      <div className="sentence-moment">
        <MomentField
          label={words[gate].label}
          isLabelHidden
          value={reward[gate] ?? ''}
          error={error}
          onChange={(moment) => onChange({ ...reward, [gate]: moment })}
        />
      </div>
    );
  return <LimitFields gate={gate} value={reward} path={path} problems={problems} onChange={onChange} />;
}

type LimitProps = Editing<Reward> & { gate: keyof RewardLimits };

function LimitFields({ gate, value: reward, path, problems, onChange }: LimitProps) {
  const { limits } = reward;
  const change = (part: RewardLimits) => onChange({ ...reward, limits: { ...limits, ...part } });
  if (gate !== 'perPeriod')
    return (
      <div className="sentence-number">
        <NumberField
          label={words[gate].label}
          isLabelHidden
          min={1}
          max={1_000_000_000}
          value={limits?.[gate] ?? Number.NaN}
          error={problems[`${path}.limits.${gate}`]}
          onChange={(count) => change({ [gate]: count })}
        />
      </div>
    );
  const { count, days } = limits?.perPeriod ?? { count: Number.NaN, days: Number.NaN };
  return (
    <div className="sentence">
      <div className="sentence-number">
        <NumberField
          label="How many"
          isLabelHidden
          min={1}
          max={1_000}
          value={count}
          error={problems[`${path}.limits.perPeriod.count`]}
          onChange={(changed) => change({ perPeriod: { count: changed, days } })}
        />
      </div>
      <span className="word">in</span>
      <div className="sentence-number">
        <NumberField
          label="In how many days"
          isLabelHidden
          min={1}
          max={3_660}
          value={days}
          error={problems[`${path}.limits.perPeriod.days`]}
          onChange={(changed) => change({ perPeriod: { count, days: changed } })}
        />
      </div>
      <span className="word">days</span>
    </div>
  );
}
