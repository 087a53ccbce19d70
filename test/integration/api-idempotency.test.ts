import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { addShop } from '#app/flows/shops/add-shop.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let api: ApiServer;
let token: string;
beforeAll(async () => {
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  system = await openTestSystem('stampwell_web');
  api = await startApi();
  token = await api.tokenOf(await addShop({ domain: 'bean-there.myshopify.com' }));
});
afterAll(async () => {
  await api.close();
  await system.close();
});

const post = (path: string, body: string, key: string = randomUUID()) =>
  api.ask(`/api/v1/members${path}`, {
    token,
    body,
    headers: { 'idempotency-key': key, 'content-type': 'application/json' },
  });

describe('one idempotency key', () => {
  it('takes the same JSON for the same, in whatever order and with whatever spaces it is written', async () => {
    const path = `/${String((await post('', '{}')).body['id'])}/adjustments`;
    const key = randomUUID();
    const first = await post(path, '{"unit":"points","amount":7,"reason":"Sorry"}', key);
    const second = await post(path, '{ "reason": "Sorry",\n "amount": 7, "unit": "points" }', key);
    expect([first.status, second.status, second.text]).toEqual([201, 201, first.text]);
    const other = await post(path, '{"reason":"points","amount":7,"unit":"Sorry"}', key);
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency-mismatch']);
  });

  it('does not help a body that is nested without end', async () => {
    const answer = await post('', `{"name":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, randomUUID());
    expect([answer.status, answer.body['code']]).toEqual([400, 'bad-json']);
  });
});
