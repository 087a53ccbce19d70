import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { changeAccessSettings } from '#app/flows/access/change-access-settings.ts';
import { type ApiTill, openApiTill } from '#test/support/api-till.ts';
import { letIn, testPin } from '#test/support/staff.ts';

let till: ApiTill;

beforeAll(async () => {
  till = await openApiTill();
});
afterAll(() => till.close());

async function memberWithStamps(count: number): Promise<string> {
  const memberId = await till.addMember();
  await till.post(`/members/${memberId}/stamps`, { count, reference: randomUUID() });
  return memberId;
}

const reserve = (memberId: string, fields: object = {}, sent: { key?: string; token?: string } = {}) =>
  till.post(`/members/${memberId}/reservations`, { rewardId: 'free-coffee', channel: 'api', ...fields }, sent);

async function reserved(memberId: string): Promise<string> {
  const answer = await reserve(memberId);
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return `/members/${memberId}/reservations/${String(answer.body['reservationId'])}`;
}

describe('rewards of a member', () => {
  it('are listed with why they cannot be had', async () => {
    const memberId = await memberWithStamps(10);
    const { body } = await till.get(`/members/${memberId}/rewards`);
    expect(body).toMatchObject({
      memberId,
      rewards: [
        { rewardId: 'free-coffee', cost: 10, isAvailable: true, reason: null, timesReady: 1 },
        { rewardId: 'five-off', cost: 100, isAvailable: false, reason: 'not-enough', timesReady: 0 },
      ],
    });
    const strange = await till.api.ask(`/api/v1/members/${memberId}/rewards`, { token: till.strangerToken });
    expect(strange.status).toBe(404);
  });
});

