import { BlockStack, Card, Checkbox, Text } from '@shopify/polaris';
import type { ReactNode } from 'react';

import { ChoiceField, NumberField } from '#app/components/admin/fields.tsx';
import type { Editing, SectionProps } from '#app/components/admin/program/editing.ts';
import { ExpiryFields } from '#app/components/admin/program/expiry-fields.tsx';
import { Example, SectionFrame } from '#app/components/admin/program/section-frame.tsx';
import { expiryExample, pendingExample, returnExample } from '#app/domain/ledger/aging-examples.ts';
import type { ProgramSettings } from '#app/domain/programs/program.ts';

const debts = [
  { value: 'carry', label: 'the balance goes below zero, and the next orders repay it' },
  { value: 'write-off', label: 'the balance stops at zero, and the loss is recorded' },
] as const;

const returns = [
  { value: 'proportional', label: 'comes back in proportion to the money' },
  { value: 'full-refund-only', label: 'comes back only with a full refund' },
  { value: 'never', label: 'stays spent' },
] as const;

/** How what members collect ages, and what a refund does to it. */
export function AgingSection({ document, problems, scene, onChange }: SectionProps) {
  const { settings } = document;
  const change = (changed: ProgramSettings) => onChange({ ...document, settings: changed });
  const editing = { value: settings, path: 'settings', problems, onChange: change };
  return (
    <SectionFrame
      title="Expiry and refunds"
      intro="How what members collect ages, and what happens when an order is refunded."
    >
      <Topic title="Expiry">
        <ExpiryFields {...editing} />
        <Example sentences={expiryExample(settings, scene.today)} />
      </Topic>
      <Topic title="When it can be spent">
        <PendingFields {...editing} />
        <Example sentences={pendingExample(settings, scene.today)} />
      </Topic>
      <Topic title="Refunds">
        <RefundFields {...editing} />
        <Example sentences={returnExample(settings, scene)} />
      </Topic>
      <Topic title="What counts as spent">
        <BlockStack>
          <Checkbox
            label="Tax earns too"
            checked={settings.earnsOnTax}
            onChange={(earnsOnTax) => change({ ...settings, earnsOnTax })}
          />
          <Checkbox
            label="Shipping earns too"
            checked={settings.earnsOnShipping}
            onChange={(earnsOnShipping) => change({ ...settings, earnsOnShipping })}
          />
          <Checkbox
            label="What is paid with a gift card earns"
            helpText="Buying a gift card never earns, nor does a tip."
            checked={settings.earnsOnGiftCards}
            onChange={(earnsOnGiftCards) => change({ ...settings, earnsOnGiftCards })}
          />
        </BlockStack>
      </Topic>
    </SectionFrame>
  );
}

function Topic({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h3" variant="headingSm">
          {title}
        </Text>
        {children}
      </BlockStack>
    </Card>
  );
}

const waits = [
  { value: 'at-once', label: 'at once' },
  { value: 'days', label: 'some days later' },
  { value: 'fulfilled', label: 'once the order is fulfilled' },
] as const;

function PendingFields({ value: settings, path, problems, onChange }: Editing<ProgramSettings>) {
  const { pending } = settings;
  return (
    <div className="sentence">
      <span className="word">What an order gives can be spent</span>
      <div className="sentence-choice">
        <ChoiceField
          label="When it can be spent"
          isLabelHidden
          options={waits}
          value={pending.until}
          onChange={(until) => onChange({ ...settings, pending: until === 'days' ? { until, days: 14 } : { until } })}
        />
      </div>
      {pending.until === 'days' ? (
        <>
          <span className="word">after</span>
          <div className="sentence-number">
            <NumberField
              label="Days until it can be spent"
              isLabelHidden
              min={1}
              max={120}
              value={pending.days}
              error={problems[`${path}.pending.days`]}
              onChange={(days) => onChange({ ...settings, pending: { until: 'days', days } })}
            />
          </div>
          <span className="word">days.</span>
        </>
      ) : null}
    </div>
  );
}

function RefundFields({ value: settings, path, problems, onChange }: Editing<ProgramSettings>) {
  return (
    <>
      <div className="sentence">
        <span className="word">When a refund takes back what was already spent,</span>
        <div className="sentence-wide">
          <ChoiceField
            label="When a refund takes back what was already spent"
            isLabelHidden
            options={debts}
            value={settings.debtPolicy}
            onChange={(debtPolicy) => onChange({ ...settings, debtPolicy })}
          />
        </div>
      </div>
      <div className="sentence">
        <span className="word">What was spent on an order that is refunded</span>
        <div className="sentence-wide">
          <ChoiceField
            label="What was spent on an order that is refunded"
            isLabelHidden
            options={returns}
            value={settings.spendingReturns}
            onChange={(spendingReturns) => onChange({ ...settings, spendingReturns })}
          />
        </div>
      </div>
      {settings.spendingReturns === 'never' ? null : (
        <div className="sentence">
          <span className="word">What has expired by then is good for</span>
          <div className="sentence-number">
            <NumberField
              label="Days for which returned value is good"
              isLabelHidden
              min={0}
              max={366}
              value={settings.returnGraceDays}
              error={problems[`${path}.returnGraceDays`]}
              onChange={(returnGraceDays) => onChange({ ...settings, returnGraceDays })}
            />
          </div>
          <span className="word">more days.</span>
        </div>
      )}
    </>
  );
}
