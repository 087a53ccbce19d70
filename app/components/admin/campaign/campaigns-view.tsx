import { Badge, BlockStack, Button, Card, EmptyState, IndexTable, InlineStack, Link, Page } from '@shopify/polaris';

import { stateNames, stateTones } from '#app/components/admin/campaign/campaign-shapes.ts';
import { formatCount, formatMoment } from '#app/components/admin/format.ts';
import { useGuard } from '#app/components/admin/may.tsx';
import type { CampaignState } from '#app/domain/campaigns/campaign.ts';

type CampaignRow = {
  campaignId: string;
  name: string;
  state: CampaignState;
  startsAt: Date | null;
  endsAt: Date | null;
  shown: number;
};

type Props = { campaigns: CampaignRow[]; nextCursor: string | null; isFirstPage: boolean; timeZone: string };

/** All messages a shop wrote, newest first. */
export function CampaignsView({ campaigns, nextCursor, isFirstPage, timeZone }: Props) {
  const guard = useGuard();
  return (
    <Page
      title="Campaigns"
      subtitle="Messages on your members’ cards"
      primaryAction={guard('campaigns:write', { content: 'New campaign', url: '/app/campaigns/new' })}
    >
      <BlockStack gap="400">
        <Card padding="0">
          {campaigns.length === 0 ? (
            <EmptyState
              heading="Say something on every card"
              image=""
              action={guard('campaigns:write', { content: 'Write the first message', url: '/app/campaigns/new' })}
            >
              <p>A message shows on the lock screen and on the back of the card, to members who agreed to it.</p>
            </EmptyState>
          ) : (
            <CampaignTable campaigns={campaigns} timeZone={timeZone} />
          )}
        </Card>
        <InlineStack align="center" gap="300">
          {isFirstPage ? null : <Button url="/app/campaigns">First page</Button>}
          {nextCursor === null ? null : <Button url={`/app/campaigns?cursor=${nextCursor}`}>Next</Button>}
        </InlineStack>
      </BlockStack>
    </Page>
  );
}

function CampaignTable({ campaigns, timeZone }: Pick<Props, 'campaigns' | 'timeZone'>) {
  const moment = (at: Date | null) => (at === null ? '—' : formatMoment(at, timeZone));
  return (
    <IndexTable
      selectable={false}
      itemCount={campaigns.length}
      resourceName={{ singular: 'campaign', plural: 'campaigns' }}
      headings={[
        { title: 'Campaign' },
        { title: 'State' },
        { title: 'Starts' },
        { title: 'Ends' },
        { title: 'Got it', alignment: 'end' },
      ]}
    >
      {campaigns.map((campaign, index) => (
        <IndexTable.Row id={campaign.campaignId} key={campaign.campaignId} position={index}>
          <IndexTable.Cell>
            <Link url={`/app/campaigns/${campaign.campaignId}`} dataPrimaryLink>
              {campaign.name}
            </Link>
          </IndexTable.Cell>
          <IndexTable.Cell>
            <Badge tone={stateTones[campaign.state]}>{stateNames[campaign.state]}</Badge>
          </IndexTable.Cell>
          <IndexTable.Cell>{moment(campaign.startsAt)}</IndexTable.Cell>
          <IndexTable.Cell>{moment(campaign.endsAt)}</IndexTable.Cell>
          <IndexTable.Cell>
            <span className="cell-end">{formatCount(campaign.shown)}</span>
          </IndexTable.Cell>
        </IndexTable.Row>
      ))}
    </IndexTable>
  );
}
