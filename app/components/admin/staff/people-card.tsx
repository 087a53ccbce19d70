import { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Button, ButtonGroup, Card, InlineStack, Text } from '@shopify/polaris';
import { useState } from 'react';

import { formatDay, formatMoment } from '#app/components/admin/format.ts';
import { ResultBanner } from '#app/components/admin/result-banner.tsx';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';
import { PersonQuestion } from '#app/components/admin/staff/person-question.tsx';
import { PinConfirmation } from '#app/components/admin/staff/pin-confirmation.tsx';
import { personLabel, roleLabel } from '#app/components/admin/staff/staff-shapes.ts';
import type { PersonRow } from '#app/components/admin/staff/staff-shapes.ts';
import { useQuestion } from '#app/components/admin/use-question.ts';

type Props = { people: PersonRow[]; ownId: string; mayWrite: boolean; timeZone: string };

const settles = (answer: ActionResult): boolean => answer.tone === 'success';

/** Everybody of the shop, and what each may do. */
export function PeopleCard({ people, ownId, mayWrite, timeZone }: Props) {
  const adding = useFetcher<ActionResult>();
  const question = useQuestion(adding.data, settles);
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center">
          <Text as="h2" variant="headingMd">
            People
          </Text>
          {mayWrite ? <Button onClick={question.open}>Add a person</Button> : null}
        </InlineStack>
        <ResultBanner result={settled(adding.data)} />
        <ul className="rows">
          {people.map((person) => (
            <Person
              key={person.staffId}
              person={person}
              isOwn={person.staffId === ownId}
              mayWrite={mayWrite}
              timeZone={timeZone}
            />
          ))}
        </ul>
        {people.length === 1 ? (
          <Text as="p" tone="subdued">
            Nobody else has opened the app yet. Whoever does is listed here with the role you choose below.
          </Text>
        ) : null}
      </BlockStack>
      {question.isOpen ? <PersonQuestion person={null} fetcher={adding} onClose={question.close} /> : null}
    </Card>
  );
}

/** A refusal stands in the dialog already. */
const settled = (answer: ActionResult | undefined) => (answer !== undefined && settles(answer) ? answer : null);

type PersonProps = { person: PersonRow; isOwn: boolean; mayWrite: boolean; timeZone: string };

function Person({ person, isOwn, mayWrite, timeZone }: PersonProps) {
  return (
    <li>
      <BlockStack gap="200">
        <div className="row-line">
          <Text as="h3" variant="headingSm">
            {personLabel(person)}
            {isOwn ? ' (you)' : ''}
          </Text>
          <InlineStack gap="200">
            <Badge>{roleLabel(person.role)}</Badge>
            <AccessBadge person={person} />
          </InlineStack>
        </div>
        <Text as="p" tone="subdued">
          {describe(person, timeZone)}
        </Text>
        {mayWrite ? <PersonButtons person={person} isOwn={isOwn} /> : null}
      </BlockStack>
    </li>
  );
}

function AccessBadge({ person }: { person: PersonRow }) {
  if (person.isLocked) return <Badge tone="critical">Locked out</Badge>;
  return person.isExpired ? <Badge tone="attention">Ended</Badge> : null;
}

function describe(person: PersonRow, timeZone: string): string {
  const { lastSeenAt, expiresAt, isExpired, locations, hasPin } = person;
  const tills =
    locations === null
      ? 'serves at every till'
      : locations.length === 0
        ? 'serves at no till'
        : `serves at ${locations.length === 1 ? 'location' : 'locations'} ${locations.join(', ')}`;
  const parts = [
    lastSeenAt === null ? 'never here yet' : `last here ${formatMoment(lastSeenAt, timeZone)}`,
    person.role === 'auditor' ? null : tills,
    hasPin ? `has a PIN, number ${person.number} at the till` : 'no PIN yet',
    expiresAt === null || isExpired ? null : `until ${formatDay(expiresAt, timeZone)}`,
  ];
  const text = parts.filter((part) => part !== null).join(' · ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function PersonButtons({ person, isOwn }: { person: PersonRow; isOwn: boolean }) {
  const changing = useFetcher<ActionResult>();
  const question = useQuestion(changing.data, settles);
  const [confirming, setConfirming] = useState<'remove' | 'clear-pin' | null>(null);
  const name = personLabel(person);
  return (
    <>
      <ResultBanner result={settled(changing.data)} />
      <ButtonGroup>
        <Button onClick={question.open} accessibilityLabel={`Change ${name}`}>
          Change
        </Button>
        {person.hasPin && !isOwn ? (
          <Button onClick={() => setConfirming('clear-pin')} accessibilityLabel={`Take away the PIN of ${name}`}>
            Take away the PIN
          </Button>
        ) : null}
        {isOwn ? null : (
          <Button tone="critical" onClick={() => setConfirming('remove')} accessibilityLabel={`Remove ${name}`}>
            Remove
          </Button>
        )}
      </ButtonGroup>
      {question.isOpen ? <PersonQuestion person={person} fetcher={changing} onClose={question.close} /> : null}
      {confirming === null ? null : (
        <PinConfirmation
          key={confirming}
          {...confirmations[confirming]}
          fields={{ intent: confirming, staffId: person.staffId }}
          onClose={() => setConfirming(null)}
        />
      )}
    </>
  );
}

const confirmations = {
  remove: {
    title: 'Remove this person?',
    action: 'Remove',
    words:
      'If Shopify still lets them open the app, they come back with the default role. To keep them away, lock them out.',
  },
  'clear-pin': {
    title: 'Take away this PIN?',
    action: 'Take away',
    words: 'They choose a new one on this page. Until then they can approve and export nothing.',
  },
} as const;
