/** What the pages of security show. */
import type { DetectorChoice, DetectorId, PlaybookAction, Severity } from '#app/domain/security/detectors.ts';

export type ControlRow = {
  controlId: string;
  kind: string;
  subject: string;
  incidentId: string | null;
  reason: string;
  setBy: string;
  setAt: Date;
  until: Date | null;
};

export type DecisionRow = {
  decisionId: string;
  memberId: string;
  score: number;
  inputs: Record<string, number | string>;
  rules: { rule: string; weight: number; why: string }[];
  rulesVersion: string;
  decidedAt: Date;
  timesSeen: number;
  overriddenAt: Date | null;
  overriddenBy: string | null;
  overrideReason: string | null;
};

export type DetectorRow = {
  id: DetectorId;
  title: string;
  counts: string;
  severity: Severity;
  actions: readonly PlaybookAction[];
  threshold: { default: number; min: number; max: number };
  choice: DetectorChoice;
};

export type PlaceRow = { locationId: string; name: string; latitude: number; longitude: number };
export type CanaryRow = { subject: string; plantedBy: string; plantedAt: Date };

export type IncidentRow = {
  incidentId: string;
  title: string;
  detector: string;
  subject: string;
  severity: Severity;
  state: 'open' | 'acknowledged' | 'closed';
  findings: Record<string, number | string>;
  isDryRun: boolean;
  openedAt: Date;
  seenAt: Date;
  timesSeen: number;
  answerBy: Date;
  escalations: number;
  acknowledgedAt: Date | null;
  acknowledgedBy: string | null;
  breachAt: Date | null;
  authorityToldAt: Date | null;
  peopleToldAt: Date | null;
  closedAt: Date | null;
  closedBy: string | null;
  controlKind: 'detector' | 'test' | 'control' | null;
  controlText: string | null;
  isOverdue: boolean;
};

export type TimelineRow = {
  sequence: number;
  kind: string;
  actor: string;
  details: Record<string, unknown>;
  note: string | null;
  at: Date;
};

export type RadiusRow = {
  actor: string;
  from: Date;
  to: Date;
  members: { memberId: string; fields: string[]; reads: number; firstAt: Date; lastAt: Date }[];
  membersTotal: number;
  fields: string[];
  reads: number;
};

export type NoticeRow = { language: string; authority: string; people: string };
