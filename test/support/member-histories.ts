/** Histories of one member for tests: sales, refunds and occasions at times of March 2026 and after. */
import { plainFacts } from '#app/domain/earning/facts.ts';
import type { HistoryEvent, HistoryOrder, MemberHistory } from '#app/domain/earning/history.ts';
import { emptyOrder, mergeNews } from '#app/domain/orders/order-merge.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { makeLine, makeRefund, makeSnapshot } from '#test/support/orders.ts';

export type Sale = {
  id: string;
  /** `2026-03-01T09:00` in UTC; the rest is left out. */
  at: string;
  /** What it cost, in minor units. */
  minor: number;
  refunds?: { at: string; minor: number }[];
  cancelledAt?: string;
};

const instant = (at: string) => new Date(`${at.length === 10 ? `${at}T09:00` : at}:00.000Z`).toISOString();

export function madeSale(document: ProgramDocument, sale: Sale, timeZone = 'UTC'): HistoryOrder {
  const refunds = (sale.refunds ?? []).map(({ at, minor }, index) =>
    makeRefund({ refundId: `${sale.id}${index}`, createdAt: instant(at), amountOnlyMinor: minor }),
  );
  const snapshot = makeSnapshot({
    orderId: sale.id,
    processedAt: instant(sale.at),
    financialStatus: refunds.length > 0 ? 'partially_refunded' : 'paid',
    cancelledAt: sale.cancelledAt === undefined ? null : instant(sale.cancelledAt),
    lines: [makeLine({ id: sale.id, grossMinor: sale.minor })],
  });
  const state = mergeNews(emptyOrder(sale.id), { orderId: sale.id, snapshot, refunds });
  return { state, document, facts: plainFacts(timeZone) };
}

/** A review the member wrote. */
export function writtenReview(document: ProgramDocument, { id, at }: { id: string; at: string }): HistoryEvent {
  const event = {
    eventId: id,
    kind: 'review' as const,
    name: null,
    occurredAt: new Date(instant(at)),
    isRevoked: false,
  };
  return { event, document, facts: plainFacts('UTC') };
}

export function madeHistory(document: ProgramDocument, sales: Sale[], timeZone = 'UTC'): MemberHistory {
  return { orders: sales.map((sale) => madeSale(document, sale, timeZone)), events: [] };
}
