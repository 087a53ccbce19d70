/**
 * What is watched for, and what may be done about it. Each shop chooses per detector: whether it looks, how soon it speaks
 * up, what it does, and whether it does it or only says what it would have done.
 */
/** What a detector may do beside opening an incident and alerting. `escalate` does nothing more. */
export const playbookActions = ['escalate', 'throttle', 'revoke', 'pause', 'challenge'] as const;
export type PlaybookAction = (typeof playbookActions)[number];

export const severities = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof severities)[number];

export const detectorIds = [
  'redemption-spike',
  'many-networks',
  'mass-missing',
  'self-stamping',
  'refund-farming',
  'referral-ring',
  'canary-member',
  'canary-key',
  'foreign-network',
  'leaked-key',
  'geo-velocity',
  'unusual-use',
] as const;
export type DetectorId = (typeof detectorIds)[number];

export type Detector = {
  title: string;
  /** What it counts, for people; `#` is the threshold. */
  counts: string;
  severity: Severity;
  /** The window it counts in. */
  windowMinutes: number;
  threshold: { default: number; min: number; max: number };
  /** The first is the default. */
  actions: readonly PlaybookAction[];
  /** Whether it acts unless the shop says otherwise. Where honest people could be hit, it only speaks up. */
  actsByDefault: boolean;
};

const day = 24 * 60;

export const detectors: Record<DetectorId, Detector> = {
  'redemption-spike': {
    title: 'Redemption spike',
    counts: '# rewards or more within 10 minutes, and at least 10 times as many as usual',
    severity: 'high',
    windowMinutes: 10,
    threshold: { default: 30, min: 5, max: 100_000 },
    actions: ['pause', 'escalate'],
    actsByDefault: false,
  },
  'many-networks': {
    title: 'One card, many networks',
    counts: 'one member’s card page is opened from # networks or more in a day',
    severity: 'medium',
    windowMinutes: day,
    threshold: { default: 8, min: 3, max: 200 },
    actions: ['challenge', 'escalate'],
    actsByDefault: false,
  },
  'mass-missing': {
    title: 'Guessing',
    counts: '# or more things that do not exist are asked for within 10 minutes, by one key or one person',
    severity: 'high',
    windowMinutes: 10,
    threshold: { default: 50, min: 10, max: 10_000 },
    actions: ['throttle', 'revoke', 'escalate'],
    actsByDefault: false,
  },
  'self-stamping': {
    title: 'Staff stamping one card',
    counts: 'one person gives to the same card by hand # times or more within 7 days',
    severity: 'medium',
    windowMinutes: 7 * day,
    threshold: { default: 8, min: 3, max: 500 },
    actions: ['pause', 'escalate'],
    actsByDefault: false,
  },
  'refund-farming': {
    title: 'Refund farming',
    counts: 'one member redeems and has # orders or more refunded within 30 days',
    severity: 'medium',
    windowMinutes: 30 * day,
    threshold: { default: 4, min: 2, max: 100 },
    actions: ['challenge', 'escalate'],
    actsByDefault: false,
  },
  'referral-ring': {
    title: 'Referral ring',
    counts: '# members or more bring each other within 7 days',
    severity: 'medium',
    windowMinutes: 7 * day,
    threshold: { default: 8, min: 3, max: 1_000 },
    actions: ['challenge', 'escalate'],
    actsByDefault: false,
  },
  'canary-member': {
    title: 'Canary member read',
    counts: 'a member that nobody knows of is read, be it once',
    severity: 'critical',
    windowMinutes: day,
    threshold: { default: 1, min: 1, max: 1 },
    actions: ['revoke', 'escalate'],
    actsByDefault: true,
  },
  'canary-key': {
    title: 'Canary key used',
    counts: 'a key that nobody should have is tried, be it once',
    severity: 'critical',
    windowMinutes: day,
    threshold: { default: 1, min: 1, max: 1 },
    actions: ['revoke', 'escalate'],
    actsByDefault: true,
  },
  'foreign-network': {
    title: 'Key used from elsewhere',
    counts: 'a key is used from outside the networks it was given, be it once',
    severity: 'high',
    windowMinutes: day,
    threshold: { default: 1, min: 1, max: 1 },
    actions: ['escalate', 'throttle', 'revoke'],
    actsByDefault: true,
  },
  'leaked-key': {
    title: 'Secret found in public',
    counts: 'the secret of a key is found in public and handed in, which ends it',
    severity: 'critical',
    windowMinutes: day,
    threshold: { default: 1, min: 1, max: 1 },
    actions: ['escalate'],
    actsByDefault: true,
  },
  'geo-velocity': {
    title: 'One card in two places',
    counts: 'a card is used in two shops that are further apart than # km an hour allow',
    severity: 'medium',
    windowMinutes: 2 * 60,
    threshold: { default: 300, min: 100, max: 2_000 },
    actions: ['challenge', 'escalate'],
    actsByDefault: true,
  },
  'unusual-use': {
    title: 'Key used much more than usual',
    counts:
      'in a day a key asks # times as often, or takes # times as much away, as on an average day of the two weeks before',
    severity: 'high',
    windowMinutes: day,
    threshold: { default: 10, min: 3, max: 1_000 },
    actions: ['throttle', 'revoke', 'escalate'],
    actsByDefault: false,
  },
};

export type DetectorChoice = {
  isOn: boolean;
  mode: 'act' | 'dry-run';
  action: PlaybookAction;
  threshold: number;
};

/** What a shop chose; detectors it says nothing about stand at their defaults. */
export type SecuritySettings = { detectors: Partial<Record<DetectorId, DetectorChoice>> };

/** How a detector stands for a shop: its choice within bounds, or the default. */
export function choiceOf(settings: SecuritySettings, id: DetectorId): DetectorChoice {
  const { actions, threshold, actsByDefault } = detectors[id];
  const chosen = settings.detectors[id];
  const action = actions.find((one) => one === chosen?.action) ?? actions[0] ?? 'escalate';
  if (chosen === undefined)
    return { isOn: true, mode: actsByDefault ? 'act' : 'dry-run', action, threshold: threshold.default };
  return { ...chosen, action, threshold: Math.min(threshold.max, Math.max(threshold.min, chosen.threshold)) };
}

/** Nothing chosen yet. */
export const plainSettings: SecuritySettings = { detectors: {} };

/** Whether a name is a detector's. */
export function isDetectorId(name: string): name is DetectorId {
  return Object.hasOwn(detectors, name);
}
