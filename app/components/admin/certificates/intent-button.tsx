import { useFetcher } from '@remix-run/react';
import { InlineStack, Modal, Text } from '@shopify/polaris';

import { GuardedButton } from '#app/components/admin/may.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { useQuestion } from '#app/components/admin/use-question.ts';

type Props = {
  fields: Record<string, string>;
  name: string;
  /** What it is done to, for those who hear the page. */
  of: string;
  tone?: 'critical';
  /** Asked first; without it the button acts at once. */
  question?: string;
};

/** A button that asks for one thing, and says what became of it. */
export function IntentButton({ fields, name, of, tone, question }: Props) {
  const fetcher = useFetcher<ActionResult>();
  const asking = useQuestion(fetcher.data, () => true);
  const isBusy = fetcher.state !== 'idle';
  const send = () => fetcher.submit(fields, { method: 'post', encType: 'multipart/form-data' });
  return (
    <>
      <ResultBanner result={fetcher.data} />
      <InlineStack>
        <GuardedButton
          needs="keys:write"
          onClick={question === undefined ? send : asking.open}
          loading={isBusy}
          accessibilityLabel={`${name}: ${of}`}
          {...(tone === undefined ? {} : { tone })}
        >
          {name}
        </GuardedButton>
      </InlineStack>
      {question === undefined ? null : (
        <Modal
          open={asking.isOpen}
          onClose={asking.close}
          title={`${name}?`}
          primaryAction={{ content: name, onAction: send, loading: isBusy, destructive: tone === 'critical' }}
          secondaryActions={[{ content: 'Cancel', onAction: asking.close }]}
        >
          <Modal.Section>
            <Text as="p">{question}</Text>
          </Modal.Section>
        </Modal>
      )}
    </>
  );
}
