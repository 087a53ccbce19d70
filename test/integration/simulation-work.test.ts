import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { cancelSimulation } from '#app/flows/programs/cancel-simulation.ts';
import { simulateProgram } from '#app/flows/programs/simulate-program.ts';
import { startSimulation } from '#app/flows/programs/start-simulation.ts';
import { simulationResult } from '#app/queries/simulation-result.ts';
import { drain, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { ago, finish, lookingBack, makeMembers, run, sell, simulate } from '#test/support/simulations.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());

describe('a simulation', () => {
  let shop: TestShop;
  const sales = 120;
  beforeAll(async () => {
    shop = await makeShop();
    const members = await makeMembers(shop, sales);
    for (const [index, { customerId }] of members.entries())
      await sell(shop, { customerId, cents: 1_000 + index * 7, at: ago(1 + (index % 20)) });
    await drain(shop);
  }, 120_000);

  const stateOf = (simulationId: string) => simulationResult(shop.shopId, { ...shop, simulationId });

  /** Answers a simulation whose worker was killed after some of its batches. */
  async function killedHalfway(): Promise<string> {
    const simulationId = await simulate(shop, lookingBack);
    const program = path.join(import.meta.dirname, '..', 'support', 'simulate-once.ts');
    const holder = new pg.Client({ connectionString: system.url });
    await holder.connect();
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', program, system.url, shop.shopId, simulationId],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    try {
      // Held between two batches, so that the worker dies with some of them done.
      for (;;) {
        await holder.query('begin');
        const { rows } = await holder.query<{ progress: number }>(
          'select progress from simulation where id = $1 for update',
          [simulationId],
        );
        if ((rows[0]?.progress ?? 0) > 0) break;
        await holder.query('rollback');
      }
      child.kill('SIGKILL');
      await once(child, 'close');
    } finally {
      child.kill('SIGKILL');
      await holder.query('rollback');
      await holder.end();
    }
    // Between two looks the worker may come to the end: then another one has to be caught.
    return (await stateOf(simulationId)).ordersDone < sales ? simulationId : killedHalfway();
  }

  it('whose worker is killed goes on where it was and ends the same', async () => {
    const whole = await run(shop, lookingBack);
    const simulationId = await killedHalfway();
    const halfway = await stateOf(simulationId);
    expect(halfway).toMatchObject({ state: 'running', ordersFound: sales, result: null });
    expect(halfway.ordersDone).toBeGreaterThan(0);
    expect(halfway.ordersDone).toBeLessThan(sales);
    expect(await finish(shop, simulationId)).toEqual(whole);
  });

  it('that several workers take up at once counts everybody once', async () => {
    const simulationId = await simulate(shop, null);
    await Promise.all(Array.from({ length: 4 }, () => simulateProgram({ shopId: shop.shopId, simulationId })));
    const result = await finish(shop, simulationId);
    expect(result).toMatchObject({ orders: sales, members: sales });
    expect(result.units[1]).toMatchObject({ unit: 'stamps', before: sales, after: sales, unchanged: sales });
    await simulateProgram({ shopId: shop.shopId, simulationId });
    expect((await stateOf(simulationId)).result).toEqual(result);
  });

  it('can be cancelled, and is when the next one is asked for', async () => {
    const first = await simulate(shop, null);
    await cancelSimulation({ ...shop, simulationId: first, actor: 'test' });
    await cancelSimulation({ ...shop, simulationId: first, actor: 'test' });
    await simulateProgram({ shopId: shop.shopId, simulationId: first });
    expect(await stateOf(first)).toMatchObject({ state: 'cancelled', ordersDone: 0, result: null });
    const second = await simulate(shop, null);
    const third = await simulate(shop, null);
    expect([(await stateOf(second)).state, (await stateOf(third)).state]).toEqual(['cancelled', 'queued']);
  });

  it('is not there for another shop, and does nothing for it', async () => {
    const simulationId = await simulate(shop, null);
    const other = await makeShop();
    await simulateProgram({ shopId: other.shopId, simulationId });
    await expect(simulationResult(other.shopId, { ...other, simulationId })).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(cancelSimulation({ ...other, simulationId, actor: 'test' })).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(
      startSimulation({ shopId: other.shopId, programId: shop.programId, document: null, orders: 1, actor: 'test' }),
    ).rejects.toMatchObject({ name: 'NotFound' });
    expect((await stateOf(simulationId)).state).toBe('queued');
  });

  it('is kept among the last twenty of its program', async () => {
    for (let n = 0; n < 25; n += 1) await simulate(shop, null);
    expect(await system.sql('select 1 from simulation where shop_id = $1', [shop.shopId])).toHaveLength(20);
  });

  it.each([0, 20_001, 1.5, Number.NaN])('is refused for %d orders', async (orders) => {
    await expect(startSimulation({ ...shop, document: null, orders, actor: 'test' })).rejects.toMatchObject({
      name: 'InvalidInput',
    });
  });
});

it('a simulation hands over to the next job after a while, so that others of the lane get their turn', async () => {
  const shop = await makeShop();
  const [member] = await makeMembers(shop, 1);
  await sell(shop, { customerId: member?.customerId ?? '', cents: 500, at: ago(1) });
  await drain(shop);
  const simulationId = await simulate(shop, null);
  const jobs = async () =>
    (
      await system.sql(`select 1 from outbox where job = 'simulate-program' and payload->>'simulationId' = $1`, [
        simulationId,
      ])
    ).length;
  expect(await jobs()).toBe(1);
  // An hour passes after the first batch.
  let looks = 0;
  const clock = vi.spyOn(performance, 'now');
  for (let turn = 2; turn <= 3; turn += 1) {
    looks = 0;
    clock.mockImplementation(() => Math.floor((looks += 1) / 3) * 3_600_000);
    await simulateProgram({ shopId: shop.shopId, simulationId });
    expect(await jobs()).toBe(turn);
  }
  clock.mockRestore();
  expect(await finish(shop, simulationId)).toMatchObject({ orders: 1, members: 1 });
  expect(await jobs()).toBe(3);
});
