/** Privacy at a glance: who asked for what, what could not be read, what is kept for how long. */
import { listCases, type PrivacyCase } from '#app/data/privacy/cases.ts';
import { listVisibleDeliveries, type VisibleDelivery } from '#app/data/orders/inbox.ts';
import { problemInWords } from '#app/domain/orders/delivery-problem.ts';
import {
  periodOf,
  readPurgeReports,
  readRetentionChoices,
  type RetentionClass,
  retentionClasses,
} from '#app/data/privacy/retention.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type PrivacyPage = {
  cases: PrivacyCase[];
  deliveries: VisibleDelivery[];
  /** Periods in hours. */
  retention: { class: string; hours: number; lastRun: Date | null }[];
};

const rowsMax = 100;

/** The newest cases and set-aside deliveries, and every retention class. */
export async function privacyPage(shopId: ShopId): Promise<PrivacyPage> {
  return withShop(shopId, async (tx) => {
    const reports = await readPurgeReports(tx);
    const choices = await readRetentionChoices(tx);
    return {
      cases: await listCases(tx, rowsMax),
      deliveries: (await listVisibleDeliveries(tx, rowsMax)).map((delivery) => ({
        ...delivery,
        problem: problemInWords(delivery.problem),
      })),
      retention: (Object.keys(retentionClasses) as RetentionClass[]).map((name) => ({
        class: name,
        hours: periodOf(name, choices),
        lastRun: reports.get(name)?.ranAt ?? null,
      })),
    };
  });
}
