/**
 * Requests that a shop's own pages make of us through Shopify's proxy. Shopify signs the query with the app's secret, and
 * names the shop and the shopper who is logged in; a page can name neither.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

import { env } from '#app/lib/env.ts';
import { Unauthenticated } from '#app/lib/errors.ts';

export type ProxyCaller = {
  shopDomain: string;
  /** The shopper who is logged in to the shop; null for guests. */
  customerId: string | null;
};

/** Shopify forwards at once; the rest is for clocks that differ. */
const ageMaxS = 300;
const signaturePattern = /^[0-9a-f]{64}$/;
const shopDomainPattern = /^[a-z0-9][a-z0-9-]{0,60}\.myshopify\.com$/;
const customerPattern = /^\d{1,20}$/;
/** What Shopify adds. A page that sends one of its own must not be believed. */
const signedNames = ['shop', 'logged_in_customer_id', 'timestamp', 'signature'];

function refusal(reason: string): Unauthenticated {
  return new Unauthenticated('proxy-signature-invalid', `A proxied request was refused: ${reason}`);
}

/** What Shopify signs: every other parameter by name, several values of one joined, with nothing in between. */
function proxyMessage(query: URLSearchParams): string {
  const names = [...new Set(query.keys())].filter((name) => name !== 'signature').toSorted();
  return names.map((name) => `${name}=${query.getAll(name).join(',')}`).join('');
}

function isSigned(query: URLSearchParams, signature: string): boolean {
  const given = Buffer.from(signature, 'hex');
  const message = proxyMessage(query);
  // Every secret is tried, so that a rotation refuses nobody.
  return env()
    .SHOPIFY_API_SECRET.map((secret) => createHmac('sha256', secret).update(message).digest())
    .some((expected) => timingSafeEqual(expected, given));
}

/** Who a proxied request comes from. Throws `Unauthenticated` unless Shopify signed exactly this query just now. */
export function verifyProxyRequest(query: URLSearchParams): ProxyCaller {
  if (signedNames.some((name) => query.getAll(name).length > 1)) throw refusal('a signed parameter is repeated');
  const signature = query.get('signature') ?? '';
  if (!signaturePattern.test(signature) || !isSigned(query, signature)) throw refusal('signature');
  const ageS = Math.abs(Date.now() / 1000 - Number(query.get('timestamp') ?? Number.NaN));
  if (!(ageS <= ageMaxS)) throw refusal('timestamp');
  const shopDomain = query.get('shop') ?? '';
  if (!shopDomainPattern.test(shopDomain)) throw refusal('shop');
  const customerId = query.get('logged_in_customer_id') ?? '';
  return { shopDomain, customerId: customerPattern.test(customerId) ? customerId : null };
}
