/** Everything the API offers, asked by one shop for what is another's: nothing is found, nothing is told, nothing changes. */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { isMutation } from '#app/contracts/api-operation.ts';
import { type ApiOperationId, apiOperations } from '#app/contracts/api-operations.ts';
import { defaultProgram } from '#app/domain/programs/default-program.ts';
import { addShop } from '#app/flows/shops/add-shop.ts';
import { type ApiTill, openApiTill } from '#test/support/api-till.ts';

const cart = { currency: 'USD', taxesIncluded: false, lines: [{ quantity: 1, price: '12.00' }] };
const sale = { ...cart, processedAt: '2026-01-05T10:00:00Z' };
const document = defaultProgram({ shopName: 'Crossing', currency: 'USD' });
const canary = { email: 'crossing-canary@example.com', name: 'Crossing Canary', externalId: 'crossing-4711' };

let till: ApiTill;
let victim: Awaited<ReturnType<typeof addShop>>;
let victimToken: string;
/** What stands in paths, all of it the other shop's. */
let theirs: Record<string, string>;
/** The same, with a member of the attacker's own. */
let mixed: Record<string, string>;

/** Bodies that would work at home. An operation with a body that has no line here fails the first test. */
const bodies: Partial<Record<ApiOperationId, () => unknown>> = {
  createMember: () => ({ externalId: randomUUID(), programId: theirs['programId'] }),
  updateMember: () => ({ name: 'Taken Over' }),
  openPrivacyCase: () => ({ kind: 'erasure' }),
  createAdjustment: () => ({ unit: 'points', amount: 5, reason: 'A gift' }),
  createStamps: () => ({ count: 1, reference: 'visit' }),
  createEvent: () => ({ kind: 'review', eventKey: 'crossing-review' }),
  createReservation: () => ({ rewardId: 'free-coffee' }),
  commitReservation: () => ({}),
  createEstimate: () => ({ memberId: theirs['memberId'], cart }),
  submitOrder: () => ({ externalId: randomUUID(), memberId: theirs['memberId'], ...sale }),
  claimOrder: () => ({ code: 'ABCD-EFGH' }),
  createProgram: () => ({ document }),
  putProgramDraft: () => document,
  createSimulation: () => ({ orders: 10 }),
  publishProgram: () => ({}),
  rollBackProgram: () => ({ number: 1 }),
};

/** These make something of one's own, or list what is one's own: nothing of another shop can be named in them. */
const namesNothing: ApiOperationId[] = ['createProgram', 'listPrograms', 'listMembers'];

beforeAll(async () => {
  till = await openApiTill();
  victim = await addShop({ domain: 'victim.myshopify.com' });
  victimToken = await till.api.tokenOf(victim);
  const at = { token: victimToken };
  const idIn = ({ text, body }: { text: string; body: Record<string, unknown> }) => {
    const id = body['id'] ?? body['reservationId'];
    if (typeof id !== 'string') throw new Error(text);
    return id;
  };
  const memberId = idIn(await till.post('/members', { ...canary, programId: victim.programId }, at));
  await till.post(`/members/${memberId}/adjustments`, { unit: 'points', amount: 500, reason: 'Start' }, at);
  await till.post(`/members/${memberId}/stamps`, { count: 10, reference: 'start' }, at);
  const reserved = await till.post(`/members/${memberId}/reservations`, { rewardId: 'free-coffee' }, at);
  const asked = await till.post(`/members/${memberId}/privacy-cases`, { kind: 'access' }, at);
  const simulated = await till.post(`/programs/${victim.programId}/simulations`, { orders: 10 }, at);
  const order = await till.post('/orders', { externalId: 'crossing-order', memberId, ...sale }, at);
  if (order.status > 202) throw new Error(order.text);
  theirs = {
    memberId,
    programId: victim.programId,
    reservationId: idIn(reserved),
    caseId: idIn(asked),
    simulationId: idIn(simulated),
    externalId: 'crossing-order',
    eventKey: 'crossing-event',
    number: '1',
  };
  mixed = { ...theirs, memberId: await till.addMember(), programId: till.shop.programId, number: '99' };
});
afterAll(() => till.close());

