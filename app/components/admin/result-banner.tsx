import { Banner } from '@shopify/polaris';
import { useEffect, useState } from 'react';

import { showToast } from '#app/components/admin/app-bridge.ts';

/** What an action answers a form with. `title` says what happened or what to do. */
export type ActionResult = {
  tone: 'success' | 'critical' | 'warning';
  title: string;
  details?: string[];
  /** Said in passing only: the page itself shows it. */
  isQuiet?: boolean;
  /** Problems of single fields, by path. */
  problems?: Record<string, string>;
};

/** Shows the outcome of the last form, until it is dismissed or another outcome takes its place. */
export function ResultBanner({ result }: { result: ActionResult | null | undefined }) {
  const [dismissed, setDismissed] = useState<ActionResult | null>(null);
  useEffect(() => {
    if (result?.tone === 'success') showToast(result.title);
  }, [result]);
  if (!result || result.isQuiet || dismissed === result) return null;
  return (
    <Banner tone={result.tone} title={result.title} onDismiss={() => setDismissed(result)}>
      {result.details?.map((detail) => (
        <p key={detail}>{detail}</p>
      ))}
    </Banner>
  );
}
