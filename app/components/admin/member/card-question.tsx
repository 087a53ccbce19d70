import { BlockStack, Modal, Text } from '@shopify/polaris';

export type CardChange = 'freeze' | 'unfreeze' | 'reissue';

type Props = {
  change: CardChange;
  isBusy: boolean;
  problem: string | undefined;
  onClose: () => void;
  onSend: () => void;
};

const words: Record<CardChange, { title: string; action: string; isDestructive: boolean; lines: string[] }> = {
  freeze: {
    title: 'Freeze this card?',
    action: 'Freeze card',
    isDestructive: true,
    lines: [
      'Nothing can be collected or redeemed by it at the till, and the phone shows it greyed out. The balance is kept.',
      'Only staff can unfreeze it.',
    ],
  },
  unfreeze: {
    title: 'Unfreeze this card?',
    action: 'Unfreeze card',
    isDestructive: false,
    lines: ['The card can be used again at once, with the balance it has.'],
  },
  reissue: {
    title: 'Replace this card?',
    action: 'Replace card',
    isDestructive: true,
    lines: [
      'The card on the phone becomes void, and its barcode and link open nothing any more. This cannot be undone.',
      'The balance is kept. The new link is mailed to a confirmed e-mail address, and shown here afterwards. A frozen card stays frozen.',
    ],
  },
};

/** Asks before a card is frozen, unfrozen or replaced. */
export function CardQuestion({ change, isBusy, problem, onClose, onSend }: Props) {
  const { title, action, isDestructive, lines } = words[change];
  return (
    <Modal
      open
      onClose={onClose}
      title={title}
      primaryAction={{ content: action, onAction: onSend, loading: isBusy, destructive: isDestructive }}
      secondaryActions={[{ content: 'Cancel', onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="200">
          {problem === undefined ? null : (
            <div role="alert">
              <Text as="p" tone="critical">
                {problem}
              </Text>
            </div>
          )}
          {lines.map((line) => (
            <Text as="p" key={line}>
              {line}
            </Text>
          ))}
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}
