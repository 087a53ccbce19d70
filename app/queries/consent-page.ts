/** Consent at a glance: how many agree to what, in which words, and the proof that nothing was changed afterwards. */
import { type ActivityReport, listOpenReports } from '#app/data/members/activity-reports.ts';
import { listRoots, proveConsent, type ConsentProof } from '#app/data/privacy/consent-roots.ts';
import { readDoubleOptIn } from '#app/data/privacy/consent-settings.ts';
import { countOptIns, type OptInCount } from '#app/data/privacy/consent-statistics.ts';
import { type KeptWording, listWordings } from '#app/data/privacy/consent-wordings.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type DoubleOptIn, doubleOptInCountries, wantsDoubleOptIn } from '#app/domain/members/double-opt-in.ts';
import { env } from '#app/lib/env.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type ConsentPage = {
  members: number;
  optIns: (OptInCount & { rate: number })[];
  doubleOptIn: { choice: DoubleOptIn; country: string | null; isOnByCountry: boolean; countries: string[] };
  /** Whether a mail server is set up: without one no confirmation can be asked for. */
  hasMail: boolean;
  wordings: KeptWording[];
  roots: { size: number; root: string; madeAt: Date; keyId: string }[];
  reports: ActivityReport[];
  timeZone: string;
};

const wordingsMax = 60;
const rootsMax = 14;
const reportsMax = 50;
const purposes = ['program', 'marketing', 'analytics'] as const;
const channels = ['wallet', 'email', 'sms'] as const;

/** Everything on the page of consents. Rates are parts of all members, 0 … 1. */
export async function consentPage(shopId: ShopId): Promise<ConsentPage> {
  return withShop(shopId, async (tx) => {
    const { members, counts } = await countOptIns(tx);
    const { country, timeZone } = await readShop(tx);
    return {
      members,
      optIns: purposes.flatMap((purpose) =>
        channels.map((channel) => {
          const found = counts.find((count) => count.purpose === purpose && count.channel === channel);
          const { granted, waiting } = found ?? { granted: 0, waiting: 0 };
          return { purpose, channel, granted, waiting, rate: members === 0 ? 0 : granted / members };
        }),
      ),
      doubleOptIn: {
        choice: await readDoubleOptIn(tx),
        country,
        isOnByCountry: wantsDoubleOptIn('by-country', country),
        countries: doubleOptInCountries(),
      },
      hasMail: env().SMTP_URL !== undefined,
      wordings: await listWordings(tx, wordingsMax),
      roots: (await listRoots(tx, { before: null, limit: rootsMax })).map(({ size, root, madeAt, signed }) => ({
        size,
        root: root.toString('hex'),
        madeAt,
        keyId: signed.keyId,
      })),
      reports: await listOpenReports(tx, reportsMax),
      timeZone,
    };
  });
}

const exportedMax = 5_000;

/** Every signed root, oldest first, one JSON object a line: what `npm run verify -- consent --roots` reads. */
export async function exportRoots(shopId: ShopId): Promise<string> {
  const roots = await withShop(shopId, (tx) => listRoots(tx, { before: null, limit: exportedMax }));
  return roots
    .toReversed()
    .map(({ signed }) => `${JSON.stringify(signed)}\n`)
    .join('');
}

/** The proof that one consent is under a signed root; null where there is none yet. */
export async function exportProof(shopId: ShopId, sequence: number): Promise<ConsentProof | null> {
  return withShop(shopId, (tx) => proveConsent(tx, sequence));
}
