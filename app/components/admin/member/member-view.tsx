import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Card, InlineGrid, InlineStack, Page, Text } from '@shopify/polaris';

import { AdjustQuestion } from '#app/components/admin/member/adjust-question.tsx';
import { LedgerCard } from '#app/components/admin/member/ledger-card.tsx';
import { formatCode, formatCount, formatDay, formatMember, formatMoment } from '#app/components/admin/format.ts';
import type { ConsentRow, MemberDetail, PassRow } from '#app/components/admin/member/member-shapes.ts';
import {
  EventsCard,
  ReferralsCard,
  RewardsCard,
  TierCard,
  UnitCards,
} from '#app/components/admin/member/standing-cards.tsx';
import { StateBadge } from '#app/components/admin/member/members-view.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import { useQuestion } from '#app/components/admin/use-question.ts';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';

type Props = { detail: MemberDetail; currency: string; timeZone: string; isFirstPage: boolean };

const viaNames: Record<string, string> = {
  checkout: 'after checkout',
  pos: 'at the till',
  link: 'by the join page',
  api: 'through the API',
  admin: 'in the admin',
};

export function MemberView({ detail, currency, timeZone, isFirstPage }: Props) {
  const { member, balances, standing } = detail;
  const adjusting = useFetcher<ActionResult>();
  const question = useQuestion(adjusting.data, (answer) => answer.tone === 'success');
  const name = member.name ?? member.emailMasked ?? formatMember(member.memberId);
  return (
    <Page
      title={name}
      subtitle={`Joined ${formatDay(member.enrolledAt, timeZone)} ${viaNames[member.via] ?? member.via}`}
      titleMetadata={<StateBadge state={member.state} />}
      backAction={{ content: 'Members', url: '/app/members' }}
      primaryAction={{
        content: 'Adjust balance',
        disabled: member.state === 'erased',
        onAction: question.open,
      }}
    >
      <BlockStack gap="400">
        <ResultBanner result={adjusting.data} />
        <UnitCards units={standing.units} />
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400">
          {standing.tier === null ? null : (
            <TierCard tier={standing.tier} standing={standing} currency={currency} timeZone={timeZone} />
          )}
          <RewardsCard rewards={standing.rewards} units={standing.units} />
          <ReferralsCard referrals={standing.referrals} timeZone={timeZone} />
          <EventsCard events={standing.events} units={standing.units} timeZone={timeZone} />
        </InlineGrid>
        <LedgerCard detail={detail} timeZone={timeZone} isFirstPage={isFirstPage} />
        <InlineGrid columns={{ xs: 1, md: 2 }} gap="400">
          <Passes passes={detail.passes} timeZone={timeZone} />
          <Consents consents={detail.consents} timeZone={timeZone} />
        </InlineGrid>
      </BlockStack>
      {question.isOpen ? (
        <AdjustQuestion
          balances={balances}
          isBusy={adjusting.state !== 'idle'}
          problem={adjusting.data?.tone === 'critical' ? adjusting.data.title : undefined}
          onClose={question.close}
          onSend={(fields) => adjusting.submit(fields, { method: 'post' })}
        />
      ) : null}
    </Page>
  );
}

const walletNames: Record<string, string> = { apple: 'Apple Wallet', google: 'Google Wallet' };

function Passes({ passes, timeZone }: { passes: PassRow[]; timeZone: string }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Cards in wallets
        </Text>
        {passes.length === 0 ? (
          <Text as="p" tone="subdued">
            No card yet. The member adds it from their card page.
          </Text>
        ) : (
          <ul className="rows">
            {passes.map((pass) => (
              <li key={pass.serial}>
                <InlineStack align="space-between">
                  <Text as="h3" variant="headingSm">
                    {walletNames[pass.wallet] ?? pass.wallet}
                  </Text>
                  <FreshnessBadge pass={pass} />
                </InlineStack>
                <Text as="p" tone="subdued">
                  {describePass(pass, timeZone)}
                </Text>
              </li>
            ))}
          </ul>
        )}
      </BlockStack>
    </Card>
  );
}

function describePass({ seenAt, devices }: PassRow, timeZone: string): string {
  if (seenAt === null) return 'Ready, but not in the wallet yet.';
  const fetched = `Last fetched ${formatMoment(seenAt, timeZone)}.`;
  if (devices === 0) return fetched;
  return `${devices === 1 ? 'On one device' : `On ${formatCount(devices)} devices`}. ${fetched}`;
}

function FreshnessBadge({ pass }: { pass: PassRow }) {
  if (pass.state !== 'active') return <Badge>{formatCode(pass.state)}</Badge>;
  if (pass.seenAt === null || pass.seenVersion === null) return <Badge>Not added yet</Badge>;
  return pass.seenVersion >= pass.version ? (
    <Badge tone="success">Up to date</Badge>
  ) : (
    <Badge tone="attention">Older balance</Badge>
  );
}

const purposeNames: Record<string, string> = {
  program: 'Program messages',
  marketing: 'Marketing',
  analytics: 'Analytics',
};
const channelNames: Record<string, string> = { wallet: 'on the card', email: 'by e-mail', sms: 'by text message' };

function Consents({ consents, timeZone }: { consents: ConsentRow[]; timeZone: string }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Consent
        </Text>
        {consents.length === 0 ? (
          <Text as="p" tone="subdued">
            Nothing was agreed to, so nothing but the card itself is sent.
          </Text>
        ) : (
          <ul className="rows">
            {consents.map((consent) => (
              <li key={`${consent.purpose}-${consent.channel}`}>
                <InlineStack align="space-between">
                  <span>
                    {purposeNames[consent.purpose] ?? consent.purpose}{' '}
                    {channelNames[consent.channel] ?? consent.channel}
                  </span>
                  <Badge {...(consent.granted ? { tone: 'success' as const } : {})}>
                    {consent.granted ? 'Agreed' : 'Not agreed'}
                  </Badge>
                </InlineStack>
                <Text as="p" tone="subdued">
                  {formatMoment(consent.at, timeZone)}, {formatCode(consent.source).toLowerCase()}
                </Text>
              </li>
            ))}
          </ul>
        )}
      </BlockStack>
    </Card>
  );
}
