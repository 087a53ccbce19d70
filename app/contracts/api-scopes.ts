/** What an API client may be allowed to do. */
export const apiScopes = [
  'members:read',
  'members:write',
  /** Names and addresses; without it a member is ids and figures only. */
  'members:pii',
  'ledger:read',
  'ledger:write',
  'rewards:read',
  'redemptions:write',
  'orders:read',
  'orders:write',
  'events:write',
  'passes:read',
  /** The token with which a device proves that it holds a pass. */
  'passes:secret',
  'programs:read',
  'programs:write',
  /** What people ask about their own data: copies of it, corrections, erasure. */
  'privacy:read',
  'privacy:write',
] as const;

export type ApiScope = (typeof apiScopes)[number];
