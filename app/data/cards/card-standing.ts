/** What a card tells of a member beside the balances: tier, last entries, what expires. */
import { readExpiringNext } from '#app/data/ledger/expiring.ts';
import { readHistory } from '#app/data/ledger/history.ts';
import { listEntries } from '#app/data/ledger/ledger-audit.ts';
import { readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { localDateOf } from '#app/domain/calendar.ts';
import type { CardEntry, Expiring, TierStanding } from '#app/domain/cards/pass-content.ts';
import { tierAt } from '#app/domain/earning/tiers.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { MemberId } from '#app/lib/ids.ts';

type Asked = { document: ProgramDocument; at: Date };

const entriesMax = 5;
const plainCurrency = 'USD';

/** The tier a card shows; null where the program has none, and then nothing is read. */
export async function readTier(tx: Tx, memberId: MemberId, { document, at }: Asked): Promise<TierStanding | null> {
  if (document.tiers === null) return null;
  const { timeZone, currency } = await readShop(tx);
  const state = tierAt(await readHistory(tx, memberId), { at, document, timeZone });
  if (state === null) return null;
  const { name, next } = state;
  return { name, next, qualifiesBy: document.tiers.qualifiesBy, currency: currency ?? plainCurrency };
}

/** The member's last entries, newest first, by the shop's calendar. */
export async function readActivity(tx: Tx, memberId: MemberId): Promise<CardEntry[]> {
  const { timeZone } = await readShop(tx);
  const entries = await listEntries(tx, memberId, { before: null, limit: entriesMax });
  return entries.map(({ unit, amount, occurredAt }) => ({
    unit,
    amount,
    occurredAt,
    day: isoDay(occurredAt, timeZone),
  }));
}

/** What expires within the days that the program gives notice, by the shop's calendar; null when nothing does. */
export async function readExpiring(tx: Tx, memberId: MemberId, { document, at }: Asked): Promise<Expiring | null> {
  const next = await readExpiringNext(tx, memberId, { at, days: document.settings.expiryNoticeDays });
  if (next === null) return null;
  const { timeZone } = await readShop(tx);
  // It is over with the first instant of the next day.
  return { unit: next.unit, amount: next.amount, lastDay: isoDay(new Date(next.expiresAt.getTime() - 1), timeZone) };
}

function isoDay(at: Date, timeZone: string): string {
  const { year, month, day } = localDateOf(at, timeZone);
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}
