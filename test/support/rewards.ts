/** Reserving, spending and giving back rewards in tests, and looks into what came of it. */
import { randomUUID } from 'node:crypto';

import { expect } from 'vitest';

import { holdMinutesDefault, type RewardRequest } from '#app/data/ledger/reserving.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { Benefit, Reward } from '#app/domain/programs/rewards.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { commitReservation } from '#app/flows/members/commit-reservation.ts';
import { type ReservedReward, reserveReward } from '#app/flows/members/reserve-reward.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { deliver, drain, makeDocument, orderBody, type TestShop, type TestSystem } from '#test/support/factories.ts';

export const handedOver: Benefit = { kind: 'custom', instructions: 'Any' };

/** A reward of 100 points that staff hands over, with changes. */
export function rewardOf(id: string, changes: Partial<Reward> = {}): Reward {
  return { id, name: `Reward ${id}`, unit: 'points', cost: 100, benefit: handedOver, ...changes };
}

/** One reward for each gate there is, and the tiers one of them asks for. */
export const gatedRewards: Reward[] = [
  rewardOf('coffee'),
  rewardOf('once', { limits: { perMember: 1 } }),
  rewardOf('weekly', { cost: 1, limits: { perPeriod: { count: 2, days: 7 } } }),
  rewardOf('online', { channels: ['online'] }),
  rewardOf('harbour', { locationIds: ['7'] }),
  rewardOf('summer', { validFrom: '2027-06-01T00:00', validTo: '2027-07-01T00:00' }),
  rewardOf('golden', { cost: 1, tierIds: ['gold'] }),
];
export const gatedTiers: ProgramDocument['tiers'] = {
  qualifiesBy: { kind: 'orders' },
  window: { kind: 'lifetime' },
  graceDays: 0,
  levels: [{ id: 'gold', name: 'Gold', threshold: 2 }],
};

/** A program with these rewards and settings. */
export function programWith(
  rewards: Reward[],
  changes: Partial<ProgramDocument> = {},
  settings: Partial<ProgramDocument['settings']> = {},
): ProgramDocument {
  const document = makeDocument({ rewards, ...changes });
  return { ...document, settings: { ...document.settings, ...settings } };
}

/** What a caller asks for when nothing else matters; each with a key of its own. */
export function requestOf(
  shopId: ShopId,
  asked: Partial<RewardRequest> & Pick<RewardRequest, 'memberId' | 'rewardId'>,
): RewardRequest & { shopId: ShopId } {
  return {
    shopId,
    channel: 'pos',
    locationId: '7',
    cart: 'cart-1',
    idempotencyKey: randomUUID(),
    holdMinutes: holdMinutesDefault,
    actor: 'staff:1',
    staff: '77',
    claim: null,
    approvedBy: null,
    ...asked,
  };
}

/** Reserves, and is sure that it worked. */
export async function mustReserve(
  asked: Parameters<typeof reserveReward>[0],
): Promise<ReservedReward & { kind: 'reserved' }> {
  const outcome = await reserveReward(asked);
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.reason}`);
  return outcome;
}

/** Why it is refused; null when it was not. */
export async function refusalReason(asked: Parameters<typeof reserveReward>[0]): Promise<string | null> {
  const outcome = await reserveReward(asked);
  return outcome.kind === 'refused' ? outcome.reason : null;
}

/** Reserves and spends at once. */
export async function mustSpend(
  shopId: ShopId,
  asked: Parameters<typeof requestOf>[1],
  orderId: string | null = null,
): Promise<ReservedReward & { kind: 'reserved' }> {
  const reserved = await mustReserve(requestOf(shopId, asked));
  const { reservationId } = reserved;
  const committed = await commitReservation({ shopId, reservationId, orderId, actor: 'staff:1' });
  expect(committed.kind).toBe('committed');
  return reserved;
}

/** Gives units by hand. */
export async function give(shopId: ShopId, memberId: string, unit: string, amount: number): Promise<void> {
  const base = { shopId, memberId, unit, amount, reason: 'arranged', actor: 'staff:1', source: 'staff' } as const;
  await adjustBalance({ ...base, idempotencyKey: randomUUID() });
}

type Body = Record<string, unknown>;

/** A paid order of one line, by a customer, made at a time. */
export function sale(customerId: string, money: string, at: string, changes: Body = {}): Body {
  const plain = orderBody({ customer: { id: Number(customerId) }, created_at: at, processed_at: at, updated_at: at });
  const [line] = plain['line_items'] as Body[];
  return { ...plain, total_price: money, subtotal_price: money, line_items: [{ ...line, price: money }], ...changes };
}

/** The order once its money, or a part of it, went back. */
export function refunded(order: Body, money: string, at: string): Body {
  const before = (order['refunds'] ?? []) as Body[];
  const refund = {
    id: Number(order['id']) * 100 + before.length,
    order_id: order['id'],
    created_at: at,
    refund_line_items: [],
    order_adjustments: [{ id: before.length + 1, kind: 'refund_discrepancy', amount: `-${money}`, tax_amount: '0.00' }],
    transactions: [{ id: before.length + 1, kind: 'refund', status: 'success', amount: money }],
  };
  return { ...order, updated_at: at, financial_status: 'partially_refunded', refunds: [...before, refund] };
}

/** Hands a delivery to the shop and settles it. */
export async function tell(shop: TestShop, topic: string, body: Body): Promise<void> {
  await deliver(shop, topic, body);
  await drain(shop);
}

/** What of each lot remains and until when, the first to expire first; emptied lots are left out. */
export async function lotsOf(
  system: TestSystem,
  memberId: string,
  unit = 'points',
): Promise<{ remaining: number; until: string | null }[]> {
  const rows = await system.sql<{ remaining: string; expires_at: Date | null }>(
    'select remaining, expires_at from lot where member_id = $1 and unit = $2 and remaining > 0 order by expires_at, id',
    [memberId, unit],
  );
  return rows.map((row) => ({ remaining: Number(row.remaining), until: row.expires_at?.toISOString() ?? null }));
}

/** What is held of a unit. */
export async function heldOf(system: TestSystem, memberId: string, unit = 'points'): Promise<number> {
  const [row] = await system.sql<{ held: string }>('select held from balance where member_id = $1 and unit = $2', [
    memberId,
    unit,
  ]);
  return Number(row?.held);
}

/** What of each reward a writing-off program forgave. */
export async function forgivenOf(system: TestSystem, memberId: string): Promise<Record<string, number>> {
  const rows = await system.sql<{ reward_id: string; forgiven: number }>(
    'select reward_id, forgiven from reward_loss where member_id = $1',
    [memberId],
  );
  return Object.fromEntries(rows.map((row) => [row.reward_id, row.forgiven]));
}
