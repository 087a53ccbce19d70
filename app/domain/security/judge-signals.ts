/** Figures in, findings out: whether what was counted is more than should be. */
import { choiceOf, type DetectorId, detectors, type SecuritySettings } from '#app/domain/security/detectors.ts';
import { type ReferralEdge, referralGroups } from '#app/domain/security/referral-groups.ts';

export type Counted = { subject: string; total: number; largest: number; times: number; lastAt: Date };

/** What is known of a shop, as far as its detectors need it. */
export type Figures = {
  redemptions: { inWindow: number; inDay: number; lastAt: Date | null };
  networks: Counted[];
  missing: Counted[];
  /** Subjects are 'staff:<id>/member:<id>'. */
  handGiven: Counted[];
  /** Subjects are 'canary-member:<id>/<actor>' and 'canary-key:<id>'. */
  canaries: Counted[];
  /** Subjects are 'api:<client>'. */
  foreignNetworks: Counted[];
  leakedKeys: Counted[];
  uses: ClientUse[];
  /** Members with refunded orders who also redeemed. */
  refunds: { memberId: string; orders: number; lastAt: Date }[];
  referrals: ReferralEdge[];
};

/** What a client asked for today, and on an average one of its `usualDays` days of use in the two weeks before. */
export type ClientUse = {
  clientId: string;
  day: Date;
  calls: number;
  bytesOut: number;
  usualDays: number;
  usualCalls: number;
  usualBytesOut: number;
};

export type Finding = {
  detector: DetectorId;
  /** Whom it is about; the same subject again is the same incident. */
  subject: string;
  figures: Record<string, number | string>;
  /** The newest of what was counted: nothing newer than a closed incident is nothing new. */
  lastAt: Date;
};

const spikeFactor = 10;
const windowsPerDay = 144;
/** Nobody honest is brought by somebody they brought. */
const circleMin = 3;

/** Everything that passes a threshold, in the order of the detectors. Same figures, same findings. */
export function judgeSignals(figures: Figures, settings: SecuritySettings): Finding[] {
  const on = (id: DetectorId, judge: (threshold: number) => Omit<Finding, 'detector'>[]): Finding[] => {
    const { isOn, threshold } = choiceOf(settings, id);
    return isOn ? judge(threshold).map((finding) => ({ detector: id, ...finding })) : [];
  };
  return [
    ...on('redemption-spike', (threshold) => judgeSpike(figures.redemptions, threshold)),
    ...on('many-networks', (threshold) =>
      figures.networks
        .filter(({ largest }) => largest >= threshold)
        .map(({ subject, largest, lastAt }) => ({ subject, figures: { networks: largest, threshold }, lastAt })),
    ),
    ...on('mass-missing', (threshold) =>
      figures.missing
        .filter(({ total }) => total >= threshold)
        .map(({ subject, total, lastAt }) => ({ subject, figures: { missing: total, threshold }, lastAt })),
    ),
    ...on('self-stamping', (threshold) => figures.handGiven.flatMap((given) => judgeHand(given, threshold))),
    ...on('refund-farming', (threshold) =>
      figures.refunds
        .filter(({ orders }) => orders >= threshold)
        .map(({ memberId, orders, lastAt }) => ({
          subject: `member:${memberId}`,
          figures: { orders, threshold },
          lastAt,
        })),
    ),
    ...on('referral-ring', (threshold) =>
      referralGroups(figures.referrals)
        .filter(({ size, isCircle }) => size >= threshold || (isCircle && size >= circleMin))
        .map(({ root, size, isCircle, lastAt }) => ({
          subject: `member:${root}`,
          figures: { members: size, threshold, shape: isCircle ? 'circle' : 'tree' },
          lastAt,
        })),
    ),
    ...on('canary-member', () => judgeCanaries(figures.canaries, 'canary-member:')),
    ...on('canary-key', () => judgeCanaries(figures.canaries, 'canary-key:')),
    ...on('foreign-network', () => judgeOnce(figures.foreignNetworks)),
    ...on('leaked-key', () => judgeOnce(figures.leakedKeys)),
    ...on('unusual-use', (threshold) => figures.uses.flatMap((use) => judgeUse(use, threshold))),
  ];
}

/** As many as in ten minutes of an ordinary day; what is in the window now does not make itself ordinary. */
function judgeSpike(
  { inWindow, inDay, lastAt }: Figures['redemptions'],
  threshold: number,
): Omit<Finding, 'detector'>[] {
  const usual = Math.ceil(Math.max(0, inDay - inWindow) / (windowsPerDay - 1));
  if (lastAt === null || inWindow < threshold || inWindow < usual * spikeFactor) return [];
  const minutes = detectors['redemption-spike'].windowMinutes;
  return [{ subject: 'shop', figures: { redemptions: inWindow, usual, threshold, minutes }, lastAt }];
}

function judgeHand({ subject, times, lastAt }: Counted, threshold: number): Omit<Finding, 'detector'>[] {
  const [staff = '', member = ''] = subject.split('/');
  return times < threshold ? [] : [{ subject: staff, figures: { times, member, threshold }, lastAt }];
}

/** Below these a day is nothing to speak of, however little is usual. */
export const notableUse = { calls: 500, bytesOut: 1_000_000 } as const;
/** A client that is new copies everything once: it has no habits yet. */
const habitDaysMin = 3;

/** Once it was looked into, the rest of the day is nothing new. */
function judgeUse(use: ClientUse, threshold: number): Omit<Finding, 'detector'>[] {
  const { clientId, day, calls, usualCalls, bytesOut, usualBytesOut, usualDays } = use;
  const isOften = calls >= Math.max(notableUse.calls, usualCalls * threshold);
  const isMuch = bytesOut >= Math.max(notableUse.bytesOut, usualBytesOut * threshold);
  if (usualDays < habitDaysMin || !(isOften || isMuch)) return [];
  const figures = { calls, usualCalls, bytes: bytesOut, usualBytes: usualBytesOut, threshold };
  return [{ subject: `api:${clientId}`, figures, lastAt: day }];
}

/** What must not happen once. */
function judgeOnce(counted: Counted[]): Omit<Finding, 'detector'>[] {
  return counted.map(({ subject, times, lastAt }) => ({ subject, figures: { times }, lastAt }));
}

/** A trap says by whom it was touched, where that is known: then they are whom the incident is about. */
function judgeCanaries(canaries: Counted[], prefix: string): Omit<Finding, 'detector'>[] {
  return canaries
    .filter(({ subject }) => subject.startsWith(prefix))
    .map(({ subject, times, lastAt }) => {
      const [trap = '', toucher] = subject.split('/');
      return { subject: toucher ?? trap, figures: { trap, times }, lastAt };
    });
}
