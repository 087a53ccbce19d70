/** Which flow carries out which job. */
import { expireLots } from '#app/flows/members/expire-lots.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { purgeByRetention } from '#app/flows/privacy/purge-by-retention.ts';
import { pushPass } from '#app/flows/cards/push-pass.ts';
import { refetchOrder } from '#app/flows/orders/refetch-order.ts';
import { refreshSession } from '#app/flows/shops/refresh-session.ts';
import { regeneratePass } from '#app/flows/cards/regenerate-pass.ts';
import { releaseDiscount } from '#app/flows/members/release-discount.ts';
import { releaseReservations } from '#app/flows/members/release-reservations.ts';
import { scheduleUpkeep } from '#app/flows/system/schedule-upkeep.ts';
import { syncGoogleClass } from '#app/flows/cards/sync-google-class.ts';
import { syncGooglePass } from '#app/flows/cards/sync-google-pass.ts';
import { touchProgramPasses } from '#app/flows/cards/touch-program-passes.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import type { JobHandlers } from '#app/jobs/catalogue.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Payloads were checked against the catalogue: a shop id in one is a shop id. */
const of = <Payload extends { shopId: string }>(payload: Payload) => ({ ...payload, shopId: payload.shopId as ShopId });

export const tasks: JobHandlers = {
  'regenerate-pass': (payload) => regeneratePass(of(payload)),
  'push-apple': (payload) => pushPass(of(payload)),
  'sync-google': (payload) => syncGooglePass(of(payload)),
  'sync-google-class': (payload) => syncGoogleClass(of(payload)),
  'touch-program-passes': (payload) => touchProgramPasses(of(payload)),
  'refetch-order': (payload) => refetchOrder(of(payload)),
  'release-discount': (payload) => releaseDiscount(of(payload)),
  'process-case': (payload) => processCase(of(payload)),
  'expire-lots': async (payload) => {
    await expireLots(of(payload));
  },
  'release-reservations': (payload) => releaseReservations(of(payload)),
  'verify-balances': async (payload) => {
    await verifyBalances(of(payload));
  },
  purge: (payload) => purgeByRetention(of(payload)),
  'refresh-session': (payload) => refreshSession(of(payload)),
  'schedule-upkeep': ({ duty }) => scheduleUpkeep(duty),
};
