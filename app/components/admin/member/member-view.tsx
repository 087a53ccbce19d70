import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Card, InlineStack, Page, Text } from '@shopify/polaris';

import { AdjustQuestion } from '#app/components/admin/member/adjust-question.tsx';
import { IdentityCard } from '#app/components/admin/member/identity-card.tsx';
import { LedgerCard } from '#app/components/admin/member/ledger-card.tsx';
import { CardsCard } from '#app/components/admin/member/cards-card.tsx';
import { PrivacyCard } from '#app/components/admin/member/privacy-card.tsx';
import { formatCode, formatDay, formatMember, formatMoment } from '#app/components/admin/format.ts';
import type { ConsentRow, MemberDetail } from '#app/components/admin/member/member-shapes.ts';
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

type Props = {
  detail: MemberDetail;
  currency: string;
  timeZone: string;
  isFirstPage: boolean;
  /** The address of the card as a QR code, as SVG from our own encoder; null once erased. */
  code: string | null;
  /** What the person at the screen may do. */
  may: { unmask: boolean; adjust: boolean; privacy: boolean };
};

const viaNames: Record<string, string> = {
  checkout: 'after checkout',
  pos: 'at the till',
  link: 'by the join page',
  api: 'through the API',
  admin: 'in the admin',
};

export function MemberView({ detail, currency, timeZone, isFirstPage, code, may }: Props) {
  const { member, balances, standing } = detail;
  const adjusting = useFetcher<ActionResult>();
  const question = useQuestion(adjusting.data, (answer) => answer.tone === 'success');
  const name = member.nameMasked ?? member.emailMasked ?? formatMember(member.memberId);
  return (
    <Page
      title={name}
      subtitle={`Joined ${formatDay(member.enrolledAt, timeZone)} ${viaNames[member.via] ?? member.via}`}
      titleMetadata={<StateBadge state={member.state} />}
      backAction={{ content: 'Members', url: '/app/members' }}
      primaryAction={{
        content: 'Adjust balance',
        disabled: member.state === 'erased' || !may.adjust,
        onAction: question.open,
      }}
    >
      <BlockStack gap="400">
        <ResultBanner result={adjusting.data} />
        <UnitCards units={standing.units} />
        <div className="member-columns">
          <BlockStack gap="400">
            <LedgerCard detail={detail} timeZone={timeZone} isFirstPage={isFirstPage} />
            <ReferralsCard referrals={standing.referrals} timeZone={timeZone} />
            <EventsCard events={standing.events} units={standing.units} timeZone={timeZone} />
          </BlockStack>
          <BlockStack gap="400">
            {member.state === 'erased' ? null : <IdentityCard member={member} mayUnmask={may.unmask} />}
            <RewardsCard rewards={standing.rewards} units={standing.units} />
            {standing.tier === null ? null : (
              <TierCard tier={standing.tier} standing={standing} currency={currency} timeZone={timeZone} />
            )}
            <CardsCard detail={detail} timeZone={timeZone} code={code} />
            <Consents consents={detail.consents} timeZone={timeZone} />
          </BlockStack>
        </div>
        {may.privacy ? <PrivacyCard member={member} privacy={detail.privacy} timeZone={timeZone} /> : null}
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
