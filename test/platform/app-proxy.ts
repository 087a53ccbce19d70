/** Shopify's proxy of a shop's own origin: adds who asks, and signs the query. */
import { createHmac } from 'node:crypto';

export type Proxied = {
  shopDomain: string;
  /** Null for a guest. */
  customerId: string | null;
  secret: string;
  /** What the page itself put into the address. */
  query?: Record<string, string>;
  timestampS?: number;
};

/** The query as Shopify forwards it. Written from its description alone, apart from what checks it. */
export function signedQuery({ shopDomain, customerId, secret, query = {}, timestampS }: Proxied): string {
  const fields: Record<string, string> = {
    ...query,
    shop: shopDomain,
    logged_in_customer_id: customerId ?? '',
    path_prefix: '/apps/stampwell',
    timestamp: String(timestampS ?? Math.floor(Date.now() / 1000)),
  };
  const text = Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join('');
  const signature = createHmac('sha256', secret).update(text).digest('hex');
  return new URLSearchParams({ ...fields, signature }).toString();
}
