import { useBeforeUnload, useBlocker } from '@remix-run/react';
import { Modal, Text } from '@shopify/polaris';
import { useCallback } from 'react';

type Props = { isChanged: boolean; /** What becomes of the changes. */ text: string };

/** Asks before unsaved changes are left behind: on our own links with words, on a reload with the browser's. */
export function LeaveGuard({ isChanged, text }: Props) {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => isChanged && currentLocation.pathname !== nextLocation.pathname,
  );
  useBeforeUnload(
    useCallback(
      (event: BeforeUnloadEvent) => {
        if (isChanged) event.preventDefault();
      },
      [isChanged],
    ),
  );
  if (blocker.state !== 'blocked') return null;
  return (
    <Modal
      open
      onClose={() => blocker.reset()}
      title="Leave without saving?"
      primaryAction={{ content: 'Stay here', onAction: () => blocker.reset() }}
      secondaryActions={[{ content: 'Leave', destructive: true, onAction: () => blocker.proceed() }]}
    >
      <Modal.Section>
        <Text as="p">{text}</Text>
      </Modal.Section>
    </Modal>
  );
}
