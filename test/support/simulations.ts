/** Sales, members and rules for the tests of simulations, and running one. */
import { expect } from 'vitest';

import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { SimulationResult } from '#app/domain/programs/simulation-figures.ts';
import { simulateProgram } from '#app/flows/programs/simulate-program.ts';
import { startSimulation } from '#app/flows/programs/start-simulation.ts';
import { simulationResult } from '#app/queries/simulation-result.ts';
import { deliver, makeDocument, makeMember, orderBody, type TestShop } from '#test/support/factories.ts';

type Sale = { customerId: string; cents: number; at: Date; productId?: number };

/** A paid sale at a time; settle afterwards. */
export async function sell(
  shop: TestShop,
  { customerId, cents, at, productId = 11 }: Sale,
): Promise<Record<string, unknown>> {
  const price = (cents / 100).toFixed(2);
  const time = at.toISOString();
  const plain = orderBody();
  const [line] = plain['line_items'] as Record<string, unknown>[];
  const order = {
    ...plain,
    customer: { id: Number(customerId) },
    created_at: time,
    processed_at: time,
    updated_at: time,
    total_price: price,
    subtotal_price: price,
    line_items: [{ ...line, price, product_id: productId }],
  };
  await deliver(shop, 'orders/paid', order);
  return order;
}

export const ago = (days: number): Date => new Date(Date.now() - days * 86_400_000);

export async function simulate(shop: TestShop, document: ProgramDocument | null, orders = 1_000): Promise<string> {
  const { simulationId } = await startSimulation({ ...shop, document, orders, actor: 'test' });
  return simulationId;
}

const turnsMax = 100;

/** Works until the simulation is over, as the lane's jobs do: each hands over to the next. */
export async function finish(shop: TestShop, simulationId: string): Promise<SimulationResult> {
  for (let turn = 0; turn < turnsMax; turn += 1) {
    await simulateProgram({ shopId: shop.shopId, simulationId });
    const simulation = await simulationResult(shop.shopId, { programId: shop.programId, simulationId });
    if (simulation.state === 'running') continue;
    expect([simulation.state, simulation.problem]).toEqual(['done', null]);
    if (simulation.result !== null) return simulation.result;
  }
  throw new Error('the simulation did not end');
}

export const run = async (shop: TestShop, document: ProgramDocument | null, orders?: number) =>
  finish(shop, await simulate(shop, document, orders));

export const usdRate = (amount: number): ProgramDocument['earnRules'][number] => ({
  kind: 'spend',
  id: 'spend',
  unit: 'points',
  rates: [{ currency: 'USD', amount, perMinor: 100 }],
  rounding: 'floor',
  conditions: {},
});
export const withRules = (earnRules: ProgramDocument['earnRules'], rest: Partial<ProgramDocument> = {}) =>
  makeDocument({ earnRules, ...rest });

/** Rules that look back: at caps, at the first order, at tiers and at the time between. */
export const lookingBack = withRules(
  [
    { ...usdRate(3), caps: { perDay: 60, perMember: 400 } },
    { kind: 'visit', id: 'first', unit: 'points', amount: 50, conditions: { firstOrder: true } },
    { kind: 'visit', id: 'visit', unit: 'stamps', amount: 1, conditions: {}, coolDownHours: 24 },
  ],
  {
    tiers: {
      qualifiesBy: { kind: 'orders' },
      window: { kind: 'lifetime' },
      graceDays: 0,
      levels: [{ id: 'regular', name: 'Regular', threshold: 2, multiplier: { times: 3, over: 2 } }],
    },
  },
);

export async function makeMembers(shop: TestShop, count: number): Promise<{ memberId: string; customerId: string }[]> {
  const members: { memberId: string; customerId: string }[] = [];
  for (let n = 0; n < count; n += 1) members.push(await makeMember(shop));
  return members;
}
