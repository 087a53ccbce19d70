/**
 * What phones report about passes. The words are theirs and may name anybody, so none is kept: only how many there were, and
 * whether phones do not trust what we sign, which no other sign would tell.
 */
import { Counter } from 'prom-client';

import { RateLimited } from '#app/lib/errors.ts';
import { log } from '#app/lib/log.ts';
import { countDeviceReport } from '#app/web/sign-up-limits.ts';

const reports = new Counter({
  name: 'stampwell_device_reports_total',
  help: 'Problems with passes that phones reported, by what they are about; anybody can send some',
  labelNames: ['about'],
});
for (const about of ['trust', 'other']) reports.inc({ about }, 0);

const distrust = /signature|certificate|trust/i;

/** Counts what a phone said. False: its network said too much already. */
export async function noteReports({ lines, address }: { lines: unknown[]; address: string }): Promise<boolean> {
  try {
    await countDeviceReport({ address });
  } catch (error) {
    if (error instanceof RateLimited) return false;
    throw error;
  }
  const trust = lines.filter((line) => typeof line === 'string' && distrust.test(line)).length;
  reports.inc({ about: 'trust' }, trust);
  reports.inc({ about: 'other' }, lines.length - trust);
  if (trust > 0) log.error('a device does not trust a pass', { count: trust });
  else log.warn('a device reported problems with a pass', { count: lines.length });
  return true;
}
