import type { ReactNode } from 'react';

import { ShopperPage } from '#app/components/shopper/shopper-page.tsx';

type Props = { title: string; text: string; children?: ReactNode };

/** A whole page that says one thing, and what to do next. */
export function MessagePage({ title, text, children }: Props) {
  return (
    <ShopperPage>
      <div className="panel message">
        <svg className="message-mark" viewBox="0 0 44 44" aria-hidden="true">
          <circle cx="22" cy="22" r="19" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray="6 5" />
        </svg>
        <h1>{title}</h1>
        <p>{text}</p>
        {children}
      </div>
    </ShopperPage>
  );
}
