import { Link, useLocation } from '@remix-run/react';
import { forwardRef } from 'react';
import type { HTMLProps } from 'react';

import { keepEmbedded } from '#app/components/admin/embedded-url.ts';

/** As Polaris names them. */
type Target = '_blank' | '_self' | '_parent' | '_top';

type Props = Omit<HTMLProps<HTMLAnchorElement>, 'ref' | 'target'> & {
  target?: Target;
  url: string;
  external?: boolean;
  monochrome?: boolean;
};

const ownPage = /^\/app(\/|\?|$)/;

/** Makes every link of Polaris one of ours: pages of the app change without a reload and keep what Shopify told us. */
export const EmbeddedLink = forwardRef<HTMLAnchorElement, Props>(function EmbeddedLink(
  { url, external = false, monochrome: _onlyForPolaris, children, ...rest },
  ref,
) {
  const { search } = useLocation();
  if (ownPage.test(url) && !external && rest.download === undefined)
    return (
      <Link {...rest} to={keepEmbedded(url, search)} ref={ref}>
        {children}
      </Link>
    );
  return (
    <a {...rest} href={url} ref={ref} {...(external ? { target: '_blank', rel: 'noopener noreferrer' } : {})}>
      {children}
    </a>
  );
});
