import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { defaultProgram } from '#app/domain/programs/default-program.ts';
import { type ApiTill, openApiTill } from '#test/support/api-till.ts';

let till: ApiTill;
let eventProgramId: string;

beforeAll(async () => {
  till = await openApiTill();
  eventProgramId = await publishEventProgram();
});
afterAll(() => till.close());

async function publishEventProgram(): Promise<string> {
  const plain = defaultProgram({ shopName: 'Events', currency: 'USD' });
  const event = { kind: 'event', unit: 'points', conditions: {} };
  const document = {
    ...plain,
    earnRules: [
      ...plain.earnRules,
      { ...event, id: 'review', event: 'review', amount: 25 },
      { ...event, id: 'tasting', event: 'custom', eventName: 'tasting', amount: 40 },
    ],
  };
  const created = await till.post('/programs', { document });
  const id = String(created.body['id']);
  const published = await till.post(`/programs/${id}/publish`, {});
  expect([published.status, published.text]).toEqual([201, published.text]);
  return id;
}

const mutations: [string, (memberId: string) => string, unknown, unknown, string][] = [
  [
    'an adjustment',
    (memberId) => `/members/${memberId}/adjustments`,
    { unit: 'points', amount: 30, reason: 'Sorry' },
    { unit: 'points', amount: 31, reason: 'Sorry' },
    'ledger:write',
  ],
  [
    'stamps',
    (memberId) => `/members/${memberId}/stamps`,
    { count: 2, reference: 'visit-1' },
    { count: 3, reference: 'visit-1' },
    'ledger:write',
  ],
  [
    'an event',
    (memberId) => `/members/${memberId}/events`,
    { kind: 'review', eventKey: 'review-1' },
    { kind: 'review', eventKey: 'review-2' },
    'events:write',
  ],
];

describe.each(mutations)('%s', (_name, pathOf, first, second, scope) => {
  const entriesOf = async (memberId: string) =>
    (await till.get(`/members/${memberId}/ledger`)).body['entries'] as Record<string, unknown>[];

  /** References and event keys of an integrator are theirs for the whole shop. */
  const fresh = (body: unknown, tail: string): unknown => {
    const fields = body as Record<string, unknown>;
    const key = ['reference', 'eventKey'].find((name) => name in fields);
    return key === undefined ? body : { ...fields, [key]: `${String(fields[key])}-${tail}` };
  };

  it('is booked once for twenty equal calls at once and a late one, and all get one answer', async () => {
    const memberId = await till.addMember({ programId: eventProgramId });
    const key = randomUUID();
    const body = fresh(first, key);
    const answers = await Promise.all(Array.from({ length: 20 }, () => till.post(pathOf(memberId), body, { key })));
    answers.push(await till.post(pathOf(memberId), body, { key }));
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(201);
    expect(await entriesOf(memberId)).toHaveLength(1);
  });

  it('is refused under a key that was used for something else', async () => {
    const memberId = await till.addMember({ programId: eventProgramId });
    const key = randomUUID();
    expect((await till.post(pathOf(memberId), fresh(first, key), { key })).status).toBe(201);
    const reused = await till.post(pathOf(memberId), fresh(second, key), { key });
    expect([reused.status, reused.body['code']]).toEqual([409, 'idempotency-mismatch']);
    expect(await entriesOf(memberId)).toHaveLength(1);
  });

  it('is refused for another shop’s member, without its scope, and with unknown fields', async () => {
    const memberId = await till.addMember({ programId: eventProgramId });
    const stranger = await till.post(pathOf(memberId), first, { token: till.strangerToken });
    expect([stranger.status, stranger.body['code']]).toEqual([404, 'member-not-found']);
    const token = await till.api.tokenOf(till.shop, 'members:read');
    const lacking = await till.post(pathOf(memberId), first, { token });
    expect([lacking.status, lacking.body['code']]).toEqual([403, 'insufficient-scope']);
    expect(String(lacking.body['detail'])).toContain(scope);
    const unknown = await till.post(pathOf(memberId), { ...(first as object), surprise: 1 });
    expect([unknown.status, unknown.body['code']]).toEqual([422, 'invalid-input']);
    expect(await entriesOf(memberId)).toEqual([]);
  });
});

