import { AppProvider } from '@shopify/polaris';
import english from '@shopify/polaris/locales/en.json';
import { useLocation, useNavigate, useNavigation } from '@remix-run/react';
import { useEffect } from 'react';
import type { ReactNode } from 'react';

import { EmbeddedLink } from '#app/components/admin/embedded-link.tsx';
import { keepEmbedded } from '#app/components/admin/embedded-url.ts';
import { allows, type Permission, type Role } from '#app/domain/access/permissions.ts';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'ui-nav-menu': { children: ReactNode };
    }
  }
}

/** The pages in Shopify's sidebar; each is shown to those alone who may open it. */
const pages: readonly { url: string; title: string; needs: Permission }[] = [
  { url: '/app/program', title: 'Program', needs: 'program:read' },
  { url: '/app/card', title: 'Card', needs: 'card:read' },
  { url: '/app/members', title: 'Members', needs: 'members:read' },
  { url: '/app/campaigns', title: 'Campaigns', needs: 'campaigns:read' },
  { url: '/app/liability', title: 'Liability', needs: 'reports:read' },
  { url: '/app/freshness', title: 'Freshness', needs: 'home:read' },
  { url: '/app/certificates', title: 'Certificates', needs: 'keys:read' },
  { url: '/app/keys', title: 'Keys', needs: 'keys:read' },
  { url: '/app/keys/clients', title: 'API clients', needs: 'keys:read' },
  { url: '/app/privacy', title: 'Privacy', needs: 'privacy:read' },
  { url: '/app/consents', title: 'Consents', needs: 'privacy:read' },
  { url: '/app/trust', title: 'Trust', needs: 'trust:read' },
  { url: '/app/retention', title: 'Retention', needs: 'privacy:read' },
  { url: '/app/audit', title: 'Audit', needs: 'audit:read' },
  { url: '/app/staff', title: 'Staff', needs: 'home:read' },
  { url: '/app/security', title: 'Security', needs: 'security:read' },
  { url: '/app/incidents', title: 'Incidents', needs: 'incidents:read' },
  { url: '/app/support', title: 'Support access', needs: 'security:read' },
];

/** Polaris, the menu that App Bridge shows in Shopify's sidebar, and the bar that says a page is on its way. */
export function AdminFrame({ role, children }: { role: Role | null; children: ReactNode }) {
  const { search } = useLocation();
  useBridgeNavigation(search);
  return (
    <AppProvider i18n={english} linkComponent={EmbeddedLink}>
      <ui-nav-menu>
        <a href={keepEmbedded('/app', search)} rel="home">
          Home
        </a>
        {pages
          .filter(({ needs }) => role !== null && allows(role, needs))
          .map(({ url, title }) => (
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
