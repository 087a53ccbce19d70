import { BlockStack, Button, Card, Checkbox } from '@shopify/polaris';

import { MoneyField, NumberField } from '#app/components/admin/fields.tsx';
import { type Editing, freshId, type SectionProps } from '#app/components/admin/program/editing.ts';
import { RuleCard } from '#app/components/admin/program/rule-card.tsx';
import { Example, SectionFoot, SectionFrame } from '#app/components/admin/program/section-frame.tsx';
import { UnitChoice } from '#app/components/admin/program/unit-choice.tsx';
import { referralExample } from '#app/domain/ledger/aging-examples.ts';
import { addRule, moved, removeRule } from '#app/domain/programs/draft-edits.ts';
import type { EventRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type Referral = NonNullable<ProgramDocument['referral']>;

/** Friends whom members bring, and gifts for occasions. */
export function FriendSection(props: SectionProps) {
  const { document, problems, scene, onChange } = props;
  const { referral, units } = document;
  const unit = units.find((candidate) => candidate.kind === 'point') ?? units[0];
  const begin = () => {
    const gift = { unit: unit?.id ?? '', amount: unit?.kind === 'stamp' ? 1 : 50 };
    onChange({
      ...document,
      referral: { friend: gift, referrer: gift, pendingDays: 14, minimumMinor: 0, friendsMax: 20 },
    });
  };
  return (
    <SectionFrame
      title="Friends and occasions"
      intro="Both sides are paid once the friend’s first order has stood for a while. Whoever refers themselves, each other or in a ring gets nothing, with the reason."
      problem={problems['referral']}
    >
      {referral === null ? (
        <SectionFoot>
          <Button disabled={unit === undefined} onClick={begin}>
            Reward members who bring friends
          </Button>
        </SectionFoot>
      ) : (
        <Card>
          <BlockStack gap="300">
            <ReferralFields
              value={referral}
              path="referral"
              problems={problems}
              document={document}
              currency={scene.currency}
              onChange={(changed) => onChange({ ...document, referral: changed })}
            />
            <Example sentences={referralExample(referral.pendingDays, scene.today)} />
            <div className="buttons">
              <Button variant="tertiary" tone="critical" onClick={() => onChange({ ...document, referral: null })}>
                Do without referrals
              </Button>
            </div>
          </BlockStack>
        </Card>
      )}
      <Occasions {...props} />
    </SectionFrame>
  );
}

const occasions: { event: EventRule['event']; label: string }[] = [
  { event: 'birthday', label: 'Add a birthday gift' },
  { event: 'sign-up', label: 'Add a gift for joining' },
  { event: 'review', label: 'Add a gift for a review' },
];

/** The rules for occasions: the same ones that stand among all rules. */
function Occasions({ document, problems, sound, scene, onChange }: SectionProps) {
  const { earnRules } = document;
  const missing = occasions.filter(
    ({ event }) => !earnRules.some((rule) => rule.kind === 'event' && rule.event === event),
  );
  const add = (event: EventRule['event']) => {
    const id = freshId('rule');
    const added = addRule('event', { id, document, currency: scene.currency });
    onChange({
      ...added,
      earnRules: added.earnRules.map((rule) => (rule.id === id && rule.kind === 'event' ? { ...rule, event } : rule)),
    });
  };
  return (
    <>
      {earnRules.map((rule, index) =>
        rule.kind === 'event' ? (
          <RuleCard
            key={rule.id}
            value={rule}
            path={`earnRules.${index}`}
            problems={problems}
            document={document}
            sound={sound}
            scene={scene}
            isFirst
            isLast
            onChange={(changed) => onChange({ ...document, earnRules: earnRules.with(index, changed) })}
            onMove={(by) => onChange({ ...document, earnRules: moved(earnRules, index, by) })}
            onRemove={() => onChange(removeRule(document, rule.id))}
          />
        ) : null,
      )}
      <SectionFoot>
        <div className="buttons">
          {missing.map(({ event, label }) => (
            <Button key={event} disabled={document.units.length === 0} onClick={() => add(event)}>
              {label}
            </Button>
          ))}
        </div>
      </SectionFoot>
    </>
  );
}

type FieldsProps = Editing<Referral> & { document: ProgramDocument; currency: string };

function ReferralFields({ value: referral, path, problems, document, currency, onChange }: FieldsProps) {
  const change = (part: Partial<Referral>) => onChange({ ...referral, ...part });
  return (
    <>
      <Gift
        label="The friend gets"
        value={referral.friend}
        path={`${path}.friend`}
        problems={problems}
        document={document}
        onChange={(friend) => change({ friend })}
      />
      <Gift
        label="The member who brought them gets"
        value={referral.referrer}
        path={`${path}.referrer`}
        problems={problems}
        document={document}
        onChange={(referrer) => change({ referrer })}
      />
      <div className="sentence">
        <span className="word">once the friend’s first order is worth at least</span>
        <div className="sentence-money">
          <MoneyField
            label="Worth at least"
            isLabelHidden
            minor={referral.minimumMinor}
            currency={currency}
            error={problems[`${path}.minimumMinor`]}
            onChange={(minimumMinor) => change({ minimumMinor })}
          />
        </div>
        <span className="word">and has stood for</span>
        <div className="sentence-number">
          <NumberField
            label="Days it must stand"
            isLabelHidden
            min={0}
            max={90}
            value={referral.pendingDays}
            error={problems[`${path}.pendingDays`]}
            onChange={(pendingDays) => change({ pendingDays })}
          />
        </div>
        <span className="word">days; each member is paid for up to</span>
        <div className="sentence-number">
          <NumberField
            label="Friends a member is paid for"
            isLabelHidden
            min={1}
            max={10_000}
            value={referral.friendsMax}
            error={problems[`${path}.friendsMax`]}
            onChange={(friendsMax) => change({ friendsMax })}
          />
        </div>
        <span className="word">friends.</span>
      </div>
    </>
  );
}

type GiftValue = Referral['friend'];
type GiftProps = Editing<GiftValue> & { label: string; document: ProgramDocument };

function Gift({ label, value: gift, path, problems, document, onChange }: GiftProps) {
  const starter = { unit: document.units[0]?.id ?? '', amount: 10 };
  return (
    <div className="sentence">
      <div className="sentence-check">
        <Checkbox label={label} checked={gift !== null} onChange={(isGiven) => onChange(isGiven ? starter : null)} />
      </div>
      {gift === null ? null : (
        <>
          <div className="sentence-number">
            <NumberField
              label={`${label}, how many`}
              isLabelHidden
              min={1}
              max={1_000_000_000}
              value={gift.amount}
              error={problems[`${path}.amount`]}
              onChange={(amount) => onChange({ ...gift, amount })}
            />
          </div>
          <div className="sentence-unit">
            <UnitChoice
              document={document}
              label={`${label}, of what`}
              value={gift.unit}
              onChange={(unit) => onChange({ ...gift, unit })}
            />
          </div>
        </>
      )}
    </div>
  );
}
