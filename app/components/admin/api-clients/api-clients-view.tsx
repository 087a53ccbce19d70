import { useFetcher } from '@remix-run/react';
import { BlockStack, Card, Page, Text } from '@shopify/polaris';
import { useState } from 'react';

import type {
  ApiClientsViewProps,
  ClientResult,
  ClientRow,
} from '#app/components/admin/api-clients/api-client-shapes.ts';
import { ClientForm } from '#app/components/admin/api-clients/client-form.tsx';
import { ClientLine } from '#app/components/admin/api-clients/client-line.tsx';
import { ShownSecret } from '#app/components/admin/api-clients/shown-secret.tsx';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';

/** The integrations that may call the API for this shop. */
export function ApiClientsView({ clients, programs, scopes, timeZone, mayWrite }: ApiClientsViewProps) {
  const fetcher = useFetcher<ClientResult>();
  const [edited, setEdited] = useState<{ client: ClientRow | null; before: ClientResult | undefined } | null>(null);
  const edit = (client: ClientRow | null) => setEdited({ client, before: fetcher.data });
  const form = edited !== null && isSaved(fetcher.data, edited.before) ? null : edited;
  const shared = { programs, timeZone, mayWrite, fetcher };
  const lineOf = (client: ClientRow) => (
    <ClientLine key={client.clientId} {...shared} client={client} onChange={() => edit(client)} />
  );
  return (
    <Page
      title="API clients"
      subtitle="Who may call the API for this shop, for what, and from where"
      {...(mayWrite ? { primaryAction: { content: 'New client', onAction: () => edit(null) } } : {})}
    >
      <BlockStack gap="400">
        {form === null ? <ResultBanner result={fetcher.data} /> : null}
        {fetcher.data?.shown === undefined ? null : <ShownSecret {...fetcher.data.shown} />}
        {form === null ? null : (
          <ClientForm
            key={form.client?.clientId ?? 'new'}
            client={form.client}
            programs={programs}
            scopes={scopes}
            fetcher={fetcher}
            answer={fetcher.data === form.before ? undefined : fetcher.data}
            onClose={() => setEdited(null)}
          />
        )}
        <Card>{clients.length === 0 ? <NoClients /> : <ul className="rows">{clients.map(lineOf)}</ul>}</Card>
      </BlockStack>
    </Page>
  );
}

/** A form that was saved closes by itself; one that was refused stays, with what was typed. */
function isSaved(answer: ClientResult | undefined, before: ClientResult | undefined): boolean {
  return answer !== before && answer?.tone === 'success';
}

function NoClients() {
  return (
    <Text as="p" tone="subdued">
      No integration yet. A client is the pair of id and secret with which another system calls the API.
    </Text>
  );
}
