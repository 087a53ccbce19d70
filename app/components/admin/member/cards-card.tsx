import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Button, ButtonGroup, Card, InlineStack, Link, Text } from '@shopify/polaris';

import { CardQuestion } from '#app/components/admin/member/card-question.tsx';
import type { CardChange } from '#app/components/admin/member/card-question.tsx';
import { formatCode, formatCount, formatMoment } from '#app/components/admin/format.ts';
import type { MemberDetail, PassRow } from '#app/components/admin/member/member-shapes.ts';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { useQuestion } from '#app/components/admin/use-question.ts';

type Props = {
  detail: MemberDetail;
  timeZone: string;
  /** The address of the card as a QR code, as SVG from our own encoder; null once erased. */
  code: string | null;
};

/** The member's card: where it is, whether it is frozen, and what staff can do when it is lost. */
export function CardsCard({ detail, timeZone, code }: Props) {
  const { passes, card, member } = detail;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Cards in wallets
        </Text>
        {card.frozenBy === null ? null : (
          <Text as="p" tone="caution">
            {frozenWords[card.frozenBy]}
          </Text>
        )}
        <Passes passes={passes} timeZone={timeZone} />
        {card.url === null || code === null ? null : (
          <>
            <CardLink url={card.url} code={code} />
            <CardChanges card={card} isFrozen={member.state === 'frozen'} />
          </>
        )}
      </BlockStack>
    </Card>
  );
}

const frozenWords = {
  member: 'Frozen by the member. Nothing can be collected or redeemed by this card; the balance is kept.',
  staff: 'Frozen by staff. Nothing can be collected or redeemed by this card; the balance is kept.',
};

function CardChanges({ card, isFrozen }: { card: MemberDetail['card']; isFrozen: boolean }) {
  const changing = useFetcher<ActionResult>();
  const freezing = useQuestion(changing.data, (answer) => answer.tone === 'success');
  const replacing = useQuestion(changing.data, (answer) => answer.tone === 'success');
  const asked = [
    { change: (isFrozen ? 'unfreeze' : 'freeze') as CardChange, question: freezing },
    { change: 'reissue' as const, question: replacing },
  ].find(({ question }) => question.isOpen);
  return (
    <>
      <ResultBanner result={changing.data} />
      <ButtonGroup>
        <Button onClick={freezing.open}>{isFrozen ? 'Unfreeze card' : 'Freeze card'}</Button>
        <Button tone="critical" onClick={replacing.open}>
          Replace card
        </Button>
      </ButtonGroup>
      {asked === undefined ? null : (
        <CardQuestion
          change={asked.change}
          isBusy={changing.state !== 'idle'}
          problem={changing.data?.tone === 'critical' ? changing.data.title : undefined}
          onClose={asked.question.close}
          onSend={() =>
            changing.submit({ intent: asked.change, generation: String(card.generation) }, { method: 'post' })
          }
        />
      )}
    </>
  );
}

/** What the member opens to get the card onto a phone: the same card on a new phone, or the new one after it was replaced. */
function CardLink({ url, code }: { url: string; code: string }) {
  return (
    <details>
      <summary>Put the card on another phone</summary>
      <BlockStack gap="200">
        <Text as="p" tone="subdued">
          Let the member scan this, or send them the link. Whoever opens it has the card.
        </Text>
        <div
          className="card-code"
          role="img"
          aria-label="QR code of the card’s page"
          dangerouslySetInnerHTML={{ __html: code }}
        />
        <Link url={url} target="_blank">
          Open the card’s page
        </Link>
      </BlockStack>
    </details>
  );
}

const walletNames: Record<string, string> = { apple: 'Apple Wallet', google: 'Google Wallet' };

function Passes({ passes, timeZone }: { passes: PassRow[]; timeZone: string }) {
  return passes.length === 0 ? (
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
  );
}

function describePass({ seenAt, devices, state }: PassRow, timeZone: string): string {
  if (state !== 'active') return 'Replaced or ended. It opens nothing any more.';
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
