/**
 * Card freshness in Prometheus' text format. The counts are the fleet's own, kept in the database, so they survive restarts
 * and are the same whichever process is asked.
 */
import { freshnessBoundsS, freshWithinS } from '#app/domain/cards/freshness.ts';
import { type SystemFreshness, systemFreshness } from '#app/queries/system-freshness.ts';

const histogram = 'stampwell_pass_update_seconds';
const share = 'stampwell_pass_updates_in_time_ratio';

/** The lines to add to the metrics. Throws `Unavailable` while the database does not answer. */
export async function freshnessMetrics(): Promise<string> {
  const wallets = await systemFreshness();
  const shares = wallets.flatMap(({ wallet, recentInTime }) =>
    recentInTime === null ? [] : [`${share}{wallet="${wallet}"} ${recentInTime}`],
  );
  return [
    `# HELP ${histogram} Time from a change of a card until its wallet held it`,
    `# TYPE ${histogram} histogram`,
    ...wallets.flatMap(histogramLines),
    `# HELP ${share} Share of the changes that arrived in the last 24 hours within ${freshWithinS} seconds`,
    `# TYPE ${share} gauge`,
    ...shares,
    '',
  ].join('\n');
}

/** Buckets are cumulative there. */
function histogramLines({ wallet, counts, totalMs }: SystemFreshness): string[] {
  let below = 0;
  const buckets = counts.map((count, index) => {
    below += count;
    return `${histogram}_bucket{wallet="${wallet}",le="${freshnessBoundsS[index] ?? '+Inf'}"} ${below}`;
  });
  return [
    ...buckets,
    `${histogram}_sum{wallet="${wallet}"} ${totalMs / 1_000}`,
    `${histogram}_count{wallet="${wallet}"} ${below}`,
  ];
}
