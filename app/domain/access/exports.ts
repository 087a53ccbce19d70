/** Files that leave the admin: which there are, what is said of who took one, and how long a link to one is good. */

import type { Permission } from '#app/domain/access/permissions.ts';

export const exportKinds = [
  'audit',
  'liability',
  'staff',
  'consents',
  'retention',
  'evidence',
  'incident',
  'case',
] as const;
export type ExportKind = (typeof exportKinds)[number];

/** What somebody must be allowed, besides exporting at all, for each kind: when they ask, and still when they follow the link. */
export const exportNeeds: Readonly<Record<ExportKind, readonly Permission[]>> = {
  audit: ['audit:read'],
  liability: ['reports:read'],
  staff: ['staff:read'],
  consents: ['privacy:read'],
  retention: ['privacy:read'],
  evidence: ['trust:read'],
  incident: ['incidents:read'],
  case: ['privacy:read', 'members:unmask'],
};

/** The browser follows a link at once; what is left lying about is soon worth nothing. */
export const exportLinkMs = 5 * 60_000;
export const exportReason = { lengthMin: 5, lengthMax: 200 } as const;

/** One file that somebody may fetch once. `fields` say which, as their form did; a PIN is never among them. */
export type ExportOffer = {
  exportId: string;
  kind: ExportKind;
  fields: Record<string, string>;
  /** 'staff:<Shopify user id>' */
  actor: string;
  reason: string;
  /** ISO 8601. */
  expiresAt: string;
};

/** What stands at the end of an exported table: who took it, when and why. A file that is found tells where it came from. */
export function exportMark({ exportId, actor, reason }: ExportOffer, takenAt: Date): string[] {
  return ['Exported', takenAt.toISOString(), actor, reason, exportId];
}

/** How the audit log calls an export. */
export const exportObject = (exportId: string): string => `export:${exportId}`;
