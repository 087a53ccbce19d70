/** Cards say beforehand what is about to expire: those that begin to say so today are drawn again. */
import { type EndingLot, findMembersExpiringBetween } from '#app/data/ledger/expiring.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { listRuleVersions, type RuleVersion } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const batchMax = 500;
const dayMs = 86_400_000;
/** Asked for daily; a day that was missed is made up for. A card that says so already is not told again. */
const daysCovered = 2;

/** Marks the cards stale on which an expiry comes into sight. Safe to repeat: equal cards are not sent. */
export async function warnOfExpiry({ shopId }: { shopId: ShopId }): Promise<void> {
  const versions = await withShop(shopId, listRuleVersions);
  const newest = new Map(versions.toReversed().map((version) => [version.programId, version]));
  for (const version of newest.values()) await warnMembers(shopId, version);
}

async function warnMembers(shopId: ShopId, { programId, document }: RuleVersion): Promise<void> {
  const to = new Date(now().getTime() + document.settings.expiryNoticeDays * dayMs);
  const from = new Date(to.getTime() - daysCovered * dayMs);
  let after: EndingLot | null = null;
  do {
    const slice: EndingLot | null = after;
    after = await withShop(shopId, async (tx): Promise<EndingLot | null> => {
      const found = await findMembersExpiringBetween(tx, programId, { from, to, after: slice, limit: batchMax });
      await touchPasses(tx, found.memberIds);
      return found.next;
    });
  } while (after !== null);
}
