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