describe('a reservation', () => {
  it('holds, is read back, and is spent when committed', async () => {
    const memberId = await memberWithStamps(12);
    const fields = { cartReference: 'till 4, sale 77', expiresInSeconds: 300 };
    const { status, body, headers } = await reserve(memberId, fields);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      memberId,
      rewardId: 'free-coffee',
      state: 'reserved',
      cartReference: 'till 4, sale 77',
    });
    expect(Date.parse(String(body['expiresAt'])) - Date.parse(String(body['createdAt']))).toBe(300_000);
    expect(await till.balanceOf(memberId, 'stamps')).toMatchObject({ amount: 12, held: 10, available: 2 });
    const path = String(headers.location).replace('/api/v1', '');
    expect((await till.get(path)).body).toEqual(body);
    const committed = await till.post(`${path}/commit`, { orderId: '4711' });
    expect([committed.status, committed.body]).toEqual([
      200,
      { ...body, state: 'committed', orderId: '4711', giftCardCode: null, isOnItsWay: false },
    ]);
    expect(await till.balanceOf(memberId, 'stamps')).toMatchObject({ amount: 2, held: 0, available: 2, collected: 12 });
    const other = await till.post(`${path}/commit`, { orderId: '4712' });
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency-mismatch']);
    const released = await till.post(`${path}/release`, undefined);
    expect([released.status, released.body['code']]).toEqual([409, 'reservation-committed']);
  });

  it('is given up when released, and cannot be committed then', async () => {
    const memberId = await memberWithStamps(10);
    const path = await reserved(memberId);
    for (let time = 0; time < 2; time += 1) {
      const released = await till.post(`${path}/release`, undefined);
      expect([released.status, released.body['state']]).toEqual([200, 'released']);
    }
    expect(await till.balanceOf(memberId, 'stamps')).toMatchObject({ amount: 10, held: 0, available: 10 });
    const late = await till.post(`${path}/commit`, {});
    expect([late.status, late.body['code']]).toEqual([409, 'reservation-released']);
  });

  it('is one for twenty equal calls at once, and so is its commit', async () => {
    const memberId = await memberWithStamps(40);
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => reserve(memberId, {}, { key })));
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
    expect(await till.balanceOf(memberId, 'stamps')).toMatchObject({ held: 10 });
    const path = `/members/${memberId}/reservations/${String(answers[0]?.body['reservationId'])}/commit`;
    const commits = await Promise.all(Array.from({ length: 20 }, () => till.post(path, {}, { key: `commit-${key}` })));
    expect(new Set(commits.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
    expect(await till.balanceOf(memberId, 'stamps')).toMatchObject({ amount: 30, held: 0 });
  });

  it('goes to one of twenty callers with keys of their own when there is enough for one', async () => {
    const memberId = await memberWithStamps(10);
    const answers = await Promise.all(Array.from({ length: 20 }, () => reserve(memberId)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(new Set(refused.map(({ status, body }) => `${status} ${String(body['code'])}`))).toEqual(
      new Set(['409 insufficient-balance']),
    );
  });

  it('is refused under a key that was used for something else, another operation included', async () => {
    const memberId = await memberWithStamps(20);
    const key = randomUUID();
    expect((await reserve(memberId, {}, { key })).status).toBe(201);
    const changed = await reserve(memberId, { expiresInSeconds: 200 }, { key });
    expect([changed.status, changed.body['code']]).toEqual([409, 'idempotency-mismatch']);
    const stamps = await till.post(`/members/${memberId}/stamps`, { reference: 'other' }, { key });
    expect([stamps.status, stamps.body['code']]).toEqual([409, 'idempotency-mismatch']);
  });

  it('is nobody else’s: not another member’s, not another shop’s', async () => {
    const memberId = await memberWithStamps(10);
    const path = await reserved(memberId);
    const somebody = await till.addMember();
    const theirs = path.replace(memberId, somebody);
    for (const answer of [
      await till.get(theirs),
      await till.post(`${theirs}/commit`, {}),
      await till.post(`${theirs}/release`, undefined),
      await till.post(`${path}/commit`, {}, { token: till.strangerToken }),
      await reserve(memberId, {}, { token: till.strangerToken }),
      await till.get(`/members/${memberId}/reservations/nonsense`),
    ])
      expect(answer.status).toBe(404);
    expect((await till.get(path)).body['state']).toBe('reserved');
  });

  it('needs its scope, a known reward and a sensible time', async () => {
    const memberId = await memberWithStamps(10);
    const token = await till.api.tokenOf(till.shop, 'rewards:read');
    expect((await reserve(memberId, {}, { token })).status).toBe(403);
    const unknown = await reserve(memberId, { rewardId: 'moon' });
    expect([unknown.status, unknown.body['code']]).toEqual([404, 'reward-not-found']);
    for (const fields of [{ expiresInSeconds: 5 }, { expiresInSeconds: 5_000 }, { channel: 'fax' }, { surprise: 1 }])
      expect((await reserve(memberId, fields)).status).toBe(422);
  });
});

it('F10 above the threshold of the shop a reservation needs a manager, whose PIN leaves no trace', async () => {
  const { shopId } = till.shop;
  const settings = { defaultRole: 'viewer' as const, isTillOpen: true, tillCostMax: null, apiCostMax: 9 };
  await changeAccessSettings({ shopId, actor: 'staff:1', settings });
  const { number } = await letIn(shopId, { userId: '2', role: 'manager', hasPin: true });
  const memberId = await memberWithStamps(10);
  const key = randomUUID();
  // A channel of another name is no way around it.
  for (const channel of ['api', 'pos', 'online']) {
    const refused = await reserve(memberId, { channel });
    expect([refused.status, refused.body['code']]).toEqual([403, 'step_up_required']);
  }
  const wrong = await reserve(memberId, { approval: { number, pin: '591736' } }, { key });
  expect([wrong.status, wrong.body['code']]).toEqual([403, 'step_up_failed']);
  const approval = { number, pin: testPin };
  expect((await reserve(memberId, { approval }, { key })).status).toBe(201);
  // What the request is remembered by is the same without the PIN: nothing of it can be found by trying.
  const again = await reserve(memberId, {}, { key });
  expect([again.status, again.body['cost']]).toEqual([201, 10]);
  const turned = { approval, channel: 'api', rewardId: 'free-coffee' };
  expect((await till.post(`/members/${memberId}/reservations`, turned, { key })).status).toBe(201);
  expect((await reserve(memberId, { approval, expiresInSeconds: 200 }, { key })).status).toBe(409);
  await changeAccessSettings({ shopId, actor: 'staff:1', settings: { ...settings, apiCostMax: null } });
});
