import type { ReactNode } from 'react';

import shopperStyles from '#app/components/shopper/shopper.css?url';

/** The frame of every page a shopper sees. It brings its own styles, so that error pages look right too. */
export function ShopperPage({ children }: { children: ReactNode }) {
  return (
    <>
      <link rel="stylesheet" href={shopperStyles} />
      <main className="shopper">{children}</main>
    </>
  );
}
