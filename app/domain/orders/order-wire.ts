/**
 * News of an order as it waits in the inbox, and states as they are kept: what most orders do not have is left out and
 * given back on reading, which also reads what was written before a field existed.
 */
import type { OrderLine, OrderNews, OrderRefund, OrderSnapshot } from '#app/domain/orders/order.ts';

/** Fields that are left out while they say nothing. */
type RareOf<Whole, Rare extends keyof Whole> = Omit<Whole, Rare> & { [Field in Rare]?: Whole[Field] | undefined };

type LineOnWire = RareOf<OrderLine, 'vendor'>;
/** A snapshot as text holds it. */
export type SnapshotOnWire = Omit<
  RareOf<OrderSnapshot, 'fulfilledAt' | 'hasGiftCardTender' | 'presentment'>,
  'lines'
> & {
  lines: LineOnWire[];
};
/** A refund as text holds it. */
export type RefundOnWire = RareOf<OrderRefund, 'presentment'>;
/** News as text holds it; to be made into JSON, which leaves out what is undefined. */
export type NewsOnWire = Omit<OrderNews, 'snapshot' | 'refunds'> & {
  snapshot: SnapshotOnWire | null;
  refunds: RefundOnWire[];
};

/** News as it is to be written. */
export function packNews(news: OrderNews): NewsOnWire {
  return {
    ...news,
    snapshot: news.snapshot === null ? null : packSnapshot(news.snapshot),
    refunds: news.refunds.map(packRefund),
  };
}

/** News as it was before `packNews`. */
export function unpackNews(news: NewsOnWire): OrderNews {
  return {
    ...news,
    snapshot: news.snapshot === null ? null : unpackSnapshot(news.snapshot),
    refunds: news.refunds.map(unpackRefund),
  };
}

/** A snapshot as it is to be written. */
export function packSnapshot(snapshot: OrderSnapshot): SnapshotOnWire {
  return {
    ...snapshot,
    lines: snapshot.lines.map((line) => ({ ...line, vendor: line.vendor ?? undefined })),
    fulfilledAt: snapshot.fulfilledAt ?? undefined,
    hasGiftCardTender: snapshot.hasGiftCardTender || undefined,
    presentment: snapshot.presentment ?? undefined,
  };
}

/** A snapshot as it was before `packSnapshot`. */
export function unpackSnapshot(snapshot: SnapshotOnWire): OrderSnapshot {
  return {
    ...snapshot,
    lines: snapshot.lines.map((line) => ({ ...line, vendor: line.vendor ?? null })),
    fulfilledAt: snapshot.fulfilledAt ?? null,
    hasGiftCardTender: snapshot.hasGiftCardTender ?? false,
    presentment: snapshot.presentment ?? null,
  };
}

/** A refund as it is to be written. */
export function packRefund(refund: OrderRefund): RefundOnWire {
  return { ...refund, presentment: refund.presentment ?? undefined };
}

/** A refund as it was before `packRefund`. */
export function unpackRefund(refund: RefundOnWire): OrderRefund {
  return { ...refund, presentment: refund.presentment ?? null };
}
