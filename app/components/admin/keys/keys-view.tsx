import { useFetcher, useRevalidator } from '@remix-run/react';
import { BlockStack, Card, Link, Page, Text } from '@shopify/polaris';
import { useEffect } from 'react';

import { formatActor, formatDay } from '#app/components/admin/format.ts';
import { DataKeyCard, LinkKeyCard } from '#app/components/admin/keys/key-cards.tsx';
import type { KeyLine, KeysViewProps, PlatformShown } from '#app/components/admin/keys/key-shapes.ts';
import { PlainTable } from '#app/components/admin/plain-table.tsx';
import { type ActionResult, ResultBanner } from '#app/components/admin/result-banner.tsx';

const refreshMs = 2_000;

/** While a key is being replaced, the page follows. */
function useProgress(isRunning: boolean): void {
  const { revalidate } = useRevalidator();
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(revalidate, refreshMs);
    return () => clearInterval(timer);
  }, [isRunning, revalidate]);
}

/** Which keys protect this shop, how old they are, and the ways to replace them. */
export function KeysView({ keys, rotation, wrapped, platform, timeZone, mayWrite }: KeysViewProps) {
  const fetcher = useFetcher<ActionResult>();
  useProgress(rotation !== null && rotation.state !== 'done');
  const shared = { keys, timeZone, mayWrite, fetcher };
  return (
    <Page title="Keys" subtitle="What protects the data of this shop, and when it was last replaced">
      <BlockStack gap="400">
        {/* What was refused is said where it was asked. */}
        <ResultBanner result={fetcher.data?.tone === 'critical' ? null : fetcher.data} />
        <DataKeyCard {...shared} rotation={rotation} />
        <LinkKeyCard {...shared} />
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              All keys of this shop
            </Text>
            <PlainTable
              title="All keys of this shop"
              isText
              head={['Key', 'State', 'Made', 'By', 'End']}
              rows={keys.map((key) => [
                `${key.purpose === 'data' ? 'Data key' : 'Link key'} ${key.version}`,
                stateNames[key.state],
                formatDay(key.createdAt, timeZone),
                formatActor(key.createdBy),
                endOf(key, timeZone),
              ])}
            />
            <Text as="p">
              Certificates of cards are on <Link url="/app/certificates">Certificates</Link>, secrets of integrations on{' '}
              <Link url="/app/keys/clients">API clients</Link>.
            </Text>
          </BlockStack>
        </Card>
        <PlatformCard platform={platform} wrapped={wrapped} timeZone={timeZone} />
      </BlockStack>
    </Page>
  );
}

const stateNames: Record<KeyLine['state'], string> = {
  current: 'In use',
  retiring: 'Being replaced',
  retired: 'Destroyed',
};

function endOf({ retiredAt, validUntil }: KeyLine, timeZone: string): string {
  if (retiredAt !== null) return `Destroyed ${formatDay(retiredAt, timeZone)}`;
  return validUntil === null ? '—' : `Until ${formatDay(validUntil, timeZone)}`;
}

const platformStates: Record<PlatformShown['keys'][number]['state'], string> = {
  newest: 'In use, newest',
  'in-use': 'In use',
  'taken-away': 'Taken away',
};

type PlatformProps = { platform: PlatformShown; wrapped: KeysViewProps['wrapped']; timeZone: string };

/** The operator's keys, which a shop can see and not change. */
function PlatformCard({ platform, wrapped, timeZone }: PlatformProps) {
  const { keys, tokenKeyIds, evidenceKeyIds, shopifySecrets } = platform;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Keys of the platform
        </Text>
        <Text as="p">
          {wrapped.kekId === null
            ? 'The keys of this shop were destroyed.'
            : `The keys of this shop are themselves encrypted under the platform's key ${wrapped.kekId}${
                wrapped.wrappedAt === null ? '' : `, since ${formatDay(wrapped.wrappedAt, timeZone)}`
              }.`}
        </Text>
        <PlainTable
          title="Keys of the platform"
          isText
          head={['Key', 'State', 'First used']}
          rows={keys.map((key) => [key.id, platformStates[key.state], formatDay(key.firstUsedAt, timeZone)])}
        />
        <Text as="p">
          {`Access tokens of integrations are signed by ${tokenKeyIds[0] ?? 'no key'}; statements about our records, such as erasure certificates, by ${evidenceKeyIds[0] ?? 'no key'}. `}
          <Link url="/.well-known/evidence-keys.json" external>
            Public keys to check them with
          </Link>
        </Text>
        <Text as="p">
          {shopifySecrets === 1
            ? "Shopify's messages are checked with one secret."
            : `Shopify's messages are checked with ${shopifySecrets} secrets: one is being replaced.`}
        </Text>
      </BlockStack>
    </Card>
  );
}
