/** Who may do what: one table, deny by default. A role has exactly the permissions that stand beside it here. */

export const roles = ['owner', 'manager', 'marketer', 'support', 'viewer', 'auditor'] as const;
export type Role = (typeof roles)[number];

export const permissions = [
  'home:read',
  'setup:write',
  'members:read',
  'members:unmask',
  'members:write',
  'ledger:adjust',
  'program:read',
  'program:write',
  'program:publish',
  'card:read',
  'card:write',
  'card:publish',
  'campaigns:read',
  'campaigns:write',
  'campaigns:send',
  'reports:read',
  'exports:create',
  'privacy:read',
  'privacy:write',
  'audit:read',
  'staff:read',
  'staff:write',
  'keys:read',
  'keys:write',
  'incidents:read',
  'incidents:write',
  'security:read',
  'security:write',
  'trust:read',
  'trust:write',
] as const;
export type Permission = (typeof permissions)[number];

const readings = permissions.filter((permission) => permission.endsWith(':read'));

/** What a manager leaves to the owner: who may come in, which keys exist, and what the shop promises in public. */
const ownersAlone: readonly Permission[] = ['staff:write', 'keys:write', 'security:write', 'trust:write'];

const granted: Record<Role, ReadonlySet<Permission>> = {
  owner: new Set(permissions),
  manager: new Set(permissions.filter((permission) => !ownersAlone.includes(permission))),
  marketer: new Set<Permission>([
    'home:read',
    'members:read',
    'program:read',
    'program:write',
    'card:read',
    'card:write',
    'card:publish',
    'campaigns:read',
    'campaigns:write',
    'campaigns:send',
    'reports:read',
  ]),
  support: new Set<Permission>([
    'home:read',
    'members:read',
    'members:unmask',
    'members:write',
    'ledger:adjust',
    'program:read',
    'card:read',
    'campaigns:read',
    'privacy:read',
    'privacy:write',
    'incidents:read',
  ]),
  viewer: new Set<Permission>([
    'home:read',
    'members:read',
    'program:read',
    'card:read',
    'campaigns:read',
    'reports:read',
  ]),
  // Reads everything, changes nothing; names and addresses stay masked for an auditor.
  auditor: new Set<Permission>([...readings, 'exports:create']),
};

/** Whether a role may do this. What is no role of ours may do nothing. */
export function allows(role: Role, permission: Permission): boolean {
  return Object.hasOwn(granted, role) && granted[role].has(permission);
}