const fill = (path: string, names: Record<string, string>) =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? expect.fail(`no id for {${name}}`));

async function attack(operation: (typeof apiOperations)[number], names: Record<string, string>) {
  const body = bodies[operation.id]?.();
  return till.api.ask(fill(operation.path, names), {
    method: operation.method,
    token: till.token,
    ...(body !== undefined && { body }),
    headers: isMutation(operation) ? { 'idempotency-key': randomUUID() } : {},
  });
}

/** Everything of the other shop, as it rests. Calls it made itself are not among it. */
async function kept(): Promise<string> {
  const tables = await till.system.sql<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'shop_id'
     where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1`,
  );
  let text = '';
  for (const { name } of tables) {
    const [row] = await till.system.sql<{ all: string | null }>(
      `select string_agg(t::text, E'\\n' order by t::text) as all from "${name}" t where shop_id = $1`,
      [victim.shopId],
    );
    text += `${name}\n${row?.all ?? ''}\n`;
  }
  return text;
}

describe('experiment 13: another shop', () => {
  it('has a body for every operation that takes one, so that none is refused for its form', () => {
    const missing = apiOperations.filter(({ id, body }) => body !== null && bodies[id] === undefined);
    expect(missing.map(({ id }) => id)).toEqual([]);
  });

  it('finds nothing by any id in any operation, and changes nothing', async () => {
    const before = await kept();
    const outcomes: Record<string, number> = {};
    for (const operation of apiOperations) {
      if (namesNothing.includes(operation.id)) continue;
      const { status, text } = await attack(operation, theirs);
      outcomes[operation.id] = status;
      for (const word of Object.values(canary)) expect(`${operation.id}: ${text}`).not.toContain(word);
    }
    expect(Object.entries(outcomes).filter(([, status]) => status !== 404)).toEqual([]);
    expect(await kept()).toBe(before);
  });

  it('finds nothing of it below a member or a program of its own either', async () => {
    const nested = apiOperations.filter(({ path }) => (path.match(/\{/g) ?? []).length > 1);
    expect(nested.length).toBeGreaterThan(4);
    for (const operation of nested)
      expect([operation.id, (await attack(operation, mixed)).status]).toEqual([operation.id, 404]);
  });

  it('answers an id of another shop in the words of an id that does not exist', async () => {
    const unknown = Object.fromEntries(Object.entries(theirs).map(([name]) => [name, randomUUID()]));
    for (const operation of apiOperations.filter(({ path, method }) => path.includes('{') && method === 'GET')) {
      const names = { ...unknown, number: '99', externalId: 'nobody', eventKey: 'nothing' };
      const [other, nobody] = [await attack(operation, theirs), await attack(operation, names)];
      const plain = ({ status, body }: typeof other) => ({
        status,
        code: body['code'],
        detail: body['detail'],
        title: body['title'],
      });
      expect({ id: operation.id, ...plain(other) }).toEqual({ id: operation.id, ...plain(nobody) });
    }
  });

  it('lists nothing of it, whatever it is asked for', async () => {
    for (const query of ['', `?email=${canary.email}`, `?externalId=${canary.externalId}`, '?shopifyCustomerId=4711']) {
      const { text } = await till.api.ask(`/api/v1/members${query}`, { token: till.token });
      for (const word of [...Object.values(canary), theirs['memberId'] ?? '']) expect(text).not.toContain(word);
    }
    expect((await till.get('/programs')).text).not.toContain(victim.programId);
  });

  it('gets no answer of its own call replayed by the other with the same key', async () => {
    const key = randomUUID();
    const first = await till.post(
      '/members',
      { externalId: 'same-key-1', programId: victim.programId },
      { key, token: victimToken },
    );
    const second = await till.post('/members', { externalId: 'same-key-1', programId: till.shop.programId }, { key });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body['id']).not.toBe(first.body['id']);
  });
});
