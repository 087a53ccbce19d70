/** Birthdays, once a year: day and month are all we know, and they are opened only here. */
import { recordEvent, settleEvents } from '#app/data/ledger/events.ts';
import { findNewestEvent } from '#app/data/ledger/member-events.ts';
import { lockHistory, readRules, type Rules, versionInForce } from '#app/data/ledger/rules-in-force.ts';
import { lockMember } from '#app/data/members/members.ts';
import { type KnownBirthday, listBirthdays } from '#app/data/members/profiles.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { addDays, type LocalDate, localDateOf, startOfDay } from '#app/domain/calendar.ts';
import { isBirthdayOn } from '#app/domain/members/birthday.ts';
import { now } from '#app/lib/clock.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

const batchMax = 500;
/** A worker that was down on the day makes up for it. */
const daysBack = 2;
const daysBetweenMin = 365;
const dayMs = 86_400_000;

/**
 * Gives every member whose birthday it is in the shop's time zone what the program gives for it: once in 365 days, and
 * only for a birthday that was known before that day. Safe to repeat, as often as one likes.
 */
export async function giveBirthdays({ shopId }: { shopId: ShopId }): Promise<void> {
  let after: MemberId | null = null;
  do {
    const from: MemberId | null = after;
    const page: Page = await withShop(shopId, (tx) => findBirthdays(tx, from));
    for (const { memberId, date } of page.due) await withShop(shopId, (tx) => giveBirthday(tx, memberId, date));
    after = page.next;
  } while (after !== null);
}

type Page = { due: { memberId: MemberId; date: LocalDate }[]; next: MemberId | null };

async function findBirthdays(tx: Tx, after: MemberId | null): Promise<Page> {
  const rules = await readRules(tx);
  if (!hasBirthdays(rules)) return { due: [], next: null };
  const { timeZone } = await readShop(tx);
  const { birthdays, next } = await listBirthdays(tx, after, batchMax);
  const today = localDateOf(now(), timeZone);
  const days = Array.from({ length: daysBack + 1 }, (_, index) => addDays(today, -index));
  const due = birthdays.flatMap((known) => {
    const date = days.find((day) => isBirthdayOn(known.birthday, day));
    return date !== undefined && wasKnownBefore(known, date, timeZone) ? [{ memberId: known.memberId, date }] : [];
  });
  return { due, next };
}

function hasBirthdays({ versions }: Rules): boolean {
  return versions.some(({ document }) =>
    document.earnRules.some((rule) => rule.kind === 'event' && rule.event === 'birthday'),
  );
}

function wasKnownBefore({ since }: KnownBirthday, date: LocalDate, timeZone: string): boolean {
  return since < startOfDay(date, timeZone);
}

async function giveBirthday(tx: Tx, memberId: MemberId, date: LocalDate): Promise<void> {
  const rules = await lockHistory(tx);
  const member = await lockMember(tx, memberId);
  const { timeZone } = await readShop(tx);
  const occurredAt = startOfDay(date, timeZone);
  // Where nothing is given for it, nothing is noted.
  const version = versionInForce(rules, member.programId, occurredAt);
  if (member.state === 'erased' || version === null || !hasBirthdays({ ...rules, versions: [version] })) return;
  const last = await findNewestEvent(tx, member.memberId, 'birthday');
  if (last !== null && daysBetween(localDateOf(last.event.occurredAt, timeZone), date) < daysBetweenMin) return;
  const at = now();
  const eventKey = `birthday:${date.year}`;
  const { eventId } = await recordEvent(
    tx,
    { member, kind: 'birthday', name: null, eventKey, occurredAt, actor: 'system' },
    at,
  );
  await settleEvents(tx, { memberId: member.memberId, eventIds: [eventId], at });
}

function daysBetween(from: LocalDate, to: LocalDate): number {
  const daysOf = ({ year, month, day }: LocalDate) => Date.UTC(year, month - 1, day) / dayMs;
  return daysOf(to) - daysOf(from);
}
