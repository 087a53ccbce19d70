import { Banner, BlockStack, Modal, Text } from '@shopify/polaris';
import { useState } from 'react';

import { ChoiceCards } from '#app/components/admin/choice-cards.tsx';
import { Changes } from '#app/components/admin/program/publish-question.tsx';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { designChanges } from '#app/domain/cards/design-changes.ts';

const paces = [
  { value: 'staged', title: 'Step by step', text: 'A tenth of the cards first, then half, then all. It stops by itself when a card cannot be made.' },
  { value: 'at-once', title: 'All at once', text: 'Every card is redrawn within the next minutes. It still stops by itself when a card cannot be made.' },
] as const; // prettier-ignore

type Pace = (typeof paces)[number]['value'];

type Props = {
  isBusy: boolean;
  /** Why the last attempt failed. */
  problem: string | undefined;
  design: CardDesign;
  /** What is on the cards; null before the first design. */
  live: CardDesign | null;
  onClose: () => void;
  onPublish: (isStaged: boolean) => void;
};

/** What would change, and how fast. */
export function PublishCardQuestion({ isBusy, problem, design, live, onClose, onPublish }: Props) {
  const [pace, setPace] = useState<Pace>('staged');
  return (
    <Modal
      open
      onClose={onClose}
      title="Publish this design?"
      primaryAction={{ content: 'Publish', onAction: () => onPublish(pace === 'staged'), loading: isBusy }}
      secondaryActions={[{ content: 'Not yet', onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="400">
          {problem === undefined ? null : (
            <Banner tone="critical" title="It was not published">
              <p>{problem}</p>
            </Banner>
          )}
          <Text as="p">
            Before any card changes, the design is tried in every language on a new, a used, a full and a void card.
          </Text>
          {live === null ? null : (
            <>
              <Changes changes={designChanges(live, design)} />
              <ChoiceCards legend="How fast" name="pace" choices={paces} value={pace} onChange={setPace} />
            </>
          )}
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}
