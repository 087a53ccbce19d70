import { useFetcher, useRevalidator } from '@remix-run/react';
import { Badge, BlockStack, Card, Modal, Page, ProgressBar, Text } from '@shopify/polaris';
import { useEffect } from 'react';

import { type CampaignAnswer, stateNames, stateTones } from '#app/components/admin/campaign/campaign-shapes.ts';
import { SkippedList } from '#app/components/admin/campaign/forecast-card.tsx';
import { formatCount, formatMoment } from '#app/components/admin/format.ts';
import { useGuard } from '#app/components/admin/may.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import { useQuestion } from '#app/components/admin/use-question.ts';
import { type CampaignContent, type CampaignState, isUnderWay } from '#app/domain/campaigns/campaign.ts';
import type { SkipReason } from '#app/domain/campaigns/decide-recipient.ts';

type Progress = {
  membersTotal: number;
  lookedAt: number;
  shown: number;
  waiting: number;
  firstDueAt: Date | null;
  skipped: Record<SkipReason, number>;
  arrived: number | null;
};

type Props = {
  campaign: {
    state: CampaignState;
    content: CampaignContent;
    startsAt: Date | null;
    endsAt: Date | null;
    withdrawnAt: Date | null;
    progress: Progress;
  };
  timeZone: string;
};

const pollMs = 2_000;

/** A campaign that was started: how far it is, and the ways to hold or end it. */
export function CampaignProgress({ campaign, timeZone }: Props) {
  const { state, content, withdrawnAt } = campaign;
  const guard = useGuard();
  const steering = useFetcher<CampaignAnswer>();
  const question = useQuestion(steering.data, () => true);
  usePolling(isUnderWay(state) || (state === 'stopped' && withdrawnAt === null));
  const isBusy = steering.state !== 'idle';
  const steer = (intent: string) => steering.submit({ intent }, { method: 'post' });
  const canStop = isUnderWay(state) || (state === 'done' && withdrawnAt === null);
  return (
    <Page
      title={content.name}
      titleMetadata={<Badge tone={stateTones[state]}>{stateNames[state]}</Badge>}
      backAction={{ content: 'Campaigns', url: '/app/campaigns' }}
      secondaryActions={[
        ...(state === 'scheduled' || state === 'running'
          ? [{ content: 'Pause', disabled: isBusy, onAction: () => steer('pause') }]
          : []),
        ...(state === 'paused' ? [{ content: 'Continue', disabled: isBusy, onAction: () => steer('continue') }] : []),
        ...(canStop ? [{ content: 'Stop', destructive: true, disabled: isBusy, onAction: question.open }] : []),
      ].map((action) => guard('campaigns:send', action))}
    >
      <BlockStack gap="400">
        <ResultBanner result={steering.data} />
        <Card>
          <BlockStack gap="200">
            <Text as="h2" variant="headingMd">
              Message
            </Text>
            <p dir="auto">{content.text}</p>
            <Text as="p" tone="subdued">
              {timesText(campaign, timeZone)}
            </Text>
          </BlockStack>
        </Card>
        <ProgressCard campaign={campaign} timeZone={timeZone} />
      </BlockStack>
      {question.isOpen ? (
        <Modal
          open
          onClose={question.close}
          title="Stop the campaign?"
          primaryAction={{ content: 'Stop', destructive: true, loading: isBusy, onAction: () => steer('stop') }}
          secondaryActions={[{ content: 'Cancel', onAction: question.close }]}
        >
          <Modal.Section>
            <Text as="p">Nobody else gets the message, and it leaves the cards it is on. This cannot be undone.</Text>
          </Modal.Section>
        </Modal>
      ) : null}
    </Page>
  );
}

function timesText({ state, startsAt, endsAt, withdrawnAt }: Props['campaign'], timeZone: string): string {
  if (startsAt === null || endsAt === null) return '';
  if (withdrawnAt !== null) return `On the cards until ${formatMoment(withdrawnAt, timeZone)}.`;
  const start = state === 'scheduled' ? 'Starts' : 'Started';
  return `${start} ${formatMoment(startsAt, timeZone)}; leaves the cards ${formatMoment(endsAt, timeZone)}.`;
}

function ProgressCard({ campaign, timeZone }: Props) {
  const { membersTotal, lookedAt, shown, waiting, firstDueAt, skipped, arrived } = campaign.progress;
  const share = membersTotal === 0 ? 100 : Math.min(100, (lookedAt / membersTotal) * 100);
  return (
    <Card>
      <BlockStack gap="300">
        <span role="status">
          <Text as="span" id="campaign-progress">
            {`${formatCount(lookedAt)} of ${formatCount(membersTotal)} members looked at, ${formatCount(shown)} got the message`}
          </Text>
        </span>
        <ProgressBar size="small" tone="primary" progress={share} ariaLabelledBy="campaign-progress" />
        {waiting > 0 && firstDueAt !== null ? (
          <Text as="p">
            {`${formatCount(waiting)} get it when their quiet hours are over, the first ${formatMoment(firstDueAt, timeZone)}.`}
          </Text>
        ) : null}
        {arrived === null ? null : (
          <Text as="p">{`${formatCount(arrived)} of ${formatCount(shown)} wallets were seen to hold it.`}</Text>
        )}
        <SkippedList skipped={skipped} />
        {isUnderWay(campaign.state) ? (
          <Text as="p" tone="subdued">
            You may leave this page: it goes on, and you find it here again.
          </Text>
        ) : null}
      </BlockStack>
    </Card>
  );
}

/** The page asks again and again while there is something to wait for; a reload simply goes on. */
function usePolling(isWaiting: boolean): void {
  const { state, revalidate } = useRevalidator();
  useEffect(() => {
    if (!isWaiting || state !== 'idle') return undefined;
    const timer = setTimeout(revalidate, pollMs);
    return () => clearTimeout(timer);
  }, [isWaiting, state, revalidate]);
}
