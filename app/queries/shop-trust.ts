/** The agreement as one shop sees it: what it says now, and what the shop said to it. */
import { readShopAgreements, type ShopAgreement } from '#app/data/privacy/agreements.ts';
import { newestAgreement } from '#app/data/system/agreement-versions.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { Annexes } from '#app/domain/privacy/agreement.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { promises } from '#app/lib/promises.ts';

export type ShopTrust = {
  /** Null before the first version. */
  agreement: { version: number; publishedAt: Date; countsFrom: Date; annexes: Annexes } | null;
  /** Whether the newest version waits for the merchant's word. */
  isPending: boolean;
  history: ShopAgreement[];
  promises: { kept: number; all: number };
};

/** Everything the Trust page shows. */
export async function shopTrust(shopId: ShopId): Promise<ShopTrust> {
  const [newest, history] = await Promise.all([newestAgreement(), withShop(shopId, readShopAgreements)]);
  const mine = history.find(({ version }) => version === newest?.number);
  const all = promises();
  return {
    agreement:
      newest === null
        ? null
        : {
            version: newest.number,
            publishedAt: newest.publishedAt,
            countsFrom: newest.countsFrom,
            annexes: newest.annexes,
          },
    isPending: newest !== null && (mine?.acceptedAt ?? null) === null,
    history,
    promises: { kept: all.filter(({ status }) => status === 'kept').length, all: all.length },
  };
}
