import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Card, Modal, Page, Text } from '@shopify/polaris';

import { formatActor, formatMoment } from '#app/components/admin/format.ts';
import { useGuard } from '#app/components/admin/may.tsx';
import { Changes } from '#app/components/admin/program/publish-question.tsx';
import { ProgramSummary } from '#app/components/admin/program/program-summary.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { useQuestion } from '#app/components/admin/use-question.ts';
import type { VersionRow } from '#app/components/admin/versions/versions-view.tsx';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

type Props = {
  version: Omit<VersionRow, 'changes'> & { document: ProgramDocument };
  /** What would change if it came back. */
  changesBack: string[];
  currency: string;
  timeZone: string;
};

/** One published version in sentences, and the way back to it. */
export function VersionView({ version, changesBack, currency, timeZone }: Props) {
  const { number, document, isInForce, publishedAt, publishedBy } = version;
  const guard = useGuard();
  const rolling = useFetcher<ActionResult>();
  const question = useQuestion(rolling.data, () => true);
  return (
    <Page
      title={`Version ${number}`}
      subtitle={`${formatMoment(publishedAt, timeZone)} · ${formatActor(publishedBy)}`}
      titleMetadata={isInForce ? <Badge tone="success">Live</Badge> : null}
      backAction={{ content: 'Versions', url: '/app/program/versions' }}
      {...(isInForce
        ? {}
        : {
            primaryAction: guard('program:publish', { content: 'Roll back to this version', onAction: question.open }),
          })}
    >
      <BlockStack gap="400">
        <ResultBanner result={rolling.data} />
        {isInForce ? null : (
          <Card>
            <BlockStack gap="200">
              <Text as="h2" variant="headingMd">
                If it came back
              </Text>
              <Changes changes={changesBack} />
            </BlockStack>
          </Card>
        )}
        <Card>
          <ProgramSummary document={document} currency={currency} />
        </Card>
      </BlockStack>
      <Modal
        open={question.isOpen}
        onClose={question.close}
        title={`Roll back to version ${number}?`}
        primaryAction={{
          content: 'Roll back',
          loading: rolling.state !== 'idle',
          onAction: () => rolling.submit({ intent: 'roll-back' }, { method: 'post' }),
        }}
        secondaryActions={[{ content: 'Not now', onAction: question.close }]}
      >
        <Modal.Section>
          <BlockStack gap="400">
            <Text as="p">
              Its rules are published again as a new version and count for orders from now on. Earlier orders keep the
              rules they were placed under. Your draft stays as it is.
            </Text>
            <Changes changes={changesBack} />
          </BlockStack>
        </Modal.Section>
      </Modal>
    </Page>
  );
}
