import { AppProvider } from '@shopify/polaris';
import english from '@shopify/polaris/locales/en.json';
import { useLocation, useNavigate, useNavigation } from '@remix-run/react';
import { useEffect } from 'react';
import type { ReactNode } from 'react';

import { EmbeddedLink } from '#app/components/admin/embedded-link.tsx';
import { keepEmbedded } from '#app/components/admin/embedded-url.ts';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'ui-nav-menu': { children: ReactNode };
    }
  }
}

const pages = [
  { url: '/app/program', title: 'Program' },
  { url: '/app/card', title: 'Card' },
  { url: '/app/members', title: 'Members' },
  { url: '/app/campaigns', title: 'Campaigns' },
  { url: '/app/liability', title: 'Liability' },
  { url: '/app/freshness', title: 'Freshness' },
  { url: '/app/certificates', title: 'Certificates' },
  { url: '/app/privacy', title: 'Privacy' },
];

/** Polaris, the menu that App Bridge shows in Shopify's sidebar, and the bar that says a page is on its way. */
export function AdminFrame({ children }: { children: ReactNode }) {
  const { search } = useLocation();
  useBridgeNavigation(search);
  return (
    <AppProvider i18n={english} linkComponent={EmbeddedLink}>
      <ui-nav-menu>
        <a href={keepEmbedded('/app', search)} rel="home">
          Home
        </a>
        {pages.map(({ url, title }) => (
          <a key={url} href={keepEmbedded(url, search)}>
            {title}
          </a>
        ))}
      </ui-nav-menu>
      <ProgressBar />
      {children}
    </AppProvider>
  );
}

/** App Bridge reports clicks in Shopify's sidebar as events; following them ourselves saves a reload of the frame. */
function useBridgeNavigation(search: string): void {
  const navigate = useNavigate();
  useEffect(() => {
    const follow = (event: Event) => {
      const href = event.target instanceof Element ? event.target.getAttribute('href') : null;
      if (href !== null) navigate(keepEmbedded(href, search));
    };
    document.addEventListener('shopify:navigate', follow);
    return () => document.removeEventListener('shopify:navigate', follow);
  }, [navigate, search]);
}

/** Takes no room, so nothing jumps when it comes and goes. */
function ProgressBar() {
  const { state } = useNavigation();
  return <div className={state === 'idle' ? 'progress' : 'progress progress-busy'} aria-hidden="true" />;
}
