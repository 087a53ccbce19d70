/**
 * The job catalogue: what can be asked of the workers. A job says what to look at, never what is true; handlers read the
 * current state. There are no handlers here.
 */
import { z } from 'zod';

/** Lanes let a fleet scale pushes without delaying erasures. */
export const lanes = ['ingest', 'wallet', 'google', 'bulk', 'privacy', 'upkeep'] as const;
export type Lane = (typeof lanes)[number];

/** What is done for every shop at regular times. */
export const upkeepDuties = [
  'expire-lots',
  'give-birthdays',
  'settle-referrals',
  'warn-of-expiry',
  'release-reservations',
  'remind-devices',
  'verify-balances',
  'reconcile-orders',
  'purge',
  'refresh-session',
  'close-liability-months',
  'check-certificates',
  'tend-campaigns',
  'watch-cases',
  'tend-keys',
  'tend-incidents',
  'watch-habits',
  'announce-agreement',
  'sign-consents',
] as const;
export type UpkeepDuty = (typeof upkeepDuties)[number];

const shopId = z.uuid();

type JobSpec<Payload extends z.ZodObject> = {
  payload: Payload;
  lane: Lane;
  /** Where the job runs when its payload says `isBulk`, so that it takes no hand from those somebody waits for. */
  bulkLane?: Lane;
  /** Attempts with exponential backoff; 12 reach about three days. */
  attemptsMax: number;
  /** Jobs with the same key collapse into one while they wait. */
  key: ((payload: z.infer<Payload>) => string) | null;
  /** Jobs of one queue run one after the other. Rarely right: locks and state keep jobs apart already. */
  queue?: (payload: z.infer<Payload>) => string;
};

function job<Payload extends z.ZodObject>(spec: JobSpec<Payload>): JobSpec<Payload> {
  return spec;
}

/** `isBulk`: one of very many that change at once, such as a new design; it is never ahead of what one shopper waits for. */
const passPayload = z.object({ shopId, passId: z.uuid(), isBulk: z.boolean().default(false) });
const shopPayload = z.object({ shopId });

/** Bulk has keys of its own: else one job of it would replace the shopper's, and take its place at the end of the queue. */
function bulkMark(isBulk: boolean): string {
  return isBulk ? ':bulk' : '';
}

