/** What the page about certificates shows: who issues the shop's cards, until when, and what could be. */
import { type AppleIssuerRow, listAppleIssuers } from '#app/data/cards/apple-issuers.ts';
import { listCertificateRequests, type WaitingRequest } from '#app/data/cards/certificate-requests.ts';
import { type GoogleIssuerRow, listGoogleIssuers } from '#app/data/cards/google-issuers.ts';
import { type DelegatedUse, readDelegatedUse } from '#app/data/cards/pass-issuing.ts';
import { withShop } from '#app/data/tenancy.ts';
import { daysUntil, dueAlarm } from '#app/domain/cards/certificate-alarms.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type ShownCertificate = AppleIssuerRow & {
  /** Whole days until it ends; negative once it has. */
  daysLeft: number;
  /** Whether an alarm is due. */
  endsSoon: boolean;
};

export type CertificatesPage = {
  apple: ShownCertificate[];
  requests: WaitingRequest[];
  google: GoogleIssuerRow[];
  delegated: { apple: DelegatedUse; google: DelegatedUse };
};

/** The shop's issuers as they stand now. */
export async function certificatesPage(shopId: ShopId): Promise<CertificatesPage> {
  // Certificates live by the real clock, whatever the rules see.
  const at = new Date();
  return withShop(shopId, async (tx) => ({
    apple: (await listAppleIssuers(tx)).map((row) => ({
      ...row,
      daysLeft: daysUntil(row.expiresAt, at),
      endsSoon: dueAlarm(row.expiresAt, at) !== null,
    })),
    requests: await listCertificateRequests(tx),
    google: await listGoogleIssuers(tx),
    delegated: { apple: await readDelegatedUse(tx, 'apple'), google: await readDelegatedUse(tx, 'google') },
  }));
}
