import type { MetaFunction } from '@remix-run/node';

export const handle = { surface: 'bounce' };

export const meta: MetaFunction = () => [{ title: 'Stampwell' }];

/** Loads App Bridge and nothing else; it goes back to the page in `shopify-reload` with a fresh session token. */
export default function SessionTokenPage() {
  return (
    <main style={{ color: '#616161', font: '14px/1.5 system-ui, sans-serif', padding: '1rem 1.5rem' }}>
      <p>One moment, Shopify is confirming who you are…</p>
      <noscript>
        <p>Please turn on JavaScript: Shopify’s admin needs it.</p>
      </noscript>
    </main>
  );
}
