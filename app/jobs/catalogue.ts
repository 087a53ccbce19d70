/**
 * The job catalogue: what can be asked of the workers. A job says what to look at, never what is true; handlers read the
 * current state. There are no handlers here.
 */
import { z } from 'zod';

/** Lanes let a fleet scale pushes without delaying erasures. */
export const lanes = ['ingest', 'wallet', 'bulk', 'privacy', 'upkeep'] as const;
export type Lane = (typeof lanes)[number];

/** What is done for every shop at regular times. */
export const upkeepDuties = [
  'expire-lots',
  'give-birthdays',
  'settle-referrals',
  'warn-of-expiry',
  'release-reservations',
  'verify-balances',
  'reconcile-orders',
  'purge',
  'refresh-session',
  'close-liability-months',
] as const;
export type UpkeepDuty = (typeof upkeepDuties)[number];

const shopId = z.uuid();

type JobSpec<Payload extends z.ZodObject> = {
  payload: Payload;
  lane: Lane;
  /** Attempts with exponential backoff; 12 reach about three days. */
  attemptsMax: number;
  /** Jobs with the same key collapse into one while they wait. */
  key: ((payload: z.infer<Payload>) => string) | null;
};

function job<Payload extends z.ZodObject>(spec: JobSpec<Payload>): JobSpec<Payload> {
  return spec;
}

const passPayload = z.object({ shopId, passId: z.uuid() });
const shopPayload = z.object({ shopId });

export const catalogue = {
  'regenerate-pass': job({
    payload: passPayload,
    lane: 'wallet',
    attemptsMax: 12,
    key: ({ passId }) => `regenerate-pass:${passId}`,
  }),
  'push-apple': job({
    payload: passPayload,
    lane: 'wallet',
    attemptsMax: 12,
    key: ({ passId }) => `push-apple:${passId}`,
  }),
  'sync-google': job({
    payload: passPayload,
    lane: 'wallet',
    attemptsMax: 12,
    key: ({ passId }) => `sync-google:${passId}`,
  }),
  'sync-google-class': job({
    payload: z.object({ shopId, programId: z.uuid() }),
    lane: 'wallet',
    attemptsMax: 12,
    key: ({ programId }) => `sync-google-class:${programId}`,
  }),
  'touch-program-passes': job({
    payload: z.object({ shopId, programId: z.uuid(), after: z.uuid().nullable() }),
    lane: 'bulk',
    attemptsMax: 12,
    key: ({ programId, after }) => `touch-program-passes:${programId}:${after}`,
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
export type JobHandlers = { [Name in JobName]: (payload: PayloadOf<Name>) => Promise<void> };

/** Whether a name from the database is in the catalogue. */
export function isJobName(name: string): name is JobName {
  return Object.hasOwn(catalogue, name);
}
