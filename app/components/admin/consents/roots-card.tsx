import { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Card, InlineStack, Text } from '@shopify/polaris';

import { DownloadButton } from '#app/components/admin/download-button.tsx';
import { formatCount, formatMoment } from '#app/components/admin/format.ts';
import { PlainTable } from '#app/components/admin/plain-table.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';

export type RootRow = { size: number; root: string; madeAt: Date; keyId: string };

type Props = { roots: RootRow[]; canExport: boolean; timeZone: string };

/** The daily signed roots: kept elsewhere, they show that nothing was changed or cut off since. */
export function RootsCard({ roots, canExport, timeZone }: Props) {
  const verifying = useFetcher<ActionResult>();
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Signed roots
        </Text>
        <Text as="p" tone="subdued">
          Once a day we sign a fingerprint over the whole log of consents. Keep a copy elsewhere: with it, anybody can
          check later that no consent was changed, added behind your back or removed, without trusting us.
        </Text>
        <ResultBanner result={verifying.data} />
        {roots.length === 0 ? (
          <Text as="p" tone="subdued">
            None yet. The first one is made in the night after the first consent.
          </Text>
        ) : (
          <PlainTable
            title="Signed roots"
            head={['Made', 'Consents', 'Root', 'Key']}
            rows={roots.map(({ size, root, madeAt, keyId }) => [
              formatMoment(madeAt, timeZone),
              formatCount(size),
              <code key="root">{`${root.slice(0, 16)}…`}</code>,
              <code key="key">{keyId}</code>,
            ])}
          />
        )}
        <InlineStack gap="200">
          <verifying.Form method="post">
            <input type="hidden" name="intent" value="verify" />
            <Button submit loading={verifying.state !== 'idle'}>
              Verify the log now
            </Button>
          </verifying.Form>
          {canExport ? (
            <DownloadButton
              label="Download the roots"
              path="/app/consents/file"
              fileName="consent-roots.jsonl"
              about="Every signed root, one a line. It holds fingerprints and no personal data."
            />
          ) : null}
        </InlineStack>
      </BlockStack>
    </Card>
  );
}
