import { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Card, InlineStack, Select, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { detectorIds, detectors, isDetectorId } from '#app/domain/security/detectors.ts';

const kinds = [
  { value: 'detector', label: 'A detector notices it from now on' },
  { value: 'test', label: 'A test shows that it cannot happen again' },
  { value: 'control', label: 'Something else was changed, as written below' },
];
const textLabels: Record<string, string> = { test: 'Which test', control: 'What was changed' };

/** An incident ends only with what keeps it from happening again. */
export function CloseCard({ detector }: { detector: string }) {
  const closing = useFetcher<ActionResult>();
  const isWatched = isDetectorId(detector);
  const [kind, setKind] = useState(isWatched ? 'detector' : 'control');
  const [watch, setWatch] = useState<string>(isWatched ? detector : detectorIds[0]);
  const [text, setText] = useState('');
  const close = () =>
    closing.submit(
      { intent: 'close', controlKind: kind, controlText: kind === 'detector' ? watch : text },
      { method: 'post' },
    );
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Close it
        </Text>
        <ResultBanner result={closing.data} />
        <Select label="What keeps it from happening again" options={kinds} value={kind} onChange={setKind} />
        {kind === 'detector' ? (
          <Select
            label="Which detector"
            options={detectorIds.map((id) => ({ value: id, label: detectors[id].title }))}
            value={watch}
            onChange={setWatch}
          />
        ) : (
          <TextField
            label={textLabels[kind] ?? ''}
            multiline={2}
            value={text}
            onChange={setText}
            maxLength={2_000}
            autoComplete="off"
          />
        )}
        <InlineStack>
          <Button loading={closing.state !== 'idle'} onClick={close}>
            Close the incident
          </Button>
        </InlineStack>
      </BlockStack>
    </Card>
  );
}
