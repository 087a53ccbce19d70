/**
 * The pages of a shop as its theme draws them: a product and the cart, with the blocks of our theme extension, and the proxy
 * through which they reach the app. One shop, and one cart for everybody who looks.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

import { signedQuery } from '#test/platform/app-proxy.ts';
import { call, readBody, sendJson, sendText } from '#test/platform/http.ts';
import type { PlatformPart } from '#test/platform/platform-server.ts';
import type { Shopify } from '#test/platform/shopify.ts';
import type { Product } from '#test/platform/shopify-shops.ts';
import { drawThemeBlock, readThemeAsset } from '#test/platform/theme-block.ts';

export type StorefrontOptions = { shopify: Shopify; appUrl: string; domain: string };

const proxyPrefix = '/apps/stampwell/';
const html = 'text/html; charset=utf-8';
const languages = ['en', 'de', 'fr', 'es', 'nl'];

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const style = `
  :root { color-scheme: light }
  body { margin: 0; background: #fff; color: #1f2421; font: 16px/1.6 system-ui, sans-serif }
  header { display: flex; align-items: center; gap: 12px; padding: 10px 20px; background: #1f2421; color: #fff; font-size: 14px }
  header span { color: #b5bab7 }
  header a { color: #8fe0cd; margin-inline-start: auto }
  main { max-width: 40rem; margin: 40px auto; padding: 0 20px }
  h1 { font-size: 32px; line-height: 1.2; letter-spacing: -0.02em; margin: 0 0 8px }
  form { display: flex; flex-wrap: wrap; align-items: end; gap: 12px; margin: 20px 0 }
  label { display: grid; gap: 4px; font-size: 14px; color: #5f6661 }
  input { font: inherit; width: 88px; padding: 9px 12px; border: 1px solid #8a8f8c; border-radius: 10px }
  button { font: inherit; font-weight: 600; padding: 10px 20px; border: 0; border-radius: 10px; background: #1f2421; color: #fff; cursor: pointer }
  a { color: #0f6b5c }
  :focus-visible { outline: 2px solid #0f6b5c; outline-offset: 2px }
  .stampwell-estimate:not(:empty) { padding: 12px 16px; border-radius: 12px; background: #e4f1ed; color: #0b4a40 }
`;

type ShownPage = { title: string; main: string; language: string; shopName: string };

function pageOf({ title, main, language, shopName }: ShownPage): string {
  return `<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escape(title)}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/estimate.css" />
    <style>${style}</style>
  </head>
  <body>
    <header><b>${escape(shopName)}</b><span>Storefront · local stand-in</span><a href="/">← Console</a></header>
    <main>
      <h1>${escape(title)}</h1>
      ${main}
    </main>
    <script src="/estimate.js" defer></script>
  </body>
</html>
`;
}

/** Makes the part of the platform server that has a shop's own pages. `?customer=` says who is logged in. */
export function createStorefront({ shopify, appUrl, domain }: StorefrontOptions): PlatformPart {
  const shop = shopify.shop(domain);
  let lines: { product: Product; quantity: number }[] = [];
  const money = (minor: number) =>
    new Intl.NumberFormat('en', { style: 'currency', currency: shop.currency }).format(minor / 100);

  const productOf = (id: string | number | null) => shop.products.find(({ productId }) => productId === Number(id));

  async function block(product: Product | null, language: string): Promise<string> {
    return drawThemeBlock({ product, locale: language, currency: shop.currency, taxesIncluded: false });
  }

  async function productPage(product: Product, language: string): Promise<string> {
    const main = `<p>${money(product.priceMinor)}</p>
      <form action="/cart/add" method="post">
        <input type="hidden" name="id" value="${product.variantId}" />
        <label>Quantity <input type="number" name="quantity" value="1" min="1" max="99" /></label>
        <button>Add to cart</button>
      </form>
      ${await block(product, language)}
      <p><a href="/shop/${domain}/cart">Cart</a></p>`;
    return pageOf({ title: product.title, main, language, shopName: shop.name });
  }

  async function cartPage(language: string): Promise<string> {
    const rows = lines.map(({ product, quantity }) => `<li>${quantity} × ${escape(product.title)}</li>`).join('');
    const links = shop.products.map(
      ({ productId, title }) => `<li><a href="/shop/${domain}/products/${productId}">${escape(title)}</a></li>`,
    );
    const main = `<ul>${rows}</ul>${await block(null, language)}<h2>Products</h2><ul>${links.join('')}</ul>`;
    return pageOf({ title: 'Cart', main, language, shopName: shop.name });
  }

  /** The cart as Shopify's storefront tells it to scripts: amounts in hundredths. */
  function cartBody(): object {
    return {
      currency: shop.currency,
      cart_level_discount_applications: [],
      items: lines.map(({ product, quantity }) => ({
        product_id: product.productId,
        variant_id: product.variantId,
        vendor: null,
        quantity,
        gift_card: product.isGiftCard,
        final_line_price: product.priceMinor * quantity,
      })),
    };
  }

  async function addToCart(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fields = new URLSearchParams((await readBody(request)).toString('utf8'));
    const product = shop.products.find(({ variantId }) => variantId === Number(fields.get('id')));
    if (product === undefined) return sendText(response, 404, 'text/plain', 'Not found\n');
    lines = [...lines, { product, quantity: Math.max(1, Number(fields.get('quantity') ?? 1)) }];
    response.writeHead(303, { location: `/shop/${domain}/cart` }).end();
  }

  /** Forwards to the app as Shopify does, with who asks and a signature. */
  async function forward(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const asker = URL.parse(request.headers.referer ?? '')?.searchParams.get('customer') ?? null;
    const query = signedQuery({
      shopDomain: domain,
      customerId: asker,
      secret: shopify.app.apiSecret,
      query: Object.fromEntries(url.searchParams),
    });
    const answer = await call({
      url: `${appUrl}/proxy/v1/${url.pathname.slice(proxyPrefix.length)}?${query}`,
      method: request.method ?? 'GET',
      headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
      body: await readBody(request),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? 'application/json' });
    response.end(answer.body);
  }

  async function show(response: ServerResponse, url: URL): Promise<boolean> {
    const wanted = url.searchParams.get('locale') ?? 'en';
    const language = languages.includes(wanted) ? wanted : 'en';
    const product = productOf(/^\/shop\/[^/]+\/products\/(\d+)$/.exec(url.pathname)?.[1] ?? null);
    if (url.pathname === '/cart.js') sendJson(response, 200, cartBody());
    else if (url.pathname === '/estimate.js')
      sendText(response, 200, 'text/javascript; charset=utf-8', await readThemeAsset('estimate.js'));
    else if (url.pathname === '/estimate.css')
      sendText(response, 200, 'text/css; charset=utf-8', await readThemeAsset('estimate.css'));
    else if (!url.pathname.startsWith(`/shop/${domain}/`)) return false;
    else if (product !== undefined) sendText(response, 200, html, await productPage(product, language));
    else if (url.pathname === `/shop/${domain}/cart`) sendText(response, 200, html, await cartPage(language));
    else return false;
    return true;
  }

  return async (request, response, url) => {
    if (url.pathname.startsWith(proxyPrefix)) await forward(request, response, url);
    else if (request.method === 'POST' && url.pathname === '/cart/add') await addToCart(request, response);
    else if (request.method === 'GET') return show(response, url);
    else return false;
    return true;
  };
}
