/** What anybody may know of how we keep data: generated from the running configuration and the promises with their tests. */
import type { Trust } from '#app/contracts/trust.ts';
import { newestAgreement } from '#app/data/system/agreement-versions.ts';
import { retentionClasses } from '#app/data/privacy/retention.ts';
import { now } from '#app/lib/clock.ts';
import { appUrl, env } from '#app/lib/env.ts';
import { accessTokenLifetimeSeconds } from '#app/lib/access-token.ts';
import { keyEncryptionKeys } from '#app/lib/key-ring.ts';
import { promises } from '#app/lib/promises.ts';
import { registeredIssuers } from '#app/queries/registered-issuers.ts';

/** The whole of it. */
export async function trust(): Promise<Trust> {
  const { STAMPWELL_ENV: environment, BACKUP_DAYS_MAX: keptDays } = env();
  const agreement = await newestAgreement();
  const claims = promises();
  const count = (status: string) => claims.filter((claim) => claim.status === status).length;
  return {
    generatedAt: now().toISOString(),
    environment,
    summary: { kept: count('kept'), partly: count('partly'), notYet: count('not yet') },
    claims: claims.map(({ id, claim, status, tests, missing }) => ({ id, claim, status, tests, missing })),
    encryption: {
      inTransit: environment === 'production' ? 'TLS everywhere, the database included' : 'TLS where APP_URL is https',
      atRest: 'AES-256-GCM per field, under a key of the shop that is wrapped by a key-encryption key',
      keyEncryptionKeys: keyEncryptionKeys().length,
      signatures: 'Ed25519',
      secrets: 'bcrypt, cost 12',
    },
    sessions: { accessTokenMinutes: accessTokenLifetimeSeconds / 60 },
    retention: Object.entries(retentionClasses).map(([name, { hours }]) => ({ class: name, hours })),
    backups: { keptDays, erasuresReapplied: true },
    // Registrations live by the real clock, whatever the rules see.
    issuers: registeredIssuers(env(), new Date()),
    agreement:
      agreement === null
        ? null
        : {
            version: agreement.number,
            publishedAt: agreement.publishedAt.toISOString(),
            countsFrom: agreement.countsFrom.toISOString(),
          },
    subProcessors: agreement?.annexes.subProcessors ?? [],
    personalData: agreement?.annexes.processing ?? [],
    contact: { securityTxt: `${appUrl()}/.well-known/security.txt`, report: `${appUrl()}/security-report` },
  };
}
