/**
 * What Shopify's admin puts into the address of an embedded page and a reload needs again; and which of the shop's programs
 * the merchant looks at.
 */
const embeddedParameters = ['shop', 'host', 'embedded', 'locale', 'program'] as const;

/** Adds the embedded parameters of the current address to a path of the app; the path's own parameters win. */
export function keepEmbedded(path: string, currentSearch: string): string {
  const [withoutHash = '', hash] = path.split('#', 2);
  const [pathname = '', query] = withoutHash.split('?', 2);
  const current = new URLSearchParams(currentSearch);
  const target = new URLSearchParams(query);
  for (const name of embeddedParameters) {
    const value = current.get(name);
    if (value !== null && !target.has(name)) target.set(name, value);
  }
  const search = target.toString();
  return `${pathname}${search === '' ? '' : `?${search}`}${hash === undefined ? '' : `#${hash}`}`;
}
