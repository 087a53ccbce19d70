/**
 * Every change leaves an audit record with its actor. The lists are not written by hand: what changes something through the
 * API is read from its operations, what people can do in the admin, at the till and on their card from the modules themselves.
 */
import { randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { isMutation } from '#app/contracts/api-operation.ts';
import { apiOperations } from '#app/contracts/api-operations.ts';
import { defaultProgram } from '#app/domain/programs/default-program.ts';
import { claimCodeOfOrder } from '#app/queries/claim-code-of-order.ts';
import { type ApiTill, openApiTill } from '#test/support/api-till.ts';
import { deliver, drain, orderBody } from '#test/support/factories.ts';

let till: ApiTill;
let memberId: string;
let programId: string;
beforeAll(async () => {
  till = await openApiTill();
  memberId = await till.addMember();
  await done(till.post(`/members/${memberId}/stamps`, { count: 60, reference: 'start' }));
  const made = await till.post('/programs', { document: document('First') });
  programId = String(made.body['id']);
  await done(till.post(`/programs/${programId}/publish`, {}));
});
afterAll(() => till.close());

const document = (shopName: string) => defaultProgram({ shopName, currency: 'USD' });

async function done(calling: Promise<{ status: number; text: string; body: Record<string, unknown> }>) {
  const answer = await calling;
  expect([answer.status, answer.status < 300 ? '' : answer.text]).toEqual([answer.status, '']);
  return answer.body;
}

const of = (rest: string) => `/members/${memberId}/${rest}`;
const reserve = async () =>
  of(`reservations/${String((await done(till.post(of('reservations'), { rewardId: 'free-coffee', channel: 'api' })))['reservationId'])}`); // prettier-ignore
const simulate = async () =>
  `/programs/${programId}/simulations/${String((await done(till.post(`/programs/${programId}/simulations`, { orders: 5 })))['id'])}`; // prettier-ignore
const send = (method: string, target: string, body?: unknown) =>
  till.api.ask(`/api/v1${target}`, {
    method,
    token: till.token,
    ...(body !== undefined && { body }),
    headers: { 'idempotency-key': randomUUID() },
  });

/** Each changes something; what it needs is arranged before, so that the records counted are its own. */
const changes: Record<string, () => Promise<() => ReturnType<typeof send>>> = {
  createMember: async () => () => till.post('/members', { externalId: 'one', programId: till.shop.programId }),
  updateMember: async () => () => send('PATCH', `/members/${memberId}`, { name: 'Ada' }),
  openPrivacyCase: async () => () => till.post(of('privacy-cases'), { kind: 'access' }),
  eraseMember: async () => {
    const other = await till.addMember();
    return () => send('DELETE', `/members/${other}`);
  },
  freezeCard: async () => () => till.post(of('card/freeze'), undefined),
  unfreezeCard: async () => {
    await till.post(of('card/freeze'), undefined);
    return () => till.post(of('card/unfreeze'), undefined);
  },
  reissueCard: async () => () => till.post(of('card/reissue'), undefined),
  createAdjustment: async () => () => till.post(of('adjustments'), { unit: 'points', amount: 5, reason: 'a present' }),
  createStamps: async () => () => till.post(of('stamps'), { count: 1, reference: 'two' }),
  createEvent: async () => () => till.post(of('events'), { kind: 'review', eventKey: 'review-1' }),
  revokeEvent: async () => {
    await done(till.post(of('events'), { kind: 'review', eventKey: 'review-2' }));
    return () => till.post(of('events/review-2/revoke'), undefined);
  },
  createReferralCode: async () => () => till.post(of('referral-code'), undefined),
  createReservation: async () => () => till.post(of('reservations'), { rewardId: 'free-coffee', channel: 'api' }),
  commitReservation: async () => {
    const held = await reserve();
    return () => till.post(`${held}/commit`, {});
  },
  releaseReservation: async () => {
    const held = await reserve();
    return () => till.post(`${held}/release`, undefined);
  },
  submitOrder: async () => () =>
    till.post('/orders', { externalId: 'sale', memberId, currency: 'USD', taxesIncluded: false, processedAt: new Date().toISOString(), lines: [{ quantity: 1, price: '5.00' }] }), // prettier-ignore
  claimOrder: async () => {
    const body = orderBody();
    await deliver({ domain: till.shop.shopDomain }, 'orders/paid', body);
    await drain(till.shop);
    const code = (await claimCodeOfOrder(till.shop.shopId, String(body['id']), new Date()))?.code;
    return () => till.post(of('claims'), { code });
  },
  createProgram: async () => () => till.post('/programs', { document: document('Second') }),
  putProgramDraft: async () => () => send('PUT', `/programs/${programId}/draft`, document('Third')),
  createSimulation: async () => () => till.post(`/programs/${programId}/simulations`, { orders: 5 }),
  cancelSimulation: async () => {
    const running = await simulate();
    return () => till.post(`${running}/cancel`, undefined);
  },
  publishProgram: async () => {
    await done(send('PUT', `/programs/${programId}/draft`, document('Fourth')));
    return () => till.post(`/programs/${programId}/publish`, {});
  },
  rollBackProgram: async () => () => till.post(`/programs/${programId}/rollback`, { number: 1 }),
};

describe('L05 a change through the API', () => {
  const mutations = apiOperations.filter(isMutation).map(({ id }) => id);

  it('L05 of every operation that changes something is in the list', () => {
    expect(Object.keys(changes).toSorted()).toEqual(mutations.toSorted());
  });

  it.each(mutations)('L05 by %s leaves a record of who did what to what', async (id) => {
    const change = await changes[id]?.();
    expect(change).toBeDefined();
    if (change === undefined) return;
    const newest = async () =>
      (await till.system.sql<{ n: string }>('select coalesce(max(sequence), 0) as n from audit_record where shop_id = $1', [till.shop.shopId]))[0]?.n; // prettier-ignore
    const before = await newest();
    await done(change());
    const records = await till.system.sql<{ actor: string; action: string; object: string }>(
      'select actor, action, object from audit_record where shop_id = $1 and sequence > $2',
      [till.shop.shopId, before],
    );
    const own = records.filter(({ actor }) => actor === `api:${till.shop.apiClientId}`);
    expect([own.length > 0, records]).toEqual([true, records]);
    for (const { action, object } of own)
      expect([action, object]).toEqual([expect.stringMatching(/^[a-z-]+\.[a-z.-]+$/), expect.stringMatching(/^[a-z-]+:.+$/)]); // prettier-ignore
  });
});

const root = path.join(import.meta.dirname, '../..');
const textOf = (file: string) => readFileSync(path.join(root, file), 'utf8');
const flowsIn = (text: string) => [...text.matchAll(/from '#(app\/flows\/[^']+)'/g)].map((match) => match[1] ?? '');

/** The functions a file declares, each with its text. */
function functionsIn(text: string): { name: string; body: string }[] {
  const starts = [...text.matchAll(/^(?:export )?(?:async )?function (\w+)/gm)];
  return starts.map((start, index) => ({
    name: start[1] ?? '',
    body: text.slice(start.index + start[0].length, starts[index + 1]?.index),
  }));
}

/** `appendAudit`, `appendConsents` (which has a chain of its own), and what calls one of them anywhere below the flows. */
function recorders(): Set<string> {
  const functions = globSync('app/data/**/*.ts', { cwd: root }).flatMap((file) => functionsIn(textOf(file)));
  const found = new Set(['appendAudit', 'appendConsents']);
  for (;;) {
    const more = functions.filter(({ name, body }) => !found.has(name) && callsAny(body, found));
    if (more.length === 0) return found;
    for (const { name } of more) found.add(name);
  }
}

const callsAny = (text: string, names: Set<string>) =>
  [...text.matchAll(/\b(\w+)\(/g)].some((call) => names.has(call[1] ?? ''));

/** Flows behind forms that change nothing of the shop's, or whose change is the ledger's own record. */
const exempt: Record<string, string> = {
  'app/flows/access/admit-to-till.ts': 'decides who may serve, and notes the hour of their last use',
  'app/flows/cards/draw-design.ts': 'draws a picture and keeps nothing',
  'app/flows/members/find-card-member.ts': 'only reads',
  'app/flows/privacy/verify-chain.ts': 'only reads',
  'app/flows/security/report-weakness.ts': 'is about no shop',
};

describe('L05 a change by a person', () => {
  const doors = globSync(['app/routes/*.tsx', 'app/edge/{pos,storefront}-routes.ts'], { cwd: root }).filter(
    (file) => file.startsWith('app/edge/') || textOf(file).includes('export async function action'),
  );
  const writers = recorders();
  const flows = [...new Set(doors.flatMap((file) => flowsIn(textOf(file))))].toSorted();

  it('L05 has doors to look behind', () => {
    expect(doors.length).toBeGreaterThan(15);
    expect(flows.length).toBeGreaterThan(30);
  });

  it.each(flows.filter((flow) => exempt[flow] === undefined))('L05 by %s leaves a record', (flow) => {
    expect(callsAny(textOf(flow), writers)).toBe(true);
  });
});
