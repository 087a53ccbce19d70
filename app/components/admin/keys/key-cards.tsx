import type { useFetcher } from '@remix-run/react';
import { Badge, BlockStack, Card, InlineStack, ProgressBar, Select, Text } from '@shopify/polaris';
import { type ReactNode, useState } from 'react';

import { formatActor, formatCount, formatDay } from '#app/components/admin/format.ts';
import type { KeyLine, RotationShown } from '#app/components/admin/keys/key-shapes.ts';
import { ReplaceQuestion } from '#app/components/admin/keys/replace-question.tsx';
import { keyDueAt } from '#app/domain/security/key-ages.ts';
import type { ActionResult } from '#app/components/admin/result-banner.tsx';

type Props = {
  keys: KeyLine[];
  timeZone: string;
  mayWrite: boolean;
  fetcher: ReturnType<typeof useFetcher<ActionResult>>;
};

type CardProps = { title: string; what: string; current: KeyLine | undefined; timeZone: string; children: ReactNode };

function KeyCard({ title, what, current, timeZone, children }: CardProps) {
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h2" variant="headingMd">
            {title}
          </Text>
          {current === undefined ? null : <Badge tone="success">{`Version ${current.version}`}</Badge>}
        </InlineStack>
        <Text as="p">{what}</Text>
        <Text as="p" tone="subdued">
          {current === undefined
            ? 'The keys of this shop were destroyed.'
            : `In use since ${formatDay(current.createdAt, timeZone)}, made by ${formatActor(current.createdBy)}. Replaced by itself on ${formatDay(keyDueAt(new Date(current.createdAt)), timeZone)}.`}
        </Text>
        {children}
      </BlockStack>
    </Card>
  );
}

const stateWords: Record<RotationShown['state'], string> = {
  announced: 'The new key is made. It is used as soon as every part of the system knows it.',
  sealing: 'Everything is being encrypted again under the new key.',
  settling: 'Everything is encrypted again. The old key is destroyed in a few minutes.',
  done: 'The last replacement is complete: the old key is destroyed.',
};

/** How far a replacement is. It takes the same room while it runs and after. */
function RotationProgress({ rotation }: { rotation: RotationShown }) {
  const { state, rowsDone, rowsTotal } = rotation;
  const isOver = state === 'done' || state === 'settling';
  const percent = isOver ? 100 : rowsTotal === 0 ? 0 : Math.min(99, Math.round((rowsDone / rowsTotal) * 100));
  return (
    <BlockStack gap="150">
      <ProgressBar progress={percent} size="small" ariaLabelledBy="rotation-words" animated={false} />
      <div id="rotation-words" aria-live="polite">
        <Text as="p">
          {stateWords[state]}
          {state === 'sealing'
            ? ` ${formatCount(rowsDone)} of ${formatCount(Math.max(rowsTotal, rowsDone))} records.`
            : ''}
        </Text>
      </div>
    </BlockStack>
  );
}

/** The key under which everything of the shop is encrypted, and the way to replace it. */
export function DataKeyCard({
  keys,
  rotation,
  timeZone,
  mayWrite,
  fetcher,
}: Props & { rotation: RotationShown | null }) {
  const current = keys.find(({ purpose, state }) => purpose === 'data' && state === 'current');
  const isRunning = rotation !== null && rotation.state !== 'done';
  return (
    <KeyCard
      title="Data key"
      what="Names, addresses, tokens and certificates of this shop are encrypted under this key, which no other shop has."
      current={current}
      timeZone={timeZone}
    >
      {rotation === null ? null : <RotationProgress rotation={rotation} />}
      {mayWrite ? (
        <InlineStack>
          <ReplaceQuestion
            intent="rotate-data"
            title="Replace the data key"
            explanation="A new key is made and everything is encrypted again under it while the shop goes on working. Then the old key is destroyed: copies made before cannot be read with it any more. Cards and links stay as they are."
            fetcher={fetcher}
            isDisabled={isRunning || current === undefined}
          />
        </InlineStack>
      ) : null}
    </KeyCard>
  );
}

const overlaps = [
  { value: '30', label: 'For 30 days' },
  { value: '7', label: 'For a week' },
  { value: '90', label: 'For 90 days' },
  { value: '0', label: 'Not at all: they may have leaked' },
];

/** The key that signs links, and the way to replace it. */
export function LinkKeyCard({ keys, timeZone, mayWrite, fetcher }: Props) {
  const [overlapDays, setOverlapDays] = useState('30');
  const current = keys.find(({ purpose, state }) => purpose === 'links' && state === 'current');
  const retiring = keys.filter(({ purpose, state }) => purpose === 'links' && state === 'retiring');
  return (
    <KeyCard
      title="Link key"
      what="Links to cards and to preferences are signed with this key, so that nobody can make one up."
      current={current}
      timeZone={timeZone}
    >
      {retiring.map(({ version, validUntil }) => (
        <Text as="p" key={version}>
          {validUntil === null
            ? `Links of version ${version} still open.`
            : `Links of version ${version} open until ${formatDay(validUntil, timeZone)}.`}
        </Text>
      ))}
      {mayWrite ? (
        <InlineStack>
          <ReplaceQuestion
            intent="rotate-links"
            title="Replace the link key"
            explanation="Every card in a wallet gets new links by itself. Links in e-mails that were sent before go on working for as long as you choose."
            fetcher={fetcher}
            isDisabled={current === undefined}
            fields={{ overlapDays }}
          >
            <Select
              label="Earlier links go on working"
              options={overlaps}
              value={overlapDays}
              onChange={setOverlapDays}
            />
          </ReplaceQuestion>
        </InlineStack>
      ) : null}
    </KeyCard>
  );
}
