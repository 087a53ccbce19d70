import type { CaseRow } from '#app/components/admin/privacy/case-words.ts';
import type { MemberRow } from '#app/components/admin/member/members-view.tsx';

export type EntryPart = { label: string; line: string; eligible: string | null; notes: string[]; amount: number };

export type EntryRow = {
  entryId: string;
  kind: 'accrual' | 'redemption' | 'reversal' | 'expiration' | 'adjustment';
  unit: string;
  amount: number;
  /** What happened, as a sentence. */
  title: string;
  parts: EntryPart[];
  /** For an order: what it had given before, and what it should give by then. */
  balance: { before: number; target: number } | null;
  reason: string | null;
  actor: string;
  occurredAt: Date;
};

export type PassRow = {
  serial: string;
  wallet: string;
  state: string;
  version: number;
  announcedVersion: number | null;
  seenVersion: number | null;
  seenAt: Date | null;
  devices: number;
};

export type MemberPrivacy = { restrictedAt: Date | null; objectedAt: Date | null; cases: CaseRow[] };

export type ConsentRow = { purpose: string; channel: string; granted: boolean; at: Date; source: string };

export type UnitRow = {
  unit: string;
  kind: 'point' | 'stamp';
  label: string;
  balance: number;
  available: number;
  pending: number;
  held: number;
  collected: number;
  card: { needed: number; cards: number; onCard: number } | null;
};

export type TierRow = {
  name: string | null;
  since: Date | null;
  heldUntil: Date | null;
  progress: number;
  next: { name: string; missing: number } | null;
  qualifiesBy: { kind: 'unit'; unit: string } | { kind: 'spend' } | { kind: 'orders' };
  level: { from: number; to: number | null };
};

export type RewardRow = {
  rewardId: string;
  name: string;
  unit: string;
  cost: number;
  isAvailable: boolean;
  reason: 'not-enough' | 'limit' | 'stock' | 'tier' | 'not-now' | 'channel' | 'frozen' | 'paused' | 'challenge' | null;
  timesReady: number;
};

export type ReferralRow = {
  referralId: string;
  role: 'brought' | 'was-brought';
  otherId: string;
  state: 'waiting' | 'paid' | 'reversed' | 'refused';
  refusal: string | null;
  dueAt: Date | null;
  createdAt: Date;
};

export type EventRow = {
  eventId: string;
  kind: string;
  name: string | null;
  occurredAt: Date;
  isRevoked: boolean;
  booked: Record<string, number>;
};

export type MemberDetail = {
  member: Omit<MemberRow, 'balances'>;
  balances: MemberRow['balances'];
  standing: {
    units: UnitRow[];
    tier: TierRow | null;
    rewards: RewardRow[];
    referrals: ReferralRow[];
    events: EventRow[];
  };
  entries: EntryRow[];
  entriesNextCursor: string | null;
  card: { frozenBy: 'member' | 'staff' | null; generation: number; url: string | null };
  passes: PassRow[];
  consents: ConsentRow[];
  privacy: MemberPrivacy;
};
