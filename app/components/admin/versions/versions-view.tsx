import { Badge, BlockStack, Button, Card, EmptyState, InlineStack, List, Page, Text } from '@shopify/polaris';

import { formatActor, formatMoment } from '#app/components/admin/format.ts';

export type VersionRow = {
  number: number;
  publishedAt: Date;
  publishedBy: string;
  isInForce: boolean;
  restores: number | null;
  changes: string[];
};

type Props = { versions: VersionRow[]; next: number | null; isFirstPage: boolean; timeZone: string };

/** Every version that was ever published, newest first: who, when, and what it changed. */
export function VersionsView({ versions, next, isFirstPage, timeZone }: Props) {
  return (
    <Page
      title="Versions"
      subtitle="Every order counts by the version that was live when it was placed"
      backAction={{ content: 'Program', url: '/app/program' }}
    >
      <BlockStack gap="400">
        {versions.length === 0 ? (
          <Card>
            <EmptyState
              heading="Nothing is published yet"
              image=""
              action={{ content: 'Open the draft', url: '/app/program' }}
            >
              <p>The first version appears here when you publish the draft.</p>
            </EmptyState>
          </Card>
        ) : (
          <ol className="versions">
            {versions.map((version) => (
              <li key={version.number}>
                <VersionCard version={version} timeZone={timeZone} />
              </li>
            ))}
          </ol>
        )}
        <InlineStack align="center" gap="300">
          {isFirstPage ? null : <Button url="/app/program/versions">Newest</Button>}
          {next === null ? null : <Button url={`/app/program/versions?below=${next}`}>Older</Button>}
        </InlineStack>
      </BlockStack>
    </Page>
  );
}

function VersionCard({ version, timeZone }: { version: VersionRow; timeZone: string }) {
  const { number, publishedAt, publishedBy, isInForce, changes, restores } = version;
  return (
    <Card>
      <BlockStack gap="200">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <InlineStack gap="200" blockAlign="center">
            <Text as="h2" variant="headingMd">
              Version {number}
            </Text>
            {isInForce ? <Badge tone="success">Live</Badge> : null}
            {restores === null ? null : <Badge>{`Version ${restores} again`}</Badge>}
          </InlineStack>
          <Button url={`/app/program/versions/${number}`} accessibilityLabel={`Show version ${number}`}>
            {isInForce ? 'Show' : 'Show or roll back'}
          </Button>
        </InlineStack>
        <Text as="p" tone="subdued">
          {formatMoment(publishedAt, timeZone)} · {formatActor(publishedBy)}
        </Text>
        {changes.length === 0 ? (
          <Text as="p">{number === 1 ? 'The first version.' : 'Nothing changed.'}</Text>
        ) : (
          <List>
            {changes.map((change) => (
              <List.Item key={change}>{change}</List.Item>
            ))}
          </List>
        )}
      </BlockStack>
    </Card>
  );
}
