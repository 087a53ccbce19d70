import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { defaultProgram } from '#app/domain/programs/default-program.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { simulateProgram } from '#app/flows/programs/simulate-program.ts';
import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let api: ApiServer;
let shop: AddedShop;
let token: string;

beforeAll(async () => {
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  system = await openTestSystem();
  api = await startApi();
  shop = await addShop({ domain: 'simulated-place.myshopify.com' });
  token = await api.tokenOf(shop);
});
afterAll(async () => {
  await api.close();
  await system.close();
});

type Sent = { key?: string };

const send = (method: string, path: string, body: unknown, sent: Sent = {}) =>
  api.ask(`/api/v1/programs${path}`, {
    method,
    token,
    ...(body !== undefined && { body }),
    headers: { 'idempotency-key': sent.key ?? randomUUID() },
  });
const read = (path: string) => api.ask(`/api/v1/programs${path}`, { token });

const plain = defaultProgram({ shopName: 'Bean', currency: 'USD' });

/** So many points for each 1.00. */
function withRate(amount: number): ProgramDocument {
  const earnRules = plain.earnRules.map((rule) =>
    rule.kind === 'spend' ? { ...rule, rates: rule.rates.map((rate) => ({ ...rate, amount })) } : rule,
  );
  return { ...plain, earnRules };
}

async function addProgram(document: ProgramDocument = plain): Promise<string> {
  const answer = await send('POST', '', { document });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return String(answer.body['id']);
}

describe('a simulation through the API', () => {
  it('is asked for, watched, and read when it is done', async () => {
    const id = await addProgram();
    const key = randomUUID();
    const asked = await send('POST', `/${id}/simulations`, { orders: 5 }, { key });
    expect([asked.status, asked.body['state'], asked.body['ordersAsked']]).toEqual([202, 'queued', 5]);
    const again = await send('POST', `/${id}/simulations`, { orders: 5 }, { key });
    expect(again.body).toEqual(asked.body);
    const simulationId = String(asked.body['id']);
    expect(asked.headers.location).toBe(`/api/v1/programs/${id}/simulations/${simulationId}`);
    await simulateProgram({ shopId: shop.shopId, simulationId });
    const done = await read(`/${id}/simulations/${simulationId}`);
    expect(done.body).toMatchObject({ state: 'done', ordersFound: 0, result: { orders: 0, currency: 'USD' } });
    const elsewhere = await read(`/${await addProgram()}/simulations/${simulationId}`);
    expect(elsewhere.status).toBe(404);
  });

  it('of a document of its own leaves the draft alone, and can be cancelled', async () => {
    const id = await addProgram();
    const asked = await send('POST', `/${id}/simulations`, { document: withRate(9) });
    expect([asked.status, asked.body['draftRevision']]).toEqual([202, null]);
    expect((await read(`/${id}`)).body).toMatchObject({ draft: plain, draftRevision: 1 });
    const simulationId = String(asked.body['id']);
    const cancelled = await send('POST', `/${id}/simulations/${simulationId}/cancel`, undefined);
    expect([cancelled.status, cancelled.body['state']]).toEqual([200, 'cancelled']);
    const wrong = await send('POST', `/${id}/simulations`, { orders: 20_001, document: { ...plain, units: [] } });
    expect(wrong.status).toBe(422);
    expect((wrong.body['errors'] as { path: string }[]).map(({ path }) => path)).toEqual(
      expect.arrayContaining(['orders', 'document.units']),
    );
  });
});
