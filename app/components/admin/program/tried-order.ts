import type { Channel } from '#app/domain/orders/order.ts';

/** An order as a merchant tries it. */
export type TriedOrder = {
  amountMinor: number;
  items: number;
  /** The rule whose goods are bought; empty for any goods. */
  goodsOf: string;
  channel: Channel;
  wallTime: string;
  /** Empty for none. */
  tierId: string;
  isFirstOrder: boolean;
};
