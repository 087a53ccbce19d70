/** The few things the admin asks of App Bridge. Outside Shopify's admin, and in tests, any of them may be missing. */

type PickedProduct = { id: string; title: string };
type PickerOptions = { type: 'product'; multiple: number; action: 'select'; selectionIds: { id: string }[] };

type AppBridge = {
  toast?: { show(message: string, options?: { duration?: number; isError?: boolean }): unknown };
  resourcePicker?(options: PickerOptions): Promise<PickedProduct[] | undefined>;
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

/** Whether Shopify's own product picker can be opened here. */
export function canPickProducts(): boolean {
  return typeof globalThis.window?.shopify?.resourcePicker === 'function';
}

/** Opens the picker; the numeric ids chosen, or null when it was closed without a choice. */
export async function pickProducts(chosenIds: string[], productsMax: number): Promise<string[] | null> {
  const picked = await globalThis.window.shopify?.resourcePicker?.({
    type: 'product',
    multiple: productsMax,
    action: 'select',
    selectionIds: chosenIds.map((id) => ({ id: `gid://shopify/Product/${id}` })),
  });
  return picked ? picked.map((product) => product.id.split('/').at(-1) ?? '') : null;
}
