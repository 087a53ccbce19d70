import { AppProvider } from '@shopify/polaris';
import english from '@shopify/polaris/locales/en.json';
import { useLocation, useNavigate, useNavigation } from '@remix-run/react';
import { useEffect } from 'react';
import type { ReactNode } from 'react';

import { EmbeddedLink } from '#app/components/admin/embedded-link.tsx';
import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import { LookOnlyNote, RoleContext } from '#app/components/admin/may.tsx';
import { SectionBar } from '#app/components/admin/section-bar.tsx';
import { changesAt, placeOf, sectionsFor } from '#app/components/admin/sections.ts';
import type { Role } from '#app/domain/access/permissions.ts';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'ui-nav-menu': { children: ReactNode };
    }
  }
}

/** Polaris, the menu that App Bridge shows in Shopify's sidebar, and the bar that says a page is on its way. */
export function AdminFrame({ role, children }: { role: Role | null; children: ReactNode }) {
  const { pathname, search } = useLocation();
  useBridgeNavigation(search);
  const sections = sectionsFor(role);
  const place = placeOf(sections, pathname);
  return (
    <AppProvider i18n={english} linkComponent={EmbeddedLink}>
      <ui-nav-menu>
        <a href={keepEmbedded('/app', search)} rel="home">
          Home
        </a>
        {sections.map(({ title, pages: [first] }) => (
          <a key={title} href={keepEmbedded(first?.url ?? '/app', search)}>
            {title}
          </a>
        ))}
      </ui-nav-menu>
      <ProgressBar />
      {place === null ? null : <SectionBar {...place} />}
      <RoleContext.Provider value={role}>
        <LookOnlyNote needs={changesAt(pathname)} />
        {children}
      </RoleContext.Provider>
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
