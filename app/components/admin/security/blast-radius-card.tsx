import { useLocation, useNavigate } from '@remix-run/react';
import { BlockStack, Button, Card, FormLayout, InlineStack, Link, Select, Text, TextField } from '@shopify/polaris';
import { useState } from 'react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import { formatCount, formatMember, formatMoment } from '#app/components/admin/format.ts';
import { PlainTable } from '#app/components/admin/plain-table.tsx';
import type { RadiusRow } from '#app/components/admin/security/shapes.ts';
import { subjectWords } from '#app/components/admin/security/words.ts';

const shownMax = 100;

type Props = { radius: RadiusRow | null; readers: { actor: string; reads: number }[]; timeZone: string };

/** What a key or a person was shown within a window: the members, and which of their data. */
export function BlastRadiusCard({ radius, readers, timeZone }: Props) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          What could have been seen
        </Text>
        {readers.length === 0 && radius === null ? (
          <Text as="p" tone="subdued">
            No key has read any member within the last 30 days.
          </Text>
        ) : (
          <RadiusForm readers={readers} radius={radius} />
        )}
        {radius === null ? null : <Radius radius={radius} timeZone={timeZone} />}
      </BlockStack>
    </Card>
  );
}

/** `2026-11-22T08:30`, in UTC, as the field of the browser wants it. */
const toField = (at: Date | string) => new Date(at).toISOString().slice(0, 16);

function RadiusForm({ readers, radius }: Pick<Props, 'readers' | 'radius'>) {
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const [actor, setActor] = useState(radius?.actor ?? readers[0]?.actor ?? '');
  const [from, setFrom] = useState(radius === null ? '' : toField(radius.from));
  const [to, setTo] = useState(radius === null ? '' : toField(radius.to));
  const ask = () => {
    const asked = new URLSearchParams({ reader: actor, from, to });
    navigate(keepEmbedded(`${pathname}?${asked.toString()}`, search));
  };
  const known = readers.map(({ actor: reader, reads }) => ({
    value: reader,
    label: `${subjectWords(reader)} (${formatCount(reads)} reads in 30 days)`,
  }));
  const isKnown = known.some(({ value }) => value === actor);
  return (
    <FormLayout>
      <Select
        label="Who read"
        options={isKnown ? known : [...known, { value: actor, label: subjectWords(actor) }]}
        value={actor}
        onChange={setActor}
      />
      <FormLayout.Group>
        <TextField label="From (UTC)" type="datetime-local" value={from} onChange={setFrom} autoComplete="off" />
        <TextField label="To (UTC)" type="datetime-local" value={to} onChange={setTo} autoComplete="off" />
      </FormLayout.Group>
      <InlineStack>
        <Button onClick={ask}>Show what was read</Button>
      </InlineStack>
    </FormLayout>
  );
}

function Radius({ radius, timeZone }: { radius: RadiusRow; timeZone: string }) {
  const { members, membersTotal, fields, reads } = radius;
  if (membersTotal === 0) return <Text as="p">Nothing: no member was read in this time.</Text>;
  return (
    <BlockStack gap="200">
      <Text as="p">
        {`${formatCount(membersTotal)} members in ${formatCount(reads)} reads. Data: ${fields.join(', ')}.`}
      </Text>
      <PlainTable
        title="Members that were read"
        head={['Member', 'Data', 'Reads', 'First', 'Last']}
        rows={members.slice(0, shownMax).map((member) => [
          <Link key={member.memberId} url={`/app/members/${member.memberId}`}>
            {formatMember(member.memberId)}
          </Link>,
          member.fields.join(', '),
          formatCount(member.reads),
          formatMoment(member.firstAt, timeZone),
          formatMoment(member.lastAt, timeZone),
        ])}
      />
      {membersTotal > shownMax ? <Text as="p" tone="subdued">{`The first ${shownMax} are shown.`}</Text> : null}
    </BlockStack>
  );
}
