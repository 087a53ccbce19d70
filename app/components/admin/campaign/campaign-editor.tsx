import { useFetcher } from '@remix-run/react';
import { BlockStack, InlineGrid, Modal, Page, Text } from '@shopify/polaris';
import { useState } from 'react';

import { AudienceFields } from '#app/components/admin/campaign/audience-fields.tsx';
import type { CampaignAnswer } from '#app/components/admin/campaign/campaign-shapes.ts';
import { ForecastCard } from '#app/components/admin/campaign/forecast-card.tsx';
import { MessageFields } from '#app/components/admin/campaign/message-fields.tsx';
import { MessagePreview } from '#app/components/admin/campaign/message-preview.tsx';
import { TimingFields } from '#app/components/admin/campaign/timing-fields.tsx';
import { GuardedFields, useGuard } from '#app/components/admin/may.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import { useQuestion } from '#app/components/admin/use-question.ts';
import { isSameValue } from '#app/components/admin/same-value.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { CampaignContent } from '#app/domain/campaigns/campaign.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type Props = {
  /** Null while it was never saved. */
  saved: { campaignId: string; revision: number } | null;
  content: CampaignContent;
  document: ProgramDocument;
  design: CardDesign;
  timeZone: string;
  /** Tomorrow morning, on the clock of the shop. */
  suggestedStart: string;
};

/** A campaign as long as it is a draft. Nothing leaves this page until it is started. */
export function CampaignEditor({ saved, content: given, document, design, timeZone, suggestedStart }: Props) {
  const [content, setContent] = useState(given);
  const guard = useGuard();
  const sending = useFetcher<CampaignAnswer>();
  const answer = sending.data;
  const question = useQuestion(answer, () => true);
  const [sent, setSent] = useState<CampaignContent | null>(null);
  const isBusy = sending.state !== 'idle';
  // What was mended since is no longer held against it.
  const problems = Object.fromEntries(
    Object.entries(answer?.problems ?? {}).filter(([at]) => isSameValue(valueAt(sent, at), valueAt(content, at))),
  );
  const send = (intent: string) => {
    setSent(content);
    sending.submit(
      { intent, content: JSON.stringify(content), revision: String(saved?.revision ?? '') },
      { method: 'post' },
    );
  };
  const fields = { content, onChange: setContent, problems };
  const isForecastFresh = answer?.forecast !== undefined && isSameValue(sent, content);
  return (
    <Page
      title={saved === null ? 'New campaign' : given.name}
      backAction={{ content: 'Campaigns', url: '/app/campaigns' }}
      primaryAction={
        saved === null
          ? guard('campaigns:write', { content: 'Save', loading: isBusy, onAction: () => send('save') })
          : guard('campaigns:send', { content: 'Start', disabled: isBusy, onAction: question.open })
      }
      secondaryActions={
        saved === null
          ? []
          : [
              { content: 'Save', disabled: isBusy, onAction: () => send('save') },
              { content: 'Forecast', disabled: isBusy, onAction: () => send('forecast') },
              { content: 'Delete', destructive: true, disabled: isBusy, onAction: () => send('delete') },
            ].map((action) => guard('campaigns:write', action))
      }
    >
      <BlockStack gap="400">
        <ResultBanner result={answer} />
        {isForecastFresh && answer?.forecast ? <ForecastCard forecast={answer.forecast} timeZone={timeZone} /> : null}
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400" alignItems="start">
          <GuardedFields needs="campaigns:write">
            <BlockStack gap="400">
              <MessageFields {...fields} />
              <AudienceFields {...fields} document={document} />
              <TimingFields {...fields} timeZone={timeZone} suggestedStart={suggestedStart} />
            </BlockStack>
          </GuardedFields>
          <MessagePreview content={content} document={document} design={design} />
        </InlineGrid>
      </BlockStack>
      {question.isOpen ? (
        <StartQuestion
          isBusy={isBusy}
          isNow={content.startsAt === null}
          onClose={question.close}
          onStart={() => send('start')}
        />
      ) : null}
    </Page>
  );
}

/** What stands at a path such as `audience.segment.tiers`. */
function valueAt(content: unknown, path: string): unknown {
  const inside = (value: unknown, name: string) =>
    typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
  return path.split('.').reduce<unknown>(inside, content);
}

type QuestionProps = { isBusy: boolean; isNow: boolean; onClose: () => void; onStart: () => void };

function StartQuestion({ isBusy, isNow, onClose, onStart }: QuestionProps) {
  return (
    <Modal
      open
      onClose={onClose}
      title="Start the campaign?"
      primaryAction={{ content: 'Start', loading: isBusy, onAction: onStart }}
      secondaryActions={[{ content: 'Cancel', onAction: onClose }]}
    >
      <Modal.Section>
        <Text as="p">
          {isNow ? 'The message goes out at once.' : 'The message goes out at its time.'} It can no longer be changed
          then, but stopped: it leaves the cards again.
        </Text>
      </Modal.Section>
    </Modal>
  );
}
