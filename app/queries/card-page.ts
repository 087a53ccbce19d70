/** A shopper's own card page. */
import { openCardLink } from '#app/data/cards/card-links.ts';
import { readCardView } from '#app/data/cards/card-view.ts';
import { type ListedEntry, listEntries } from '#app/data/ledger/ledger-audit.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import { now } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';

export type CardPage = {
  content: PassContent;
  design: CardDesign;
  /** Null where a wallet is not configured. */
  links: { apple: string | null; google: string | null };
  activity: { id: string; kind: ListedEntry['kind']; label: string; amount: number; occurredAt: Date }[];
  timeZone: string;
};

const activityMax = 10;

/** The card behind a signed link. Throws `Forbidden` for a bad or expired one. */
export async function cardPage(token: string): Promise<CardPage> {
  const { shopId, memberId } = await openCardLink(token, now());
  const { APPLE_PASS_CERTIFICATE_FILE, GOOGLE_ISSUER_ID } = env();
  return withShop(shopId, async (tx) => {
    const view = await readCardView(tx, memberId, { pass: null, at: now() });
    const labels = new Map(view.document.units.map((unit) => [unit.id, unit.label]));
    const entries = await listEntries(tx, memberId, { before: null, limit: activityMax });
    return {
      content: view.content,
      design: view.design.design,
      links: {
        apple: APPLE_PASS_CERTIFICATE_FILE === undefined ? null : `/card/${token}/apple.pkpass`,
        google: GOOGLE_ISSUER_ID === undefined ? null : `/card/${token}/google`,
      },
      activity: entries.map((entry) => ({
        id: entry.entryId,
        kind: entry.kind,
        label: labels.get(entry.unit) ?? entry.unit,
        amount: entry.amount,
        occurredAt: entry.occurredAt,
      })),
      timeZone: (await readShop(tx)).timeZone,
    };
  });
}
