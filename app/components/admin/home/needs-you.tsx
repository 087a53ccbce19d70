import { BlockStack, Card, Text } from '@shopify/polaris';
import type { ReactNode } from 'react';

import { formatCount } from '#app/components/admin/format.ts';
import { GuardedLink } from '#app/components/admin/may.tsx';
import type { Permission } from '#app/domain/access/permissions.ts';

export type Attention = {
  quarantined: number;
  parked: number;
  openCases: number;
  openIncidents: number;
  needsReauthorization: boolean;
  certificates: number;
  isAgreementPending: boolean;
};

type Item = { key: string; url: string; needs: Permission; link: string; rest: ReactNode };

const counted = (count: number, one: string, many: string) => (count === 1 ? one : `${formatCount(count)} ${many}`);

/** Most urgent first. */
function itemsOf(attention: Attention): Item[] {
  const { openIncidents, openCases, certificates, isAgreementPending } = attention;
  const messages = attention.quarantined + attention.parked;
  const items: (Item & { isShown: boolean })[] = [
    {
      key: 'incidents',
      isShown: openIncidents > 0,
      url: '/app/incidents',
      needs: 'incidents:read',
      link: counted(openIncidents, 'One incident', 'incidents'),
      rest: openIncidents === 1 ? 'waits for somebody to look after it' : 'wait for somebody to look after them',
    },
    {
      key: 'cases',
      isShown: openCases > 0,
      url: '/app/privacy',
      needs: 'privacy:read',
      link: counted(openCases, 'One privacy request', 'privacy requests'),
      rest: openCases === 1 ? 'is open' : 'are open',
    },
    {
      key: 'certificates',
      isShown: certificates > 0,
      url: '/app/certificates',
      needs: 'keys:read',
      link: 'A certificate for Apple Wallet',
      rest: 'ends soon or was revoked; renew it, so that cards go on changing',
    },
    {
      key: 'messages',
      isShown: messages > 0,
      url: '/app/privacy',
      needs: 'privacy:read',
      link: counted(messages, 'One message from Shopify', 'messages from Shopify'),
      rest: 'could not be read and can be tried again',
    },
    {
      key: 'agreement',
      isShown: isAgreementPending,
      url: '/app/trust',
      needs: 'trust:read',
      link: 'The data processing agreement',
      rest: 'has not been accepted yet',
    },
  ];
  return items.filter(({ isShown }) => isShown);
}

/** What a person should do next, or that there is nothing. */
export function NeedsYou({ attention }: { attention: Attention }) {
  const items = itemsOf(attention);
  const { needsReauthorization } = attention;
  const isQuiet = items.length === 0 && !needsReauthorization;
  return (
    <div className={isQuiet ? 'needs-you' : 'needs-you needs-you-now'}>
      <Card>
        <BlockStack gap="200">
          <Text as="h2" variant="headingSm">
            {isQuiet ? 'Nothing needs you right now' : 'Needs you'}
          </Text>
          {isQuiet ? (
            <Text as="p" tone="subdued">
              Orders are counted and cards change by themselves.
            </Text>
          ) : (
            <ul className="plain-list needs-list">
              {needsReauthorization ? (
                <li>Shopify no longer accepts our access. Reload this page to connect again; orders are not lost.</li>
              ) : null}
              {items.map(({ key, url, needs, link, rest }) => (
                <li key={key}>
                  <GuardedLink needs={needs} url={url}>
                    {link}
                  </GuardedLink>{' '}
                  {rest}.
                </li>
              ))}
            </ul>
          )}
        </BlockStack>
      </Card>
    </div>
  );
}
