import { BlockStack, List, Text } from '@shopify/polaris';

import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { describeProgram } from '#app/domain/programs/program-sentences.ts';

/** A program in sentences: what earns, what it buys, how it ages. */
export function ProgramSummary({ document }: { document: ProgramDocument }) {
  const { earning, rewards, aging } = describeProgram(document);
  return (
    <BlockStack gap="400">
      <Sentences title="Earning" sentences={earning} />
      <Sentences title="Rewards" sentences={rewards.length === 0 ? ['There is no reward yet.'] : rewards} />
      <Sentences title="Expiry" sentences={[aging]} />
    </BlockStack>
  );
}

function Sentences({ title, sentences }: { title: string; sentences: string[] }) {
  return (
    <BlockStack gap="100">
      <Text as="h3" variant="headingSm">
        {title}
      </Text>
      <List>
        {sentences.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
    </BlockStack>
  );
}
