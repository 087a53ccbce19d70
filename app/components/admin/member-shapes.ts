import type { MemberRow } from '#app/components/admin/members-view.tsx';

export type EntryRow = {
  id: string;
  kind: 'accrual' | 'redemption' | 'reversal' | 'expiration' | 'adjustment';
  unit: string;
  amount: number;
  source: string;
  orderId: string | null;
  orderNumber: string | null;
  reason: string | null;
  actor: string | null;
  occurredAt: Date;
  explanation: { label: string; lineId: string | null; eligible: string | null; amount: number }[];
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

export type ConsentRow = { purpose: string; channel: string; granted: boolean; at: Date; source: string };

export type MemberDetail = {
  member: Omit<MemberRow, 'balances'>;
  balances: MemberRow['balances'];
  entries: EntryRow[];
  entriesNextCursor: string | null;
  passes: PassRow[];
  consents: ConsentRow[];
};
