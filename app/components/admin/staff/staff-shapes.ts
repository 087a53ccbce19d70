import type { Role } from '#app/domain/access/permissions.ts';

export type PersonRow = {
  staffId: string;
  userId: string;
  name: string | null;
  role: Role;
  number: number;
  locations: string[] | null;
  hasPin: boolean;
  /** From when on a forgotten PIN may be replaced without knowing it. */
  pinResetAt: Date | null;
  isPinForgotten: boolean;
  isLocked: boolean;
  isExpired: boolean;
  expiresAt: Date | null;
  lastSeenAt: Date | null;
};

export type ReviewRow = { reviewId: string; people: number; note: string | null; signedBy: string; signedAt: Date };

export type SettingsRow = {
  defaultRole: 'manager' | 'marketer' | 'support' | 'viewer';
  isTillOpen: boolean;
  tillCostMax: number | null;
  apiCostMax: number | null;
};

export type StaffViewProps = {
  people: PersonRow[];
  /** Null for those who may not read the list. */
  settings: SettingsRow | null;
  reviews: ReviewRow[];
  isReviewDue: boolean;
  /** The person at the screen. */
  ownId: string;
  mayWrite: boolean;
  timeZone: string;
};

/** Roles with what they may do, in the order they are offered. */
export const roleChoices: readonly { value: Role; label: string; about: string }[] = [
  { value: 'viewer', label: 'Viewer', about: 'Looks at program, card, campaigns and reports. Names stay masked.' },
  { value: 'support', label: 'Support', about: 'Helps members: cards, balances, requests about data.' },
  { value: 'marketer', label: 'Marketer', about: 'Designs cards, drafts the program, sends campaigns.' },
  { value: 'manager', label: 'Manager', about: 'Everything but people, keys, security and trust settings.' },
  { value: 'owner', label: 'Owner', about: 'Everything, and lets others in.' },
  { value: 'auditor', label: 'Auditor', about: 'Reads everything, changes nothing, until a day you choose.' },
];

/** What a role is called. */
export function roleLabel(role: Role): string {
  return roleChoices.find(({ value }) => value === role)?.label ?? role;
}

/** What a person is called here: by the name the owner gave, or their Shopify number. */
export function personLabel({ name, userId }: Pick<PersonRow, 'name' | 'userId'>): string {
  return name ?? `Shopify user ${userId}`;
}
