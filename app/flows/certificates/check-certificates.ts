/** Upkeep: certificates that end soon or were revoked are told of, each once, while there is time. */
import {
  type AppleIssuerRow,
  listAppleIssuers,
  noteExpiryAlarm,
  noteRevocation,
  readCertificatePems,
} from '#app/data/cards/apple-issuers.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { dueAlarm } from '#app/domain/cards/certificate-alarms.ts';
import { askCertificateRevocation } from '#app/gateways/ocsp.ts';
import { log } from '#app/lib/log.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Looks at the shop's certificates as of `at`, the real time. Each alarm is given once, by an audit record and a warning
 * in the log; the pages show it for as long as it holds. Safe to repeat and to run twice at once.
 */
export async function checkCertificates({ shopId, at }: { shopId: ShopId; at: Date }): Promise<void> {
  const issuers = await withShop(shopId, listAppleIssuers);
  for (const issuer of issuers.filter(({ state }) => state !== 'replaced')) {
    await alarmOfEnd(shopId, issuer, at);
    if (!issuer.isRevoked) await askAgain(shopId, issuer, at);
  }
}

async function alarmOfEnd(shopId: ShopId, issuer: AppleIssuerRow, at: Date): Promise<void> {
  const days = dueAlarm(issuer.expiresAt, at);
  if (days === null) return;
  const isNews = await withShop(shopId, async (tx) => {
    if (!(await noteExpiryAlarm(tx, issuer.issuerId, days))) return false;
    await record(tx, { action: 'certificate.expiry-alarm', issuer, reason: `${days} days`, at });
    return true;
  });
  if (isNews)
    log.warn('a pass certificate ends soon', {
      code: 'certificate-ends',
      shopId,
      topic: issuer.passTypeIdentifier,
      count: days,
    });
}

async function askAgain(shopId: ShopId, issuer: AppleIssuerRow, at: Date): Promise<void> {
  const pems = await withShop(shopId, (tx) => readCertificatePems(tx, issuer.issuerId));
  if (pems === null) return;
  const said = await askCertificateRevocation(pems, at);
  // Silence says nothing: what was known stays.
  if (said === 'unknown') return;
  const isRevoked = said === 'revoked';
  const isNews = await withShop(shopId, async (tx) => {
    if (!(await noteRevocation(tx, issuer.issuerId, { isRevoked, at }))) return false;
    await record(tx, { action: 'certificate.revoked', issuer, reason: null, at });
    return true;
  });
  if (isNews)
    log.error('a pass certificate was revoked', {
      code: 'certificate-revoked',
      shopId,
      topic: issuer.passTypeIdentifier,
    });
}

function record(
  tx: Tx,
  { action, issuer, reason, at }: { action: string; issuer: AppleIssuerRow; reason: string | null; at: Date },
): Promise<void> {
  return appendAudit(tx, {
    actor: 'system',
    action,
    object: `apple-certificate:${issuer.issuerId}`,
    beforeHash: null,
    afterHash: Buffer.from(issuer.fingerprint, 'hex'),
    reason,
    occurredAt: at,
  });
}
