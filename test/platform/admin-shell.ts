/** The stand-in Shopify admin: embeds the real app in a frame, hands it session tokens, shows its navigation. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { sendJson, sendText } from '#test/platform/http.ts';
import type { PlatformPart } from '#test/platform/platform-server.ts';
import { isShopDomain } from '#test/platform/shopify-shops.ts';
import type { Shopify } from '#test/platform/shopify.ts';

const pages = path.join(import.meta.dirname, 'pages');
const shellPattern = /^\/admin\/([^/]+?)(\/session-token)?$/;

/** Escapes a text for HTML and for attributes. */
function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** The address under which the admin opens the app for a shop, with a fresh token. */
export async function embeddedAppUrl(
  shopify: Shopify,
  appUrl: string,
  target: { domain: string; path: string },
): Promise<string> {
  const url = new URL(target.path, appUrl);
  const store = target.domain.replace('.myshopify.com', '');
  url.searchParams.set('embedded', '1');
  url.searchParams.set('shop', target.domain);
  url.searchParams.set('host', Buffer.from(`admin.shopify.com/store/${store}`).toString('base64url'));
  url.searchParams.set('locale', 'en');
  url.searchParams.set('id_token', await shopify.mintSessionToken(target.domain));
  return url.href;
}

/** Only paths of the app's own admin are framed; anything else opens its home. */
function safeAppPath(wanted: string | null): string {
  return wanted !== null && /^\/app(?:[/?#]|$)/.test(wanted) ? wanted : '/app';
}

/** The admin's part of the platform server: `/admin/<shop>`, its token endpoint, and `/app-bridge.js`. */
export function createAdminShell(options: { shopify: Shopify; appUrl: string }): PlatformPart {
  const { shopify, appUrl } = options;
  return async (request, response, url) => {
    if (url.pathname === '/app-bridge.js') {
      sendText(response, 200, 'text/javascript; charset=utf-8', await readFile(path.join(pages, 'app-bridge.js')));
      return true;
    }
    const [, domain = '', token] = shellPattern.exec(url.pathname) ?? [];
    if (!isShopDomain(domain)) return false;
    if (token !== undefined) {
      // A page opened outside the frame has no shell to ask, so any origin may; the tokens open nothing but a demo.
      response.setHeader('access-control-allow-origin', '*');
      sendJson(response, 200, { token: await shopify.mintSessionToken(domain) });
      return true;
    }
    if (request.method !== 'GET') return false;
    const frameUrl = await embeddedAppUrl(shopify, appUrl, { domain, path: safeAppPath(url.searchParams.get('path')) });
    const template = await readFile(path.join(pages, 'admin.html'), 'utf8');
    const values: Record<string, string> = {
      shopName: shopify.shop(domain).name,
      domain,
      frameUrl,
      appOrigin: new URL(appUrl).origin,
    };
    const page = template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => escapeHtml(values[name] ?? ''));
    sendText(response, 200, 'text/html; charset=utf-8', page);
    return true;
  };
}