describe('an adjustment', () => {
  const adjust = (memberId: string, amount: number) =>
    till.post(`/members/${memberId}/adjustments`, { unit: 'points', amount, reason: 'Counted again' });

  it('moves the balance and tells it', async () => {
    const memberId = await till.addMember();
    expect((await adjust(memberId, 30)).body).toMatchObject({ memberId, unit: 'points', amount: 30, balance: 30 });
    expect((await adjust(memberId, -10)).body).toMatchObject({ amount: -10, balance: 20 });
    expect(await till.balanceOf(memberId, 'points')).toMatchObject({ amount: 20, available: 20, pending: 0, held: 0 });
  });

  it('never takes more than there is', async () => {
    const memberId = await till.addMember();
    await adjust(memberId, 5);
    const refused = await adjust(memberId, -6);
    expect([refused.status, refused.body['code']]).toEqual([409, 'insufficient-balance']);
    expect(await till.balanceOf(memberId, 'points')).toMatchObject({ amount: 5 });
  });
});

describe('stamps', () => {
  it('are given once for a reference, whatever the key', async () => {
    const memberId = await till.addMember();
    const body = { count: 2, reference: 'receipt-7' };
    const first = await till.post(`/members/${memberId}/stamps`, body);
    const second = await till.post(`/members/${memberId}/stamps`, body);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body['entryId']).toBe(first.body['entryId']);
    const other = await till.post(`/members/${memberId}/stamps`, { ...body, count: 3 });
    expect([other.status, other.body['code']]).toEqual([409, 'reference-reused']);
    expect(await till.balanceOf(memberId, 'stamps')).toMatchObject({ amount: 2 });
  });

  it('are never points', async () => {
    const memberId = await till.addMember();
    const answer = await till.post(`/members/${memberId}/stamps`, { unit: 'points', reference: 'receipt-8' });
    expect([answer.status, answer.body['code']]).toEqual([422, 'unit-unknown']);
  });
});

describe('an event', () => {
  it('brings what the program gives, and revoking takes it back', async () => {
    const memberId = await till.addMember({ programId: eventProgramId });
    const told = { kind: 'custom', name: 'tasting', eventKey: 'tasting:1' };
    expect((await till.post(`/members/${memberId}/events`, told)).status).toBe(201);
    expect((await till.post(`/members/${memberId}/events`, told)).status).toBe(200);
    expect(await till.balanceOf(memberId, 'points')).toMatchObject({ amount: 40 });
    for (let time = 0; time < 2; time += 1) {
      const revoked = await till.post(`/members/${memberId}/events/tasting:1/revoke`, undefined);
      expect([revoked.status, revoked.body]).toEqual([200, { memberId, eventKey: 'tasting:1', isRevoked: true }]);
      expect(await till.balanceOf(memberId, 'points')).toMatchObject({ amount: 0 });
    }
    expect((await till.post(`/members/${memberId}/events/never/revoke`, undefined)).status).toBe(404);
  });

  it('that is custom needs a name', async () => {
    const memberId = await till.addMember({ programId: eventProgramId });
    const answer = await till.post(`/members/${memberId}/events`, { kind: 'custom', eventKey: 'nameless' });
    expect([answer.status, answer.body['code']]).toEqual([422, 'invalid-input']);
  });
});

describe('a referral code', () => {
  it('is the same at every asking', async () => {
    const memberId = await till.addMember();
    const ask = async () => (await till.post(`/members/${memberId}/referral-code`, undefined)).body;
    const first = await ask();
    expect(first).toMatchObject({ memberId, code: expect.stringMatching(/.+/) as string });
    expect(await ask()).toEqual(first);
  });
});
