/**
 * Draws the blocks of our theme extension as a theme would: just as much of Liquid as they use, and an error for anything
 * else, so that a block cannot come to rely on what the stand-in does not know.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

const theme = path.join(import.meta.dirname, '..', '..', 'extensions', 'theme-loyalty');

export type BlockProduct = { productId: number; variantId: number; priceMinor: number; isGiftCard: boolean };

export type BlockPlace = {
  /** Null in the cart. */
  product: BlockProduct | null;
  locale: string;
  currency: string;
  taxesIncluded: boolean;
};

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll("'", '&#39;');

/** What the theme's Liquid hands to the block, by the very expressions it is asked with. */
function valuesOf({ product, locale, currency }: BlockPlace, texts: Record<string, string>): Record<string, string> {
  const say = (name: string) => escape((texts[name] ?? '').replace('{{ estimate }}', '%s'));
  return {
    kind: product === null ? 'cart' : 'product',
    'request.locale.iso_code': locale,
    'cart.currency.iso_code': currency,
    "'estimate.earn' | t: estimate: '%s' | escape": say('earn'),
    "'estimate.join' | t: estimate: '%s' | escape": say('join'),
    "'estimate.up_to' | t: estimate: '%s' | escape": say('up_to'),
    'product.id': String(product?.productId),
    'product.vendor | escape': '',
    'product.selected_or_first_available_variant.id': String(product?.variantId),
    // Themes have amounts in hundredths; so have the currencies of the stand-in's shops.
    'product.selected_or_first_available_variant.price': String(product?.priceMinor),
    'variant.id': String(product?.variantId),
    'variant.price': String(product?.priceMinor),
    'block.shopify_attributes': '',
  };
}

function render(
  liquid: string,
  { values, truths }: { values: Record<string, string>; truths: Record<string, boolean> },
) {
  // Innermost first; a shop of the stand-in has one variant of each product, so that the last one is also the only one.
  const condition = /\{%-? if ([\w.?]+) -?%\}((?:(?!\{%-? if)[\s\S])*?)\{%-? endif -?%\}/;
  let text = liquid
    .replace(/\{%-? comment -?%\}[\s\S]*?\{%-? endcomment -?%\}/g, '')
    .replace(/\{%-? unless forloop\.last -?%\}[\s\S]*?\{%-? endunless -?%\}/g, '')
    .replace(/\{%-? (?:for variant in product\.variants|endfor) -?%\}/g, '');
  for (let found = condition.exec(text); found !== null; found = condition.exec(text)) {
    const [whole, name = '', inside = ''] = found;
    const isTrue = truths[name];
    if (isTrue === undefined) throw new Error(`The theme knows no ${name}`);
    text = text.replace(whole, () => (isTrue ? inside : ''));
  }
  text = text.replace(/\{\{-?\s*(.+?)\s*-?\}\}/g, (_, expression: string) => {
    const value = values[expression];
    if (value === undefined) throw new Error(`The theme knows no ${expression}`);
    return value;
  });
  if (/\{[%{]/.test(text)) throw new Error(`The theme cannot draw ${text}`);
  return text;
}

/** A block of the theme as the page has it. */
export async function drawThemeBlock(place: BlockPlace): Promise<string> {
  const liquid = await readFile(path.join(theme, 'snippets', 'stampwell-estimate.liquid'), 'utf8');
  const file = place.locale === 'en' ? 'en.default' : place.locale;
  const locale: { estimate: Record<string, string> } = JSON.parse(
    await readFile(path.join(theme, 'locales', `${file}.json`), 'utf8'),
  );
  const truths = {
    product: place.product !== null,
    'cart.taxes_included': place.taxesIncluded,
    'product.gift_card?': place.product?.isGiftCard ?? false,
  };
  return render(liquid, { values: valuesOf(place, locale.estimate), truths });
}

/** The script and the style that every block loads. */
export function readThemeAsset(name: 'estimate.js' | 'estimate.css'): Promise<Buffer> {
  return readFile(path.join(theme, 'assets', name));
}
