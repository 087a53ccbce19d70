/** Which flow carries out which job. */
import { checkCertificates } from '#app/flows/certificates/check-certificates.ts';
import { checkPlatformCertificate } from '#app/flows/certificates/check-platform-certificate.ts';
import { expireLots } from '#app/flows/members/expire-lots.ts';
import { fetchOrderFacts } from '#app/flows/orders/fetch-order-facts.ts';
import { giveBenefit } from '#app/flows/members/give-benefit.ts';
import { giveBirthdays } from '#app/flows/members/give-birthdays.ts';
import { settleReferrals } from '#app/flows/members/settle-referrals.ts';
import { closeAuditMonths } from '#app/flows/privacy/close-audit-months.ts';
import { eraseInactiveMembers } from '#app/flows/privacy/erase-inactive-members.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { sendMemberMail } from '#app/flows/privacy/send-member-mail.ts';
import { signConsentRoot } from '#app/flows/privacy/sign-consent-root.ts';
import { purgeByRetention } from '#app/flows/privacy/purge-by-retention.ts';
import { pushPass } from '#app/flows/cards/push-pass.ts';
import { pushWaiting } from '#app/flows/cards/push-waiting.ts';
import { remindDevices } from '#app/flows/cards/remind-devices.ts';
import { reconcileOrders } from '#app/flows/orders/reconcile-orders.ts';
import { closeLiabilityMonths } from '#app/flows/programs/close-liability-months.ts';
import { simulateProgram } from '#app/flows/programs/simulate-program.ts';
import { refetchOrder } from '#app/flows/orders/refetch-order.ts';
import { refreshSession } from '#app/flows/shops/refresh-session.ts';
import { regeneratePass } from '#app/flows/cards/regenerate-pass.ts';
import { retryPasses } from '#app/flows/cards/retry-passes.ts';
import { runCampaign } from '#app/flows/campaigns/run-campaign.ts';
import { tendCampaigns } from '#app/flows/campaigns/tend-campaigns.ts';
import { watchPass } from '#app/flows/cards/watch-pass.ts';
import { withdrawCampaign } from '#app/flows/campaigns/withdraw-campaign.ts';
import { releaseDiscount } from '#app/flows/members/release-discount.ts';
import { releaseReservations } from '#app/flows/members/release-reservations.ts';
import { announceAgreement } from '#app/flows/privacy/publish-agreement.ts';
import { sendAlert } from '#app/flows/security/send-alert.ts';
import { tendIncidents } from '#app/flows/security/tend-incidents.ts';
import { watchShop } from '#app/flows/security/watch-shop.ts';
import { scheduleUpkeep } from '#app/flows/system/schedule-upkeep.ts';
import { advanceRollout } from '#app/flows/cards/advance-rollout.ts';
import { syncGoogleClass } from '#app/flows/cards/sync-google-class.ts';
import { syncGooglePass } from '#app/flows/cards/sync-google-pass.ts';
import { touchProgramPasses } from '#app/flows/cards/touch-program-passes.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { withdrawBenefit } from '#app/flows/members/withdraw-benefit.ts';
import { warnOfExpiry } from '#app/flows/members/warn-of-expiry.ts';
import { resealShop } from '#app/flows/keys/reseal-shop.ts';
import { renewAgedKeys } from '#app/flows/keys/renew-aged-keys.ts';
import { tendKeys } from '#app/flows/keys/tend-keys.ts';
import { watchCases } from '#app/flows/privacy/watch-cases.ts';
import type { JobHandlers } from '#app/jobs/catalogue.ts';
import { guardedFetch } from '#app/lib/guarded-fetch.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Payloads were checked against the catalogue: a shop id in one is a shop id. */
const of = <Payload extends { shopId: string }>(payload: Payload) => ({ ...payload, shopId: payload.shopId as ShopId });

export const tasks: JobHandlers = {
  'regenerate-pass': (payload) => watchPass(of(payload), regeneratePass),
  'push-apple': (payload) => watchPass(of(payload), pushPass),
  'push-waiting': (payload) => pushWaiting(of(payload)),
  'remind-devices': (payload) => remindDevices(of(payload)),
  'sync-google': (payload) => watchPass(of(payload), syncGooglePass),
  'retry-passes': (payload) => retryPasses(of(payload)),
  'run-campaign': (payload) => runCampaign(of(payload)),
  'withdraw-campaign': (payload) => withdrawCampaign(of(payload)),
  'tend-campaigns': (payload) => tendCampaigns(of(payload)),
  'announce-agreement': (payload) => announceAgreement(of(payload)),
  'watch-shop': async (payload) => {
    await watchShop({ ...of(payload), withHabits: false });
  },
  'watch-habits': async (payload) => {
    await watchShop({ ...of(payload), withHabits: true });
  },
  'tend-incidents': async (payload) => {
    await tendIncidents(of(payload));
  },
  'send-alert': (payload) => sendAlert({ ...of(payload), fetch: guardedFetch }),
  'sync-google-class': (payload) => syncGoogleClass(of(payload)),
  'touch-program-passes': (payload) => touchProgramPasses(of(payload)),
  'advance-rollout': async (payload) => {
    await advanceRollout({ ...of(payload), actor: 'system' });
  },
  'simulate-program': (payload) => simulateProgram(of(payload)),
  'refetch-order': (payload) => refetchOrder(of(payload)),
  'fetch-order-facts': (payload) => fetchOrderFacts(of(payload)),
  'release-discount': (payload) => releaseDiscount(of(payload)),
  'give-benefit': (payload) => giveBenefit(of(payload)),
  'withdraw-benefit': (payload) => withdrawBenefit(of(payload)),
  'watch-cases': (payload) => watchCases(of(payload)),
  'process-case': (payload) => processCase(of(payload)),
  'send-mail': (payload) => sendMemberMail(of(payload)),
  'sign-consents': async (payload) => {
    await signConsentRoot(of(payload));
  },
  'expire-lots': async (payload) => {
    await expireLots(of(payload));
  },
  'give-birthdays': (payload) => giveBirthdays(of(payload)),
  'warn-of-expiry': (payload) => warnOfExpiry(of(payload)),
  'settle-referrals': (payload) => settleReferrals(of(payload)),
  'release-reservations': (payload) => releaseReservations(of(payload)),
  'verify-balances': async (payload) => {
    await verifyBalances(of(payload));
  },
  'reconcile-orders': async (payload) => {
    await reconcileOrders(of(payload));
  },
  purge: async (payload) => {
    await closeAuditMonths(of(payload));
    await eraseInactiveMembers(of(payload));
    await purgeByRetention(of(payload));
  },
  'refresh-session': (payload) => refreshSession(of(payload)),
  'close-liability-months': async (payload) => {
    await closeLiabilityMonths(of(payload));
  },
  'tend-keys': async (payload) => {
    await tendKeys(of(payload));
    await renewAgedKeys(of(payload));
  },
  'reseal-shop': async (payload) => {
    await resealShop(of(payload));
  },
  // Certificates live by the real clock, whatever the rules see.
  'check-certificates': (payload) => checkCertificates({ ...of(payload), at: new Date() }),
  'schedule-upkeep': async ({ duty }) => {
    if (duty === 'check-certificates') await checkPlatformCertificate(new Date());
    await scheduleUpkeep(duty);
  },
};
