import { Banner, BlockStack, Button, InlineStack, Text } from '@shopify/polaris';
import { useState } from 'react';

type Props = { clientId: string; secret: string };

/** The only time a secret is seen. It is gone with the next click, and cannot be had again. */
export function ShownSecret({ clientId, secret }: Props) {
  return (
    <Banner tone="warning" title="Copy the secret now: it is not shown again">
      <BlockStack gap="200">
        <Copied name="Client id" text={clientId} />
        <Copied name="Client secret" text={secret} />
        <Text as="p">
          Keep it where only the integration can read it. Should it ever leak, exchange it here: both work side by side
          for as long as you choose.
        </Text>
      </BlockStack>
    </Banner>
  );
}

function Copied({ name, text }: { name: string; text: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = () =>
    void navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <InlineStack gap="200" blockAlign="center">
      <Text as="span" fontWeight="semibold">
        {name}
      </Text>
      <code className="shown-secret">{text}</code>
      <Button onClick={copy} accessibilityLabel={`Copy the ${name.toLowerCase()}`}>
        {isCopied ? 'Copied' : 'Copy'}
      </Button>
    </InlineStack>
  );
}
