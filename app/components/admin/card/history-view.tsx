import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Card, EmptyState, InlineStack, List, Modal, Page, Text } from '@shopify/polaris';
import { useState } from 'react';

import { formatActor, formatMoment } from '#app/components/admin/format.ts';
import { GuardedButton } from '#app/components/admin/may.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { useSystemMark } from '#app/components/admin/system-mark.ts';
import { ApplePreview } from '#app/components/card/card-preview.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { plainSample, sampleContent } from '#app/domain/cards/sample-content.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

export type DesignRow = {
  number: number;
  design: CardDesign;
  state: 'live' | 'candidate' | 'withdrawn';
  isLive: boolean;
  publishedAt: Date;
  publishedBy: string | null;
  restores: number | null;
  changes: string[];
};

type Props = { designs: DesignRow[]; document: ProgramDocument; timeZone: string };

/** Every design that was published, newest first; each that was live can come back. */
export function HistoryView({ designs, document, timeZone }: Props) {
  const asking = useFetcher<ActionResult>();
  const [chosen, setChosen] = useState<number | null>(null);
  const bringBack = (number: number) => {
    asking.submit({ number: String(number) }, { method: 'post' });
    setChosen(null);
  };
  return (
    <Page
      title="Designs"
      subtitle="What the card looked like, and what it looks like now"
      backAction={{ content: 'Card', url: '/app/card' }}
    >
      <BlockStack gap="400">
        <ResultBanner result={asking.data} />
        {designs.length === 0 ? (
          <Card>
            <EmptyState
              heading="Nothing is published yet"
              image=""
              action={{ content: 'Open the designer', url: '/app/card' }}
            >
              <p>The first design appears here when you publish the draft.</p>
            </EmptyState>
          </Card>
        ) : (
          <ol className="versions">
            {designs.map((row) => (
              <li key={row.number}>
                <DesignCard
                  row={row}
                  document={document}
                  timeZone={timeZone}
                  isBusy={asking.state !== 'idle'}
                  onBack={() => setChosen(row.number)}
                />
              </li>
            ))}
          </ol>
        )}
      </BlockStack>
      <Modal
        open={chosen !== null}
        onClose={() => setChosen(null)}
        title={`Bring design ${chosen ?? ''} back?`}
        primaryAction={{ content: 'Bring it back', onAction: () => chosen !== null && bringBack(chosen) }}
        secondaryActions={[{ content: 'Not now', onAction: () => setChosen(null) }]}
      >
        <Modal.Section>
          <Text as="p">
            It is published again under a new number and redraws every card within the next minutes. The draft stays as
            it is.
          </Text>
        </Modal.Section>
      </Modal>
    </Page>
  );
}

type DesignCardProps = {
  row: DesignRow;
  document: ProgramDocument;
  timeZone: string;
  isBusy: boolean;
  onBack: () => void;
};

function DesignCard({ row, document, timeZone, isBusy, onBack }: DesignCardProps) {
  const { number, design, publishedAt, publishedBy, changes, restores } = row;
  const content = sampleContent(document, design, { ...plainSample, systemMark: useSystemMark() });
  return (
    <Card>
      <div className="design-row">
        <div className="design-thumb" aria-hidden="true">
          <ApplePreview content={content} design={design} />
        </div>
        <BlockStack gap="200">
          <InlineStack align="space-between" blockAlign="center" gap="200">
            <InlineStack gap="200" blockAlign="center">
              <Text as="h2" variant="headingMd">
                Design {number}
              </Text>
              <StateBadge row={row} />
              {restores === null ? null : <Badge>{`Design ${restores} again`}</Badge>}
            </InlineStack>
            {row.state === 'live' && !row.isLive ? (
              <GuardedButton
                needs="card:publish"
                disabled={isBusy}
                onClick={onBack}
                accessibilityLabel={`Bring back design ${number}`}
              >
                Bring back
              </GuardedButton>
            ) : null}
          </InlineStack>
          <Text as="p" tone="subdued">
            {formatMoment(publishedAt, timeZone)}
            {publishedBy === null ? '' : ` · ${formatActor(publishedBy)}`}
          </Text>
          {changes.length === 0 ? null : (
            <List>
              {changes.map((change) => (
                <List.Item key={change}>{change}</List.Item>
              ))}
            </List>
          )}
        </BlockStack>
      </div>
    </Card>
  );
}

function StateBadge({ row: { state, isLive } }: { row: DesignRow }) {
  if (isLive) return <Badge tone="success">On the cards</Badge>;
  if (state === 'candidate') return <Badge tone="info">On its way</Badge>;
  return state === 'withdrawn' ? <Badge tone="attention">Taken back</Badge> : null;
}
