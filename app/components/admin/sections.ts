/** The pages of the admin, in sections: what Shopify's sidebar shows, and what stands side by side at the top of a page. */
import { allows, type Permission, type Role } from '#app/domain/access/permissions.ts';

type AdminPage = { url: string; title: string; needs: Permission };
type Section = { title: string; pages: readonly AdminPage[] };

const sections: readonly Section[] = [
  { title: 'Program', pages: [{ url: '/app/program', title: 'Program', needs: 'program:read' }] },
  {
    title: 'Card',
    pages: [
      { url: '/app/card', title: 'Design', needs: 'card:read' },
      { url: '/app/freshness', title: 'Freshness', needs: 'home:read' },
      { url: '/app/certificates', title: 'Certificates', needs: 'keys:read' },
    ],
  },
  { title: 'Members', pages: [{ url: '/app/members', title: 'Members', needs: 'members:read' }] },
  { title: 'Campaigns', pages: [{ url: '/app/campaigns', title: 'Campaigns', needs: 'campaigns:read' }] },
  { title: 'Liability', pages: [{ url: '/app/liability', title: 'Liability', needs: 'reports:read' }] },
  {
    title: 'Privacy',
    pages: [
      { url: '/app/privacy', title: 'Requests', needs: 'privacy:read' },
      { url: '/app/consents', title: 'Consents', needs: 'privacy:read' },
      { url: '/app/retention', title: 'Retention', needs: 'privacy:read' },
      { url: '/app/trust', title: 'Trust', needs: 'trust:read' },
    ],
  },
  {
    title: 'Security',
    pages: [
      { url: '/app/staff', title: 'Staff', needs: 'home:read' },
      { url: '/app/audit', title: 'Audit', needs: 'audit:read' },
      { url: '/app/incidents', title: 'Incidents', needs: 'incidents:read' },
      { url: '/app/security', title: 'Detectors', needs: 'security:read' },
      { url: '/app/keys', title: 'Keys', needs: 'keys:read' },
      { url: '/app/keys/clients', title: 'API clients', needs: 'keys:read' },
      { url: '/app/support', title: 'Support access', needs: 'security:read' },
    ],
  },
];

/** What it takes to change something, by where the address of a page begins. Pages to look at only have no line. */
const changes: readonly (readonly [string, Permission])[] = [
  ['/app/program', 'program:write'],
  ['/app/card', 'card:write'],
  ['/app/freshness', 'members:write'],
  ['/app/certificates', 'keys:write'],
  ['/app/members/', 'members:write'],
  ['/app/campaigns', 'campaigns:write'],
  ['/app/privacy', 'privacy:write'],
  ['/app/consents', 'privacy:write'],
  ['/app/retention', 'privacy:write'],
  ['/app/trust', 'trust:write'],
  ['/app/incidents', 'incidents:write'],
  ['/app/security', 'incidents:write'],
  ['/app/keys', 'keys:write'],
  ['/app/support', 'security:write'],
];

/** The permission without which a page can only be looked at; null where there is nothing to change. */
export function changesAt(path: string): Permission | null {
  return changes.find(([start]) => path.startsWith(start))?.[1] ?? null;
}

export type ShownSection = { title: string; pages: AdminPage[] };

/** The sections with the pages a role may open; sections without any are left out. */
export function sectionsFor(role: Role | null): ShownSection[] {
  return sections
    .map(({ title, pages }) => ({ title, pages: pages.filter(({ needs }) => role !== null && allows(role, needs)) }))
    .filter(({ pages }) => pages.length > 0);
}

/** The section that a path stands in, and which of its pages it is; null outside of them. */
export function placeOf(shown: ShownSection[], path: string): { section: ShownSection; url: string } | null {
  for (const section of shown) {
    const page = section.pages.find(({ url }) => path === url);
    if (page !== undefined) return { section, url: page.url };
  }
  return null;
}
