import { useFetcher } from '@remix-run/react';
import { BlockStack, Button, Card, InlineStack, Link, Text } from '@shopify/polaris';

import { formatActor, formatMoment } from '#app/components/admin/format.ts';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { Secret } from '#app/components/admin/security/detectors-card.tsx';
import type { CanaryRow } from '#app/components/admin/security/shapes.ts';
import { subjectWords } from '#app/components/admin/security/words.ts';

type Result = ActionResult & { trap?: { clientId: string; secret: string } };
type Props = { canaries: CanaryRow[]; timeZone: string; canChange: boolean };

/** Members and keys that nobody has a reason to touch. */
export function TrapsCard({ canaries, timeZone, canChange }: Props) {
  const planting = useFetcher<Result>();
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Traps
        </Text>
        <Text as="p" tone="subdued">
          A made-up member and a key that opens nothing. Whoever reads the member or tries the key has been where nobody
          has a reason to be: you are alerted, and they are shut out. Leave the key where a thief would look.
        </Text>
        {canaries.length === 0 ? null : (
          <ul className="rows">
            {canaries.map(({ subject, plantedBy, plantedAt }) => (
              <li key={subject}>
                <span>{memberOf(subject) ?? subjectWords(subject)}</span>
                <Text as="p" tone="subdued">
                  {`${formatActor(plantedBy)}, ${formatMoment(plantedAt, timeZone)}`}
                </Text>
              </li>
            ))}
          </ul>
        )}
        <ResultBanner result={planting.data} />
        {planting.data?.trap === undefined ? null : (
          <Secret
            label="Key of the trap"
            secret={`client_id=${planting.data.trap.clientId} client_secret=${planting.data.trap.secret}`}
          />
        )}
        {canChange ? (
          <InlineStack>
            <Button
              loading={planting.state !== 'idle'}
              onClick={() => planting.submit({ intent: 'plant' }, { method: 'post' })}
            >
              Plant two traps
            </Button>
          </InlineStack>
        ) : null}
      </BlockStack>
    </Card>
  );
}

function memberOf(subject: string) {
  const [kind, id = ''] = subject.split(':');
  return kind === 'canary-member' ? <Link url={`/app/members/${id}`}>{subjectWords(subject)}</Link> : null;
}
