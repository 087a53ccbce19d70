/** A page of a member's ledger, each entry told: what happened, and why it gave or took so many. */
import { type ListedEntry, listEntries, listOrderBookings } from '#app/data/ledger/ledger-audit.ts';
import { findOrders } from '#app/data/orders/orders.ts';
import type { RuleVersion } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type EntryStory, tellEntry, type ToldOrder } from '#app/domain/ledger/entry-story.ts';

export type StoriedEntry = Pick<
  ListedEntry,
  'entryId' | 'kind' | 'unit' | 'amount' | 'source' | 'orderId' | 'reason' | 'actor' | 'occurredAt' | 'bookedAt'
> &
  EntryStory;

/** Newest first, before an entry id; `next` is where to go on. `versions` are the program's, newest first. */
export async function readLedgerStories(
  tx: Tx,
  memberId: string,
  page: { before: string | null; limit: number; versions: readonly RuleVersion[] },
): Promise<{ entries: StoriedEntry[]; next: string | null }> {
  const listed = await listEntries(tx, memberId, { before: page.before, limit: page.limit + 1 });
  const entries = listed.slice(0, page.limit);
  const orderIds = [...new Set(entries.flatMap((entry) => entry.orderId ?? []))];
  const orders = await findOrders(tx, orderIds);
  const bookings = await listOrderBookings(tx, memberId, orderIds);
  const orderOf = ({ orderId, unit, entryId }: ListedEntry): ToldOrder | null => {
    const order = orderId === null ? undefined : orders.get(orderId);
    if (order === undefined) return null;
    // Entries of one order and unit follow each other by id; their counter entries share their time.
    const before = bookings.filter(
      (booking) => booking.orderId === orderId && booking.unit === unit && BigInt(booking.entryId) < BigInt(entryId),
    );
    return { state: order.state, bookedBefore: before.at(-1)?.bookedAt ?? null };
  };
  return {
    entries: entries.map((entry) => {
      const { explanation: _raw, ruleVersionId, ...shown } = entry;
      const own = page.versions.filter((version) => version.versionId === ruleVersionId);
      const documents = [...own, ...page.versions].map((version) => version.document);
      return { ...shown, ...tellEntry(entry, orderOf(entry), documents) };
    }),
    next: listed.length > page.limit ? (entries.at(-1)?.entryId ?? null) : null,
  };
}
