import type { ReactNode } from 'react';

import { ShopperPage } from '#app/components/shopper/shopper-page.tsx';

type Props = { title: string; text: string; children?: ReactNode };

/** A whole page that says one thing, and what to do next. */
export function MessagePage({ title, text, children }: Props) {
  return (
    <ShopperPage>
      <div className="panel message">
        <h1>{title}</h1>
        <p>{text}</p>
        {children}
      </div>
    </ShopperPage>
  );
}
