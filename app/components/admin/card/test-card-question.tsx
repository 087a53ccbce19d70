import { BlockStack, Link, Modal, Spinner, Text } from '@shopify/polaris';

export type TestLink = { url: string; /** The address as a QR code, as SVG. */ code: string };

type Props = { link: TestLink | null; problem: string | undefined; onClose: () => void };

/** The draft on the merchant's own phone: a real card of nobody, which counts nowhere. */
export function TestCardQuestion({ link, problem, onClose }: Props) {
  return (
    <Modal
      open
      onClose={onClose}
      title="Try it on your phone"
      secondaryActions={[{ content: 'Close', onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="300" inlineAlign="center">
          {problem === undefined ? null : (
            <Text as="p" tone="critical">
              {problem}
            </Text>
          )}
          {link === null && problem === undefined ? <Spinner accessibilityLabel="Making the link" /> : null}
          {link === null ? null : (
            <>
              <div
                className="test-code"
                role="img"
                aria-label="QR code of the test card"
                dangerouslySetInnerHTML={{ __html: link.code }}
              />
              <Link url={link.url} external>
                Open the test card
              </Link>
            </>
          )}
          <Text as="p" tone="subdued" alignment="center">
            Scan it with the camera. The card shows this draft and a sample member; it collects nothing and no till
            takes it. The link works for an hour. Delete the card from the phone when you are done.
          </Text>
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}
