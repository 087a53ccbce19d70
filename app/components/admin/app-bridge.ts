/** The few things the admin asks of App Bridge. Outside Shopify's admin, and in tests, any of them may be missing. */

/** What Shopify's picker can pick. */
export type PickerKind = 'product' | 'variant' | 'collection';

type PickedResource = { id: string; title?: string; displayName?: string };
type PickerOptions = {
  type: PickerKind;
  multiple: number | boolean;
  action: 'select';
  selectionIds: { id: string }[];
};

type AppBridge = {
  toast?: { show(message: string, options?: { duration?: number; isError?: boolean }): unknown };
  resourcePicker?(options: PickerOptions): Promise<PickedResource[] | undefined>;
};

declare global {
  interface Window {
    shopify?: AppBridge;
  }
}

/** Says that something was done. The page shows it too, so nothing is lost where there is no toast. */
export function showToast(message: string): void {
  globalThis.window.shopify?.toast?.show(message, { duration: 4_000 });
}

/** Whether Shopify's own picker can be opened here. */
export function canPick(): boolean {
  return typeof globalThis.window?.shopify?.resourcePicker === 'function';
}

const resourceNames: Record<PickerKind, string> = {
  product: 'Product',
  variant: 'ProductVariant',
  collection: 'Collection',
};

export type PickAsked = { kind: PickerKind; chosenIds: string[]; countMax: number };

/** Opens the picker; what was chosen by numeric id, with its title, or null when it was closed without a choice. */
export async function pickResources({
  kind,
  chosenIds,
  countMax,
}: PickAsked): Promise<{ id: string; title: string }[] | null> {
  const picked = await globalThis.window.shopify?.resourcePicker?.({
    type: kind,
    multiple: countMax === 1 ? false : countMax,
    action: 'select',
    selectionIds: chosenIds.map((id) => ({ id: `gid://shopify/${resourceNames[kind]}/${id}` })),
  });
  return (
    picked?.map(({ id, title, displayName }) => {
      const number = id.split('/').at(-1) ?? '';
      return { id: number, title: displayName ?? title ?? number };
    }) ?? null
  );
}
