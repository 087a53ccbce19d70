/** When the regular duties are asked for. Times are UTC. */
import type { UpkeepDuty } from '#app/jobs/catalogue.ts';

export const crontab: { duty: UpkeepDuty; match: string }[] = [
  { duty: 'release-reservations', match: '* * * * *' },
  // Tokens live an hour and are renewed when five minutes are left.
  { duty: 'refresh-session', match: '*/4 * * * *' },
  { duty: 'expire-lots', match: '7 * * * *' },
  { duty: 'purge', match: '37 * * * *' },
  { duty: 'verify-balances', match: '17 3 * * *' },
];
