/** Upkeep: the end of the platform's own pass certificate is told to its operator while there is time. */
import { noteSystemAlarm } from '#app/data/system/system-facts.ts';
import { dueAlarm } from '#app/domain/cards/certificate-alarms.ts';
import { appleIssuerOf, isAppleConfigured } from '#app/gateways/apple-issuers.ts';
import { log } from '#app/lib/log.ts';

/**
 * Warns in the log when an alarm is due as of `at`, the real time, and answers its days; each alarm of a certificate is
 * given once in the whole fleet. Safe to repeat.
 */
export async function checkPlatformCertificate(at: Date): Promise<number | null> {
  if (!isAppleConfigured()) return null;
  const { fingerprint, passTypeIdentifier, signer } = appleIssuerOf(null);
  const days = dueAlarm(signer.validUntil, at);
  if (days === null) return null;
  if (!(await noteSystemAlarm(`certificate-alarm/${fingerprint}`, days))) return null;
  log.warn('the platform pass certificate ends soon', {
    code: 'platform-certificate-ends',
    topic: passTypeIdentifier,
    count: days,
  });
  return days;
}
