/** When the regular duties are asked for. Times are UTC. */
import type { UpkeepDuty } from '#app/jobs/catalogue.ts';

export const crontab: { duty: UpkeepDuty; match: string }[] = [
  { duty: 'release-reservations', match: '* * * * *' },
  { duty: 'tend-campaigns', match: '* * * * *' },
  { duty: 'tend-incidents', match: '* * * * *' },
  { duty: 'watch-habits', match: '33 * * * *' },
  // Tokens live an hour and are renewed when five minutes are left.
  { duty: 'refresh-session', match: '*/4 * * * *' },
  { duty: 'remind-devices', match: '*/10 * * * *' },
  { duty: 'expire-lots', match: '7 * * * *' },
  { duty: 'reconcile-orders', match: '27 * * * *' },
  { duty: 'settle-referrals', match: '12 * * * *' },
  // Several times a day, so that it is the morning of the day everywhere.
  { duty: 'give-birthdays', match: '42 */4 * * *' },
  { duty: 'warn-of-expiry', match: '52 5 * * *' },
  { duty: 'watch-cases', match: '47 * * * *' },
  { duty: 'purge', match: '37 * * * *' },
  { duty: 'verify-balances', match: '17 3 * * *' },
  { duty: 'close-liability-months', match: '27 2 * * *' },
  { duty: 'tend-keys', match: '57 1 * * *' },
  { duty: 'check-certificates', match: '47 4 * * *' },
  { duty: 'announce-agreement', match: '22 * * * *' },
  { duty: 'sign-consents', match: '7 0 * * *' },
];
