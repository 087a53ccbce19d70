/** The headers of every HTML document: who may frame it, what it may load, what leaves with a click. */
import { env } from '#app/lib/env.ts';

const shopPattern = /^[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com$/;
const shopifyFrames = ['https://admin.shopify.com'];

/** Adds the document headers. Embedded pages may be framed by Shopify's admin (and the shop named), others by nobody. */
export function documentHeaders(headers: Headers, page: { isEmbedded: boolean; shopDomain: string | null }): void {
  const platform = env().PLATFORM_URL;
  const shop = page.shopDomain !== null && shopPattern.test(page.shopDomain) ? [`https://${page.shopDomain}`] : [];
  const frames = [...shop, ...shopifyFrames, ...(platform === undefined ? [] : [new URL(platform).origin])];
  const bridge = platform === undefined ? 'https://cdn.shopify.com' : new URL(platform).origin;
  const nonce = headers.get('x-csp-nonce');
  const scripts = page.isEmbedded ? `'self' ${bridge} 'unsafe-inline'` : "'none'";
  headers.delete('x-csp-nonce');
  const policy = [
    "default-src 'self'",
    `script-src ${nonce === null ? scripts : scripts.replace("'unsafe-inline'", `'nonce-${nonce}'`)}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: https://cdn.shopify.com",
    "font-src 'self' https://cdn.shopify.com https://fonts.gstatic.com",
    `connect-src 'self'${page.isEmbedded ? ` ${bridge} https://*.shopify.com` : ''}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${page.isEmbedded ? frames.join(' ') : "'none'"}`,
  ];
  headers.set('Content-Security-Policy', policy.join('; '));
  headers.set('Referrer-Policy', headers.get('Referrer-Policy') ?? 'strict-origin-when-cross-origin');
  // What one person may see is nobody else's to find in a browser's drawer.
  headers.set('Cache-Control', headers.get('Cache-Control') ?? 'no-store');
}
