/** What the page of API clients is given. */
import type { ActionResult } from '#app/components/admin/result-banner.tsx';

export type ClientRow = {
  clientId: string;
  name: string;
  keyPrefix: string | null;
  scopes: string[];
  /** Null: every program. */
  programIds: string[] | null;
  networks: string[];
  requestsPerSecond: number | null;
  isPairwise: boolean;
  createdAt: string;
  secretSince: string;
  lastUsedAt: string | null;
  expiresAt: string | null;
  isExpired: boolean;
  isRevoked: boolean;
  revokedReason: string | null;
  /** Until when the secret before is good as well. */
  previousUntil: string | null;
  usage: { requests: number; refused: number; limited: number; failed: number; bytesOut: number };
};

export type ProgramChoice = { programId: string; name: string };

export type ApiClientsViewProps = {
  clients: ClientRow[];
  programs: ProgramChoice[];
  scopes: readonly string[];
  timeZone: string;
  mayWrite: boolean;
};

/** An answer that may carry a new secret: the only time anybody sees it. */
export type ClientResult = ActionResult & { shown?: { clientId: string; secret: string } };

const scopeWords: Record<string, string> = {
  'members:read': 'See members, without names or addresses',
  'members:write': 'Enrol members, freeze and replace cards',
  'members:pii': 'See names, e-mail addresses and phone numbers',
  'ledger:read': 'See balances and entries',
  'ledger:write': 'Book adjustments and stamps',
  'rewards:read': 'See rewards',
  'redemptions:write': 'Redeem rewards',
  'orders:read': 'See its own orders',
  'orders:write': 'Submit orders',
  'events:write': 'Report events',
  'passes:read': 'See passes',
  'passes:secret': 'See what a phone proves a pass with',
  'privacy:read': 'See requests of members about their data',
  'privacy:write': 'Correct, export and erase members’ data',
  'programs:read': 'See programs',
  'programs:write': 'Change and publish programs',
};

/** A permission in the words of a shop owner. */
export const scopeInWords = (scope: string): string => scopeWords[scope] ?? scope;
