import { BlockStack, List, Text } from '@shopify/polaris';

import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { describeProgram } from '#app/domain/programs/program-sentences.ts';

/** A program in sentences: what earns, what it buys, how it ages. */
export function ProgramSummary({ document, currency }: { document: ProgramDocument; currency: string }) {
  return (
    <BlockStack gap="400">
      {describeProgram(document, currency).map(({ title, sentences }) => (
        <BlockStack gap="100" key={title}>
          <Text as="h3" variant="headingSm">
            {title}
          </Text>
          <List>
            {sentences.map(({ id, text }) => (
              <List.Item key={id}>{text}</List.Item>
            ))}
          </List>
        </BlockStack>
      ))}
      {document.rewards.length === 0 ? <Text as="p">There is no reward yet.</Text> : null}
    </BlockStack>
  );
}
