import { useFetcher } from '@remix-run/react';
import { Badge, Banner, BlockStack, Card, EmptyState, InlineStack, Modal, Page, Text } from '@shopify/polaris';

import type { Setup } from '#app/components/admin/form-shapes.ts';
import { formatMoment } from '#app/components/admin/format.ts';
import { JoinLink } from '#app/components/admin/places-step.tsx';
import { ProgramForm } from '#app/components/admin/program-form.tsx';
import { ProgramSummary } from '#app/components/admin/program-summary.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import { useQuestion } from '#app/components/admin/use-question.ts';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { isSameValue } from '#app/components/admin/same-value.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type Version = { number: number; publishedAt: Date };

export type ProgramViewProps = {
  setup: Setup;
  draftRevision: number;
  published: { number: number; document: ProgramDocument; publishedAt: Date } | null;
  versions: Version[];
  timeZone: string;
  result: ActionResult | undefined;
};

/** A shop that has not been through the wizard has nothing to edit yet. */
export function NoProgram({ title }: { title: string }) {
  return (
    <Page title={title}>
      <Card>
        <EmptyState
          heading="There is no program yet"
          image=""
          action={{ content: 'Set it up', url: '/app/welcome/template' }}
        >
          <p>It takes six short screens. Nothing goes live before you say so.</p>
        </EmptyState>
      </Card>
    </Page>
  );
}

export function ProgramView({ setup, draftRevision, published, versions, timeZone, result }: ProgramViewProps) {
  const publishing = useFetcher<ActionResult>();
  const hasChanges = published === null || !isSameValue(published.document, setup.document);
  const question = useQuestion(publishing.data, () => true);
  return (
    <Page
      title={setup.document.name}
      titleMetadata={<Badge tone={setup.isLive ? 'success' : 'attention'}>{setup.isLive ? 'Live' : 'Draft'}</Badge>}
      primaryAction={{ content: 'Publish', disabled: !hasChanges, onAction: question.open }}
    >
      <BlockStack gap="400">
        <ResultBanner result={publishing.data ?? result} />
        {hasChanges && published !== null ? (
          <Banner tone="info" title="The draft differs from what is live">
            <p>Orders count by the published rules until you publish the draft.</p>
          </Banner>
        ) : null}
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              {published === null ? 'Draft' : `Live since ${formatMoment(published.publishedAt, timeZone)}`}
            </Text>
            <ProgramSummary document={published?.document ?? setup.document} />
          </BlockStack>
        </Card>
        <ProgramForm key={draftRevision} setup={setup} result={result} />
        {setup.joinUrl === null ? null : (
          <Card>
            <JoinLink joinUrl={setup.joinUrl} joinCode={setup.joinCode} />
          </Card>
        )}
        <Versions versions={versions} timeZone={timeZone} />
      </BlockStack>
      <PublishQuestion
        isOpen={question.isOpen}
        isBusy={publishing.state !== 'idle'}
        document={setup.document}
        onClose={question.close}
        onPublish={() => publishing.submit({ intent: 'publish' }, { method: 'post' })}
      />
    </Page>
  );
}

type QuestionProps = {
  isOpen: boolean;
  isBusy: boolean;
  document: ProgramDocument;
  onClose: () => void;
  onPublish: () => void;
};

function PublishQuestion({ isOpen, isBusy, document, onClose, onPublish }: QuestionProps) {
  return (
    <Modal
      open={isOpen}
      onClose={onClose}
      title="Publish these rules?"
      primaryAction={{ content: 'Publish', onAction: onPublish, loading: isBusy }}
      secondaryActions={[{ content: 'Not yet', onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="400">
          <Text as="p">
            Orders placed from now on count by these rules. Earlier orders keep the rules they were placed under.
          </Text>
          <ProgramSummary document={document} />
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}

function Versions({ versions, timeZone }: { versions: Version[]; timeZone: string }) {
  return (
    <Card>
      <BlockStack gap="200">
        <Text as="h2" variant="headingMd">
          Published versions
        </Text>
        {versions.length === 0 ? (
          <Text as="p" tone="subdued">
            None yet. The first one goes live when you publish.
          </Text>
        ) : (
          <ol className="rows" reversed>
            {versions.map(({ number, publishedAt }) => (
              <li key={number}>
                <InlineStack align="space-between">
                  <Text as="span">Version {number}</Text>
                  <Text as="span" tone="subdued">
                    {formatMoment(publishedAt, timeZone)}
                  </Text>
                </InlineStack>
              </li>
            ))}
          </ol>
        )}
      </BlockStack>
    </Card>
  );
}
