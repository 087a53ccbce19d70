import { useSyncExternalStore } from 'react';

import { canPick } from '#app/components/admin/app-bridge.ts';

/** App Bridge is there before the app is, or not at all. */
const neverChanges = () => () => undefined;

/** Whether Shopify's picker can be opened; false while the server draws. */
export function useCanPick(): boolean {
  return useSyncExternalStore(neverChanges, canPick, () => false);
}
