/** Words for what detectors and people do, the same on every page. */
import type { Severity } from '#app/domain/security/detectors.ts';

export const severityTones = {
  low: 'info',
  medium: 'attention',
  high: 'warning',
  critical: 'critical',
} as const satisfies Record<Severity, string>;

const controlWords: Record<string, string> = {
  'pause-redemptions': 'Rewards are paused',
  'pause-location': 'A till is paused',
  'pause-staff': 'A person at the till is stopped',
  'challenge-member': 'A member is looked at before a reward',
  'throttle-client': 'A key is slowed down',
  'revoke-key': 'A key is revoked',
  'drop-sessions': 'Our access to Shopify was dropped',
};

/** What is stopped, as a sentence. */
export function controlSentence(kind: string): string {
  return controlWords[kind] ?? kind;
}

/** Whom something is about: `Staff 42`, `Key swc_…`, `The whole shop`. */
export function subjectWords(subject: string): string {
  const kind = subject.slice(0, Math.max(0, subject.indexOf(':')));
  const id = subject.slice(kind.length + 1);
  if (subject === 'shop') return 'The whole shop';
  const kinds: Record<string, string> = {
    staff: 'Staff',
    api: 'Key',
    location: 'Till at location',
    'canary-key': 'Trap: key',
    'canary-member': 'Trap: member',
  };
  if (kind === 'member') return `Member ${id.slice(-8)}`;
  return `${kinds[kind] ?? kind} ${id}`;
}

const eventWords: Record<string, string> = {
  opened: 'Opened',
  'seen-again': 'Seen again',
  alerted: 'People were alerted',
  'alert-refused': 'An alert was refused',
  escalated: 'Nobody had taken it on: alerted again',
  acknowledge: 'Taken on',
  note: 'Note',
  contained: 'Stopped',
  'would-contain': 'Would have stopped (dry run)',
  lifted: 'Let go on',
  breach: 'Marked as a data breach',
  told: 'Told',
  close: 'Closed',
};

/** What happened, as a word or two. */
export function eventTitle(kind: string): string {
  return eventWords[kind] ?? kind;
}

/** Figures as text: `redemptions 50, usual 1`. */
export function figuresText(figures: Record<string, unknown>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}
