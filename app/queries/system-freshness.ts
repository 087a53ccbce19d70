/** How fresh cards are in the whole system: the figures behind the metrics, without a word about any shop. */
import { type FreshnessTotals, readFreshnessTotals } from '#app/data/system/freshness-totals.ts';
import { shareInTime } from '#app/domain/cards/freshness.ts';

export type SystemFreshness = FreshnessTotals & {
  /** Of the changes of the last day that arrived; null when none did. */
  recentInTime: number | null;
};

/** One row a wallet. Throws `Unavailable` while the database does not answer. */
export async function systemFreshness(): Promise<SystemFreshness[]> {
  return (await readFreshnessTotals()).map((totals) => ({ ...totals, recentInTime: shareInTime(totals.recent, 0) }));
}
