import type { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Button, InlineStack, Text } from '@shopify/polaris';

import {
  type ClientResult,
  type ClientRow,
  type ProgramChoice,
  scopeInWords,
} from '#app/components/admin/api-clients/api-client-shapes.ts';
import { RevokeQuestion, RotateQuestion } from '#app/components/admin/api-clients/client-questions.tsx';
import { formatCount, formatDay, formatMoment } from '#app/components/admin/format.ts';

type Props = {
  client: ClientRow;
  programs: ProgramChoice[];
  timeZone: string;
  mayWrite: boolean;
  fetcher: ReturnType<typeof useFetcher<ClientResult>>;
  onChange: () => void;
};

function stateOf({ isRevoked, isExpired, previousUntil }: ClientRow) {
  if (isRevoked) return { tone: 'critical', words: 'Revoked' } as const;
  if (isExpired) return { tone: 'critical', words: 'Ended' } as const;
  return previousUntil === null
    ? ({ tone: 'success', words: 'In use' } as const)
    : ({ tone: 'attention', words: 'Two secrets' } as const);
}

/** One client: what it is bound to, what it did, and what can be done with it. */
export function ClientLine({ client, programs, timeZone, mayWrite, fetcher, onChange }: Props) {
  const { tone, words } = stateOf(client);
  return (
    <li>
      <BlockStack gap="200">
        <div className="row-line">
          <Text as="h3" variant="headingSm">
            {client.name}
          </Text>
          <Badge tone={tone}>{words}</Badge>
        </div>
        <Text as="p" tone="subdued">
          <code>{client.clientId}</code>
          {client.keyPrefix === null ? null : (
            <>
              , secret <code>{client.keyPrefix}…</code>
            </>
          )}
          , since {formatDay(client.secretSince, timeZone)}
        </Text>
        {client.isRevoked ? (
          <Text as="p">{client.revokedReason ?? 'Revoked'}</Text>
        ) : (
          <ClientFacts client={client} programs={programs} timeZone={timeZone} />
        )}
        {client.isRevoked || !mayWrite ? null : (
          <InlineStack gap="200">
            <Button onClick={onChange} accessibilityLabel={`Change: ${client.name}`}>
              Change
            </Button>
            <RotateQuestion client={client} fetcher={fetcher} />
            <RevokeQuestion client={client} fetcher={fetcher} />
          </InlineStack>
        )}
      </BlockStack>
    </li>
  );
}

function ClientFacts({ client, programs, timeZone }: Pick<Props, 'client' | 'programs' | 'timeZone'>) {
  const { usage, programIds, networks, requestsPerSecond, expiresAt, lastUsedAt, previousUntil } = client;
  const nameOf = (id: string) => programs.find(({ programId }) => programId === id)?.name ?? 'A program that is gone';
  const facts: [string, string][] = [
    ['May', client.scopes.map(scopeInWords).join(' · ')],
    ['Programs', programIds === null ? 'All' : programIds.map(nameOf).join(', ')],
    ['Calls from', networks.length === 0 ? 'Anywhere' : networks.join(', ')],
    ['Pace', requestsPerSecond === null ? 'As everybody' : `${formatCount(requestsPerSecond)} calls a second`],
    ['Ends', expiresAt === null ? 'When you revoke it' : formatDay(expiresAt, timeZone)],
    ['Last token', lastUsedAt === null ? 'Never' : formatMoment(lastUsedAt, timeZone)],
    ['Last 30 days', usageInWords(usage)],
  ];
  if (client.isPairwise) facts.push(['Members', 'Known by ids of its own']);
  if (previousUntil !== null) facts.push(['Old secret', `Works until ${formatMoment(previousUntil, timeZone)}`]);
  return (
    <dl className="facts">
      {facts.map(([name, words]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  );
}

function usageInWords({ requests, refused, limited, failed, bytesOut }: ClientRow['usage']): string {
  if (requests === 0) return 'No calls';
  const parts = [`${formatCount(requests)} calls`, `${formatCount(Math.ceil(bytesOut / 1024))} KB out`];
  if (refused > 0) parts.push(`${formatCount(refused)} refused`);
  if (limited > 0) parts.push(`${formatCount(limited)} too fast`);
  if (failed > 0) parts.push(`${formatCount(failed)} failed on our side`);
  return parts.join(', ');
}
