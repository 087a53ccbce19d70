/**
 * Who a page is for. `admin` pages run inside Shopify's admin with App Bridge and Polaris; `bounce` pages only load
 * App Bridge; everything else is a shopper page, which carries no script at all.
 */
export type Surface = 'admin' | 'bounce' | 'shopper';

type Match = { handle?: unknown; data?: unknown };

/** The surface of the pages on screen; a page that does not say, or does not exist, is a shopper page. */
export function surfaceOf(matches: readonly Match[]): Surface {
  for (const { handle } of matches)
    if (typeof handle === 'object' && handle !== null && 'surface' in handle)
      if (handle.surface === 'admin' || handle.surface === 'bounce') return handle.surface;
  return 'shopper';
}

/** The language a loader chose for its page, or for the refusal that it threw instead. */
export function languageOf(matches: readonly Match[], refused: unknown): string {
  for (const { data } of [{ data: refused }, ...matches])
    if (typeof data === 'object' && data !== null && 'language' in data && typeof data.language === 'string')
      return data.language;
  return 'en';
}