export const catalogue = {
  'regenerate-pass': job({
    payload: passPayload,
    lane: 'wallet',
    bulkLane: 'bulk',
    attemptsMax: 12,
    key: ({ passId, isBulk }) => `regenerate-pass:${passId}${bulkMark(isBulk)}`,
  }),
  'push-apple': job({
    payload: passPayload,
    lane: 'wallet',
    bulkLane: 'bulk',
    attemptsMax: 12,
    key: ({ passId, isBulk }) => `push-apple:${passId}${bulkMark(isBulk)}`,
  }),
  // Google takes twenty calls a second from all of us: its jobs wait for their turn in hands of their own.
  /** Passes of the shop whose devices are told in bulk. One runner per shop: they would only share one pace. */
  'push-waiting': job({
    payload: shopPayload,
    lane: 'bulk',
    attemptsMax: 12,
    key: (p) => `push-waiting:${p.shopId}`,
    queue: (p) => `push-waiting:${p.shopId}`,
  }),
  'remind-devices': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 3,
    key: (p) => `remind-devices:${p.shopId}`,
  }),
  'sync-google': job({
    payload: passPayload,
    lane: 'google',
    bulkLane: 'google',
    attemptsMax: 12,
    key: ({ passId, isBulk }) => `sync-google:${passId}${bulkMark(isBulk)}`,
  }),
  'sync-google-class': job({
    payload: z.object({ shopId, programId: z.uuid() }),
    lane: 'google',
    attemptsMax: 12,
    key: ({ programId }) => `sync-google-class:${programId}`,
  }),
  'touch-program-passes': job({
    payload: z.object({
      shopId,
      programId: z.uuid(),
      after: z.uuid().nullable(),
      /** Null: all cards of the program. */
      buckets: z.object({ designNumber: z.int(), from: z.int(), to: z.int() }).nullable().default(null),
    }),
    lane: 'bulk',
    attemptsMax: 12,
    key: ({ programId, after, buckets }) =>
      `touch-program-passes:${programId}:${after}${buckets === null ? '' : `:${buckets.designNumber}:${buckets.from}-${buckets.to}`}`,
  }),
  'advance-rollout': job({
    payload: z.object({ shopId, rolloutId: z.uuid(), percent: z.int() }),
    lane: 'bulk',
    attemptsMax: 12,
    key: ({ rolloutId }) => `advance-rollout:${rolloutId}`,
  }),
  'retry-passes': job({
    payload: z.object({ shopId, after: z.object({ staleSince: z.iso.datetime(), passId: z.uuid() }).nullable() }),
    lane: 'bulk',
    attemptsMax: 12,
    key: ({ shopId: shop, after }) => `retry-passes:${shop}:${after?.passId ?? ''}`,
  }),
  'run-campaign': job({
    payload: z.object({ shopId, campaignId: z.uuid() }),
    lane: 'bulk',
    attemptsMax: 12,
    key: ({ campaignId }) => `run-campaign:${campaignId}`,
  }),
  'withdraw-campaign': job({
    payload: z.object({ shopId, campaignId: z.uuid() }),
    lane: 'bulk',
    attemptsMax: 12,
    key: ({ campaignId }) => `withdraw-campaign:${campaignId}`,
  }),
  'simulate-program': job({
    payload: z.object({ shopId, simulationId: z.uuid() }),
    lane: 'bulk',
    attemptsMax: 12,
    key: ({ simulationId }) => `simulate-program:${simulationId}`,
  }),
  'refetch-order': job({
    payload: z.object({ shopId, orderId: z.string().regex(/^\d{1,20}$/) }),
    lane: 'ingest',
    attemptsMax: 12,
    key: ({ shopId: shop, orderId }) => `refetch-order:${shop}:${orderId}`,
  }),
  'fetch-order-facts': job({
    payload: z.object({ shopId, orderId: z.string().regex(/^\d{1,20}$/) }),
    lane: 'ingest',
    attemptsMax: 12,
    key: ({ shopId: shop, orderId }) => `fetch-order-facts:${shop}:${orderId}`,
  }),
  'release-discount': job({
    payload: z.object({ shopId, reservationId: z.uuid() }),
    lane: 'ingest',
    attemptsMax: 12,
    key: ({ reservationId }) => `release-discount:${reservationId}`,
  }),
  'give-benefit': job({
    payload: z.object({ shopId, reservationId: z.uuid() }),
    lane: 'ingest',
    attemptsMax: 20,
    key: ({ reservationId }) => `give-benefit:${reservationId}`,
  }),
  'withdraw-benefit': job({
    payload: z.object({ shopId, reservationId: z.uuid(), actor: z.string().max(200) }),
    lane: 'ingest',
    attemptsMax: 20,
    key: ({ reservationId }) => `withdraw-benefit:${reservationId}`,
  }),
  'process-case': job({
    payload: z.object({ shopId, caseId: z.uuid() }),
    lane: 'privacy',
    attemptsMax: 20,
    key: ({ caseId }) => `process-case:${caseId}`,
  }),
  'watch-cases': job({ payload: shopPayload, lane: 'privacy', attemptsMax: 6, key: (p) => `watch-cases:${p.shopId}` }),
  'expire-lots': job({ payload: shopPayload, lane: 'upkeep', attemptsMax: 6, key: (p) => `expire-lots:${p.shopId}` }),
  'give-birthdays': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 6,
    key: (p) => `give-birthdays:${p.shopId}`,
  }),
  'warn-of-expiry': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 6,
    key: (p) => `warn-of-expiry:${p.shopId}`,
  }),
  'settle-referrals': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 6,
    key: (p) => `settle-referrals:${p.shopId}`,
  }),
  'release-reservations': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 6,
    key: (p) => `release-reservations:${p.shopId}`,
  }),
  'verify-balances': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 3,
    key: (p) => `verify-balances:${p.shopId}`,
  }),
  'reconcile-orders': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 6,
    key: (p) => `reconcile-orders:${p.shopId}`,
  }),
  purge: job({ payload: shopPayload, lane: 'upkeep', attemptsMax: 6, key: (p) => `purge:${p.shopId}` }),
  'refresh-session': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 6,
    key: (p) => `refresh-session:${p.shopId}`,
  }),
  'close-liability-months': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 3,
    key: (p) => `close-liability-months:${p.shopId}`,
  }),
  'tend-campaigns': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 3,
    key: (p) => `tend-campaigns:${p.shopId}`,
  }),
  /** The shop is told of the newest agreement, once. */
  'announce-agreement': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 3,
    key: (p) => `announce-agreement:${p.shopId}`,
  }),
  /** Something was noticed in a shop: its detectors look. */
  'watch-shop': job({
    payload: shopPayload,
    lane: 'ingest',
    attemptsMax: 12,
    key: (p) => `watch-shop:${p.shopId}`,
  }),
  'watch-habits': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 3,
    key: (p) => `watch-habits:${p.shopId}`,
  }),
  'tend-incidents': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 3,
    key: (p) => `tend-incidents:${p.shopId}`,
  }),
  'send-alert': job({
    payload: z.object({ shopId, incidentId: z.uuid(), escalation: z.int() }),
    lane: 'ingest',
    attemptsMax: 12,
    key: ({ incidentId, escalation }) => `send-alert:${incidentId}:${escalation}`,
  }),
  'tend-keys': job({ payload: shopPayload, lane: 'upkeep', attemptsMax: 3, key: (p) => `tend-keys:${p.shopId}` }),
  'reseal-shop': job({
    payload: z.object({ shopId, rotationId: z.uuid() }),
    lane: 'bulk',
    attemptsMax: 25,
    key: ({ rotationId }) => `reseal-shop:${rotationId}`,
  }),
  'check-certificates': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 3,
    key: (p) => `check-certificates:${p.shopId}`,
  }),
  /** A mail to a shopper: to whom, and what it says, is read when it is sent. */
  'send-mail': job({
    payload: z.object({ shopId, requestId: z.uuid() }),
    lane: 'privacy',
    attemptsMax: 12,
    key: (p) => `send-mail:${p.requestId}`,
  }),
  'sign-consents': job({
    payload: shopPayload,
    lane: 'upkeep',
    attemptsMax: 6,
    key: (p) => `sign-consents:${p.shopId}`,
  }),
  /** The clock's own job: asks for a duty for every shop. */
  'schedule-upkeep': job({
    payload: z.object({ duty: z.enum(upkeepDuties) }),
    lane: 'upkeep',
    attemptsMax: 3,
    key: ({ duty }) => `schedule-upkeep:${duty}`,
  }),
} as const;

export type JobName = keyof typeof catalogue;
export type PayloadOf<Name extends JobName> = z.infer<(typeof catalogue)[Name]['payload']>;
/** What has to be said when asking for a job; what has a default may be left out. */
export type GivenPayloadOf<Name extends JobName> = z.input<(typeof catalogue)[Name]['payload']>;
export type JobHandlers = { [Name in JobName]: (payload: PayloadOf<Name>) => Promise<void> };

/** The name under which a job waits when it is bulk: a task of its own, so that another lane takes it. */
export function bulkNameOf(name: JobName): string {
  return `${name}:bulk`;
}

/** Whether a name from the database is in the catalogue. */
export function isJobName(name: string): name is JobName {
  return Object.hasOwn(catalogue, name);
}
