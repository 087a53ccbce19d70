import { BlockStack, Card, Checkbox, Text } from '@shopify/polaris';
import { useState } from 'react';

import { ChoiceField, MomentField, MoneyField, NumberField } from '#app/components/admin/fields.tsx';
import type { TriedOrder } from '#app/components/admin/program/tried-order.ts';
import { TryResult } from '#app/components/admin/program/try-result.tsx';
import type { ExampleScene } from '#app/domain/earning/examples.ts';
import { sampleAmount } from '#app/domain/earning/sample-order.ts';
import type { Channel } from '#app/domain/orders/order.ts';
import { describeSubject } from '#app/domain/programs/condition-sentences.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { ruleTitle } from '#app/domain/programs/rule-title.ts';

const channels: { value: Channel; label: string }[] = [
  { value: 'online', label: 'online' },
  { value: 'pos', label: 'at the till' },
  { value: 'draft', label: 'by draft order' },
  { value: 'api', label: 'through the API' },
];

type Props = { sound: ProgramDocument; scene: ExampleScene };

/** An order of the merchant's choice, and what this draft gives for it, as the engine counts. */
export function TryOrder({ sound, scene }: Props) {
  const [tried, setTried] = useState<TriedOrder>({
    amountMinor: sampleAmount(scene.currency),
    items: 3,
    goodsOf: '',
    channel: 'online',
    wallTime: `${scene.today}T12:00`,
    tierId: '',
    isFirstOrder: false,
  });
  return (
    <Card>
      <section aria-labelledby="try-title">
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd" id="try-title">
            Try an order
          </Text>
          <TryFields sound={sound} scene={scene} tried={tried} onChange={setTried} />
          <TryResult sound={sound} scene={scene} tried={tried} />
        </BlockStack>
      </section>
    </Card>
  );
}

type FieldsProps = Props & { tried: TriedOrder; onChange: (tried: TriedOrder) => void };

function TryFields({ sound, scene, tried, onChange }: FieldsProps) {
  const change = (part: Partial<TriedOrder>) => onChange({ ...tried, ...part });
  const named = sound.earnRules.filter((rule) => describeSubject(rule.conditions) !== null);
  const levels = sound.tiers?.levels ?? [];
  const isTierKnown = levels.some((level) => level.id === tried.tierId);
  return (
    <div className="try-fields">
      <MoneyField
        label="Worth"
        minor={tried.amountMinor}
        currency={scene.currency}
        onChange={(amountMinor) => change({ amountMinor })}
      />
      <NumberField label="Items" min={1} max={1_000} value={tried.items} onChange={(items) => change({ items })} />
      <ChoiceField
        label="Bought"
        options={channels}
        value={tried.channel}
        onChange={(channel) => change({ channel })}
      />
      {named.length === 0 ? null : (
        <ChoiceField
          label="Goods"
          options={[
            { value: '', label: 'any goods' },
            ...named.map((rule) => ({ value: rule.id, label: `those of “${ruleTitle(rule, sound)}”` })),
          ]}
          value={named.some((rule) => rule.id === tried.goodsOf) ? tried.goodsOf : ''}
          onChange={(goodsOf) => change({ goodsOf })}
        />
      )}
      {levels.length === 0 ? null : (
        <ChoiceField
          label="Member’s tier"
          options={[{ value: '', label: 'none' }, ...levels.map(({ id, name }) => ({ value: id, label: name }))]}
          value={isTierKnown ? tried.tierId : ''}
          onChange={(tierId) => change({ tierId })}
        />
      )}
      <MomentField label="When" value={tried.wallTime} onChange={(wallTime) => change({ wallTime })} />
      <Checkbox
        label="Their first order"
        checked={tried.isFirstOrder}
        onChange={(isFirstOrder) => change({ isFirstOrder })}
      />
    </div>
  );
}
