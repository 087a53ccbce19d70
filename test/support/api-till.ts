/** An integrator's till for tests: a shop with a token, and calls under keys of their own. */
import { randomBytes, randomUUID } from 'node:crypto';

import { expect } from 'vitest';

import type { DatabaseRole } from '#app/data/database.ts';
import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';

type Answer = Awaited<ReturnType<ApiServer['ask']>>;

export type ApiTill = {
  system: TestSystem;
  api: ApiServer;
  shop: AddedShop;
  token: string;
  /** Of another shop. */
  strangerToken: string;
  post: (path: string, body: unknown, sent?: { key?: string; token?: string }) => Promise<Answer>;
  get: (path: string) => Promise<Answer>;
  addMember: (fields?: Record<string, unknown>) => Promise<string>;
  balanceOf: (memberId: string, unit: string) => Promise<Record<string, unknown>>;
  close: () => Promise<void>;
};

/** `role`: what this one process may do in the database; a worker's where a test also plays the workers. */
export async function openApiTill(role: DatabaseRole = 'stampwell_web'): Promise<ApiTill> {
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  const system = await openTestSystem(role);
  const api = await startApi();
  const shop = await addShop({ domain: 'tills.myshopify.com' });
  const token = await api.tokenOf(shop);
  const strangerToken = await api.tokenOf(await addShop({ domain: 'elsewhere.myshopify.com' }));
  const post: ApiTill['post'] = (path, body, sent = {}) =>
    api.ask(`/api/v1${path}`, {
      method: 'POST',
      token: sent.token ?? token,
      ...(body !== undefined && { body }),
      headers: { 'idempotency-key': sent.key ?? randomUUID() },
    });
  const get: ApiTill['get'] = (path) => api.ask(`/api/v1${path}`, { token });
  return {
    system,
    api,
    shop,
    token,
    strangerToken,
    post,
    get,
    addMember: async (fields = {}) => {
      const answer = await post('/members', { externalId: randomUUID(), programId: shop.programId, ...fields });
      expect([answer.status, answer.text]).toEqual([201, answer.text]);
      return String(answer.body['id']);
    },
    balanceOf: async (memberId, unit) => {
      const { body } = await get(`/members/${memberId}/balance`);
      const balances = body['balances'] as Record<string, unknown>[];
      return balances.find((balance) => balance['unit'] === unit) ?? {};
    },
    close: async () => {
      await api.close();
      await system.close();
    },
  };
}
