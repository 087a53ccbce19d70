import type { MetaFunction } from '@remix-run/node';

export const handle = { surface: 'bounce' };

export const meta: MetaFunction = () => [{ title: 'Stampwell' }];

/** Loads App Bridge and nothing else; it goes back to the page in `shopify-reload` with a fresh session token. */
export default function SessionTokenPage() {
  return (
    <main>
      <p>One moment, Shopify is confirming who you are…</p>
      <noscript>
        <p>Please turn on JavaScript: Shopify’s admin needs it.</p>
      </noscript>
    </main>
  );
}
