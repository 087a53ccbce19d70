import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Button, Card, EmptyState, InlineStack, Link, Page, Text } from '@shopify/polaris';

import { LatencyChart } from '#app/components/admin/freshness/latency-chart.tsx';
import { formatCount, formatMember, formatMoment, formatShare } from '#app/components/admin/format.ts';
import { GuardedButton, useGuard } from '#app/components/admin/may.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import type { StaleCause } from '#app/domain/cards/freshness.ts';

type StaleCard = {
  passId: string;
  memberId: string;
  who: string | null;
  wallet: 'apple' | 'google';
  staleSince: Date;
  seenAt: Date | null;
  cause: StaleCause;
  canRetry: boolean;
};

type Props = {
  figures: { total: number; fresh: number; stale: number; inTime: number | null; days: number };
  counts: number[];
  cards: StaleCard[];
  nextCursor: string | null;
  isFirstPage: boolean;
  timeZone: string;
};

/** How fast changes reach the phones, and every card that has not got its newest one. */
export function FreshnessView(props: Props) {
  const { figures, counts, cards } = props;
  const guard = useGuard();
  const retrying = useFetcher<ActionResult>();
  const sent = retrying.formData?.get('passId');
  const canRetryAny = cards.some(({ canRetry }) => canRetry);
  return (
    <Page
      title="Freshness"
      subtitle="Whether the cards on your members’ phones show what is true"
      {...(canRetryAny
        ? {
            primaryAction: guard('members:write', {
              content: 'Send all again',
              loading: retrying.state !== 'idle',
              onAction: () => retrying.submit({ intent: 'retry-all' }, { method: 'post' }),
            }),
          }
        : {})}
    >
      <BlockStack gap="400">
        <ResultBanner result={retrying.data} />
        <Figures figures={figures} />
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              {`From a change to the phone, last ${figures.days} days`}
            </Text>
            {figures.inTime === null ? (
              <Text as="p" tone="subdued">
                Nothing has changed on a card in a wallet yet. The first stamp draws the first bar.
              </Text>
            ) : (
              <LatencyChart title="How long updates took" counts={counts} />
            )}
          </BlockStack>
        </Card>
        <Board
          {...props}
          sending={typeof sent === 'string' ? sent : null}
          onSend={(passId) => retrying.submit({ intent: 'retry', passId }, { method: 'post' })}
        />
      </BlockStack>
    </Page>
  );
}

function Figures({ figures }: Pick<Props, 'figures'>) {
  const { inTime, fresh, stale, total, days } = figures;
  const shown = [
    { name: `Within 60 seconds, ${days} days`, value: inTime === null ? '—' : formatShare(inTime) },
    { name: 'Cards in wallets', value: formatCount(total) },
    { name: 'Up to date', value: formatCount(fresh) },
    { name: 'Behind', value: formatCount(stale) },
  ];
  return (
    <div className="figures">
      {shown.map(({ name, value }) => (
        <Card key={name}>
          <Text as="h2" variant="bodySm" tone="subdued">
            {name}
          </Text>
          <div className="figure-value">{value}</div>
        </Card>
      ))}
    </div>
  );
}

type BoardProps = Props & {
  /** The card that is being sent again. */
  sending: string | null;
  onSend: (passId: string) => void;
};

function Board({ cards, nextCursor, isFirstPage, timeZone, sending, onSend }: BoardProps) {
  if (cards.length === 0 && isFirstPage)
    return (
      <Card>
        <EmptyState heading="Every card is up to date" image="">
          <p>Cards that fall behind are listed here, with the reason. You need not do anything.</p>
        </EmptyState>
      </Card>
    );
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Cards that are behind
        </Text>
        <Text as="p" tone="subdued">
          They catch up by themselves. Sending again helps when a fault was mended.
        </Text>
        <ul className="rows">
          {cards.map((card) => (
            <Row
              key={card.passId}
              card={card}
              timeZone={timeZone}
              isSending={sending === card.passId}
              onSend={() => onSend(card.passId)}
            />
          ))}
        </ul>
        <InlineStack gap="300">
          {isFirstPage ? null : <Button url="/app/freshness">First page</Button>}
          {nextCursor === null ? null : <Button url={`/app/freshness?cursor=${nextCursor}`}>Next</Button>}
        </InlineStack>
      </BlockStack>
    </Card>
  );
}

const walletNames = { apple: 'Apple Wallet', google: 'Google Wallet' } as const;

const causes: Record<StaleCause, { name: string; tone: 'info' | 'attention' | 'warning' | 'critical'; hint: string }> =
  {
    'certificate-stopped': {
      name: 'Certificate refused',
      tone: 'critical',
      hint: 'Apple does not accept the certificate. Cards go on by themselves once it is renewed.',
    },
    'not-registered': {
      name: 'On no phone',
      tone: 'info',
      hint: 'The member removed the card, or never finished adding it. Their card page still works.',
    },
    throttled: { name: 'Put off', tone: 'attention', hint: 'The wallet asked us to wait. We try again by ourselves.' },
    refused: {
      name: 'Refused',
      tone: 'critical',
      hint: 'The wallet does not accept this card. Send it again once the cause is mended.',
    },
    'wallet-unreachable': {
      name: 'No answer',
      tone: 'warning',
      hint: 'The wallet’s service did not answer. We try again by ourselves.',
    },
    failed: { name: 'Failed', tone: 'critical', hint: 'Something went wrong on our side. We try again by ourselves.' },
    waiting: { name: 'Waiting', tone: 'info', hint: 'It is in the queue and goes out in its turn.' },
    'not-fetched': {
      name: 'Phone is silent',
      tone: 'attention',
      hint: 'The phone was told and has not fetched it: it is off, offline, or saves its battery.',
    },
  };

type RowProps = { card: StaleCard; timeZone: string; isSending: boolean; onSend: () => void };

function Row({ card, timeZone, isSending, onSend }: RowProps) {
  const { name, tone, hint } = causes[card.cause];
  const who = card.who ?? formatMember(card.memberId);
  return (
    <li>
      <div className="row-line">
        <span>
          <Link url={`/app/members/${card.memberId}`}>{who}</Link>, {walletNames[card.wallet]}
        </span>
        <Badge tone={tone}>{name}</Badge>
      </div>
      <Text as="p" tone="subdued">
        {`Behind since ${formatMoment(card.staleSince, timeZone)}. ${hint}`}
      </Text>
      {card.canRetry ? (
        <InlineStack>
          <GuardedButton
            needs="members:write"
            loading={isSending}
            accessibilityLabel={`Send again: ${who}, ${walletNames[card.wallet]}`}
            onClick={onSend}
          >
            Send again
          </GuardedButton>
        </InlineStack>
      ) : null}
    </li>
  );
}
