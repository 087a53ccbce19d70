import { Button } from '@shopify/polaris';

import { ChoiceField, MomentField, MultiplierField, WordsField } from '#app/components/admin/fields.tsx';
import { type Editing, freshId, type SectionProps, without } from '#app/components/admin/program/editing.ts';
import { PartFrame } from '#app/components/admin/program/part-frame.tsx';
import { ruleTitle } from '#app/domain/programs/rule-title.ts';
import { Example, SectionFoot, SectionFrame } from '#app/components/admin/program/section-frame.tsx';
import { TickGroup } from '#app/components/admin/program/tick-group.tsx';
import { campaignExample } from '#app/domain/earning/examples.ts';
import { moved, newCampaign } from '#app/domain/programs/draft-edits.ts';
import type { Campaign } from '#app/domain/programs/earn-rules.ts';
import { limits } from '#app/domain/programs/program-limits.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

/** Times in which rules give more. */
export function CampaignSection({ document, problems, sound, scene, onChange }: SectionProps) {
  const { campaigns } = document;
  return (
    <SectionFrame
      title="Campaigns"
      intro="Times in which rules give more, on your shop’s own clock. Campaigns at the same time multiply each other."
      problem={problems['campaigns']}
    >
      {campaigns.map((campaign, index) => {
        const current = sound.campaigns.find((candidate) => candidate.id === campaign.id);
        const example = current ? campaignExample(current, sound, scene) : null;
        return (
          <PartFrame
            key={campaign.id}
            id={campaign.id}
            title={campaign.name.trim() === '' ? 'Campaign' : campaign.name}
            kind="campaign"
            isFirst={index === 0}
            isLast={index === campaigns.length - 1}
            onMove={(by) => onChange({ ...document, campaigns: moved(campaigns, index, by) })}
            onRemove={() => onChange({ ...document, campaigns: campaigns.toSpliced(index, 1) })}
          >
            <CampaignFields
              value={campaign}
              path={`campaigns.${index}`}
              problems={problems}
              document={document}
              onChange={(changed) => onChange({ ...document, campaigns: campaigns.with(index, changed) })}
            />
            <Example sentences={example === null ? [] : [example]} />
          </PartFrame>
        );
      })}
      <SectionFoot>
        <Button
          disabled={campaigns.length >= limits.campaignsMax}
          onClick={() =>
            onChange({ ...document, campaigns: [...campaigns, newCampaign(freshId('campaign'), scene.today)] })
          }
        >
          Add a campaign
        </Button>
      </SectionFoot>
    </SectionFrame>
  );
}

type FieldsProps = Editing<Campaign> & { document: ProgramDocument };

const reaches = [
  { value: 'all', label: 'every rule' },
  { value: 'some', label: 'certain rules' },
] as const;

function CampaignFields(props: FieldsProps) {
  const { value: campaign, path, problems, document, onChange } = props;
  const { ruleIds } = campaign;
  return (
    <>
      <div className="short-field">
        <WordsField
          label="Name of the campaign"
          value={campaign.name}
          lengthMax={60}
          error={problems[`${path}.name`]}
          onChange={(name) => onChange({ ...campaign, name })}
        />
      </div>
      <CampaignSentence {...props} />
      {ruleIds === undefined ? null : (
        <TickGroup
          legend="Rules of the campaign"
          options={document.earnRules.map((rule) => ({ value: rule.id, label: ruleTitle(rule, document) }))}
          values={ruleIds}
          error={problems[`${path}.ruleIds`]}
          onChange={(values) => onChange({ ...campaign, ruleIds: values })}
        />
      )}
    </>
  );
}

/** `From [1 Dec] until [8 Dec] [every rule] gives [2] as many`. */
function CampaignSentence({ value: campaign, path, problems, document, onChange }: FieldsProps) {
  const change = (part: Partial<Campaign>) => onChange({ ...campaign, ...part });
  const isForAll = campaign.ruleIds === undefined;
  return (
    <div className="sentence">
      <span className="word">From</span>
      <Moment
        label="Begins"
        value={campaign.from}
        error={problems[`${path}.from`]}
        onChange={(from) => change({ from })}
      />
      <span className="word">until</span>
      <Moment label="Ends" value={campaign.to} error={problems[`${path}.to`]} onChange={(to) => change({ to })} />
      <div className="sentence-choice">
        <ChoiceField
          label="Which rules"
          isLabelHidden
          options={reaches}
          value={isForAll ? 'all' : 'some'}
          onChange={(reach) =>
            onChange(
              reach === 'all'
                ? without(campaign, 'ruleIds')
                : { ...campaign, ruleIds: document.earnRules.slice(0, 1).map((rule) => rule.id) },
            )
          }
        />
      </div>
      <span className="word">{isForAll ? 'gives' : 'give'}</span>
      <div className="sentence-number">
        <MultiplierField
          label="Times as many"
          isLabelHidden
          value={campaign.multiplier}
          error={problems[`${path}.multiplier`]}
          onChange={(multiplier) => change({ multiplier })}
        />
      </div>
      <span className="word">as many.</span>
    </div>
  );
}

type MomentProps = { label: string; value: string; error: string | undefined; onChange: (value: string) => void };

function Moment(props: MomentProps) {
  return (
    <div className="sentence-moment">
      <MomentField {...props} isLabelHidden />
    </div>
  );
}
