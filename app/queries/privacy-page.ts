/** Privacy at a glance: who asked for what, what could not be read, what is kept for how long. */
import { listCases, type PrivacyCase } from '#app/data/privacy/cases.ts';
import { listVisibleDeliveries, type VisibleDelivery } from '#app/data/orders/inbox.ts';
import { problemInWords } from '#app/domain/orders/delivery-problem.ts';
import { readPurgeReports, retentionClasses } from '#app/data/privacy/retention.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type PrivacyPage = {
  cases: PrivacyCase[];
  deliveries: VisibleDelivery[];
  retention: { class: string; period: string; lastRun: Date | null }[];
};

const rowsMax = 100;

/** The newest cases and set-aside deliveries, and every retention class. */
export async function privacyPage(shopId: ShopId): Promise<PrivacyPage> {
  return withShop(shopId, async (tx) => {
    const reports = await readPurgeReports(tx);
    return {
      cases: await listCases(tx, rowsMax),
      deliveries: (await listVisibleDeliveries(tx, rowsMax)).map((delivery) => ({
        ...delivery,
        problem: problemInWords(delivery.problem),
      })),
      retention: Object.entries(retentionClasses).map(([name, { hours }]) => ({
        class: name,
        period: hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`,
        lastRun: reports.get(name)?.ranAt ?? null,
      })),
    };
  });
}
