import { BlockStack, Card, InlineStack, ProgressBar, Text } from '@shopify/polaris';

import { formatCount } from '#app/components/admin/format.ts';
import { GuardedButton } from '#app/components/admin/may.tsx';
import type { SimulationState } from '#app/components/admin/simulation/simulation-shapes.ts';

type Props = { simulation: SimulationState; isBusy: boolean; onCancel: () => void };

/** How far it is. It goes on when the page is left, and is found again when it is opened. */
export function SimulationProgress({ simulation, isBusy, onCancel }: Props) {
  const { ordersFound, ordersDone } = simulation;
  const share = ordersFound === null || ordersFound === 0 ? 0 : (ordersDone / ordersFound) * 100;
  const text =
    ordersFound === null
      ? 'Looking for the orders…'
      : `${formatCount(ordersDone)} of ${formatCount(ordersFound)} orders counted`;
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center">
          <span role="status">
            <Text as="span" id="simulation-progress">
              {text}
            </Text>
          </span>
          <GuardedButton needs="program:write" disabled={isBusy} onClick={onCancel}>
            Cancel
          </GuardedButton>
        </InlineStack>
        <ProgressBar size="small" tone="primary" progress={share} ariaLabelledBy="simulation-progress" />
        <Text as="p" tone="subdued">
          You may leave this page: it goes on, and you find it here again.
        </Text>
      </BlockStack>
    </Card>
  );
}
