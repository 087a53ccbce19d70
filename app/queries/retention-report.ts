/** What was removed in a span of time, signed: somebody who does not trust us can check that totals add up. */
import { listPurgeReports, readRetentionChoices } from '#app/data/privacy/retention.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { signEvidence, type Signed } from '#app/lib/evidence.ts';
import type { ShopId } from '#app/lib/ids.ts';

const runsMax = 50_000;

export type RetentionReport = {
  kind: 'retention-report';
  shopId: string;
  from: string;
  until: string;
  madeAt: string;
  /** Periods the shop chose itself, in hours. */
  chosenPeriods: Record<string, number>;
  totals: Record<string, { runs: number; removed: number }>;
  /**
   * Each run: `held` rows of the class before it, `kept` after it. held + arrived = removed + kept, where `arrived` is what came
   * in while it ran. Runs from before this was counted have none of the three.
   */
  runs: {
    class: string;
    at: string;
    olderThan: string;
    held: number | null;
    arrived: number | null;
    removed: number;
    kept: number | null;
  }[];
};

/** The report of a span. It holds counts and no persons. Throws `InvalidInput` for a span that is none or too busy. */
export async function retentionReport(
  shopId: ShopId,
  span: { from: Date; until: Date },
): Promise<Signed<RetentionReport>> {
  if (!(span.from < span.until)) throw new InvalidInput('span-invalid', 'A report was asked for of no time');
  const { reports, choices } = await withShop(shopId, async (tx) => ({
    reports: await listPurgeReports(tx, { ...span, limit: runsMax + 1 }),
    choices: await readRetentionChoices(tx),
  }));
  if (reports.length > runsMax)
    throw new InvalidInput('span-too-long', 'A report of too many runs was asked for', {
      publicMessage: 'Please choose a shorter time.',
    });
  const totals: RetentionReport['totals'] = {};
  for (const { name, removed } of reports) {
    const total = (totals[name] ??= { runs: 0, removed: 0 });
    total.runs += 1;
    total.removed += removed;
  }
  return signEvidence({
    kind: 'retention-report',
    shopId,
    from: span.from.toISOString(),
    until: span.until.toISOString(),
    madeAt: now().toISOString(),
    chosenPeriods: Object.fromEntries(choices),
    totals,
    runs: reports.map(({ name, at, before, removed, held, kept }) => ({
      class: name,
      at: at.toISOString(),
      olderThan: before.toISOString(),
      held,
      arrived: held === null || kept === null ? null : removed + kept - held,
      removed,
      kept,
    })),
  });
}
