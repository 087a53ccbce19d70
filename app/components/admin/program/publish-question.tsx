import { Banner, BlockStack, List, Modal, Text } from '@shopify/polaris';
import { useState } from 'react';

import { ProgramSummary } from '#app/components/admin/program/program-summary.tsx';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { programDiff } from '#app/domain/programs/program-diff.ts';
import { reviewProgram } from '#app/domain/programs/program-warnings.ts';

type Props = {
  isBusy: boolean;
  /** Why the last attempt failed. */
  problem: string | undefined;
  document: ProgramDocument;
  /** What is live; null before the first version. */
  published: ProgramDocument | null;
  currency: string;
  timeZone: string;
  onClose: () => void;
  onPublish: () => void;
};

/** What would change, what must or should be heard before, and from when on it counts. */
export function PublishQuestion(props: Props) {
  const { isBusy, problem, document, published, currency, timeZone, onClose, onPublish } = props;
  const [at] = useState(() => new Date());
  const findings = reviewProgram(document, { at, timeZone, currency });
  const refused = findings.filter(({ severity }) => severity === 'refused').map(({ message }) => message);
  const warnings = findings.filter(({ severity }) => severity === 'warning').map(({ message }) => message);
  return (
    <Modal
      open
      onClose={onClose}
      title="Publish these rules?"
      primaryAction={{ content: 'Publish', onAction: onPublish, loading: isBusy, disabled: refused.length > 0 }}
      secondaryActions={[{ content: 'Not yet', onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="400">
          {problem === undefined ? null : (
            <Banner tone="critical" title="It was not published">
              <p>{problem}</p>
            </Banner>
          )}
          <Text as="p">
            They count for orders from now on. Earlier orders keep the rules they were placed under, and what members
            have stays theirs. You can roll back at any time.
          </Text>
          <Findings title="This must be mended before it can be published" tone="critical" messages={refused} />
          <Findings title="Please look at this first" tone="warning" messages={warnings} />
          {published === null ? (
            <ProgramSummary document={document} currency={currency} />
          ) : (
            <Changes changes={programDiff(published, document, currency)} />
          )}
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}

type FindingsProps = { title: string; tone: 'critical' | 'warning'; messages: string[] };

function Findings({ title, tone, messages }: FindingsProps) {
  if (messages.length === 0) return null;
  return (
    <Banner tone={tone} title={title}>
      <List>
        {messages.map((message) => (
          <List.Item key={message}>{message}</List.Item>
        ))}
      </List>
    </Banner>
  );
}

/** What differs, a sentence each. */
export function Changes({ changes }: { changes: readonly string[] }) {
  if (changes.length === 0)
    return (
      <Text as="p" tone="subdued">
        Nothing changes.
      </Text>
    );
  return (
    <BlockStack gap="100">
      <Text as="h3" variant="headingSm">
        What changes
      </Text>
      <List>
        {changes.map((change) => (
          <List.Item key={change}>{change}</List.Item>
        ))}
      </List>
    </BlockStack>
  );
}
