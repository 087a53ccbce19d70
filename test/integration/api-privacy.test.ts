import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { privacyCaseSchema, subjectDocumentSchema } from '#app/contracts/api-privacy.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let api: ApiServer;
let shop: AddedShop;
let other: AddedShop;
const tokens = new Map<string, string>();

beforeAll(async () => {
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  system = await openTestSystem('stampwell_web');
  api = await startApi();
  shop = await addShop({ domain: 'rights-here.myshopify.com' });
  other = await addShop({ domain: 'rights-there.myshopify.com' });
  tokens.set('all', await api.tokenOf(shop));
  tokens.set('other', await api.tokenOf(other));
  tokens.set('narrow', await api.tokenOf(shop, 'members:read members:write'));
});
afterAll(async () => {
  await api.close();
  await system.close();
});

type Asked = { method: string; body?: unknown; as?: string; key?: string; ifMatch?: string | undefined };

const ask = (path: string, { method, body, as = 'all', key = randomUUID(), ifMatch }: Asked) =>
  api.ask(`/api/v1/${path}`, {
    method,
    token: tokens.get(as) ?? '',
    ...(body !== undefined && { body }),
    headers: {
      ...(method !== 'GET' && { 'idempotency-key': key }),
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
    },
  });

async function makeMember(): Promise<string> {
  const body = { externalId: randomUUID(), name: 'Ursula Before', email: `ursula-${randomUUID()}@example.com` };
  const { body: member } = await ask('members', { method: 'POST', body });
  return String(member['id']);
}

describe('the rights of a member, through an integrator', () => {
  it('L22 W07 F28 a correction is done when it is answered, and the same call again changes nothing more', async () => {
    const id = await makeMember();
    const email = `right-${randomUUID()}@example.com`;
    const patch = {
      method: 'PATCH',
      body: { name: 'Ursula After', email, timeZone: 'Europe/Berlin' },
      key: randomUUID(),
    };
    const answers = [await ask(`members/${id}`, patch), await ask(`members/${id}`, patch)];
    for (const { status, body } of answers)
      expect([status, body]).toMatchObject([200, { id, name: 'Ursula After', email }]);
    expect((await ask(`members?email=${encodeURIComponent(email)}`, { method: 'GET' })).body).toMatchObject({
      members: [{ id }],
    });
    const cases = await system.sql(
      `select state, origin, actor from erasure_case where member_ids @> array[$1::uuid]`,
      [id],
    );
    expect(cases).toEqual([{ state: 'closed', origin: 'api', actor: `api:${shop.apiClientId}` }]);
    for (const body of [{}, { name: null }, { email: 'nonsense' }, { state: 'erased' }, { externalId: 'x' }])
      expect([body, (await ask(`members/${id}`, { method: 'PATCH', body })).status]).toEqual([body, 422]);
  });

  it('a correction or an erasure of somebody who was changed meanwhile is refused with 412, and done when they are as seen', async () => {
    const id = await makeMember();
    const read = async (as: string) => (await ask(`members/${id}`, { method: 'GET', as })).headers.etag;
    const patch = (name: string, ifMatch: string | undefined, key = randomUUID()) =>
      ask(`members/${id}`, { method: 'PATCH', body: { name }, ifMatch, key });
    const [seen, seenNarrowly] = [await read('all'), await read('narrow')];
    expect(seenNarrowly).not.toBe(seen);
    const key = randomUUID();
    const first = await patch('First', seenNarrowly, key);
    expect([first.status, first.headers.etag]).toEqual([200, await read('all')]);
    // The same call again is no second change.
    expect((await patch('First', seenNarrowly, key)).status).toBe(200);
    for (const stale of [seen, `"made-up"`, `W/${seen}, "made-up"`]) {
      const refused = await patch('Stale', stale);
      expect([refused.status, refused.body['code']]).toEqual([412, 'member-changed']);
      expect((await ask(`members/${id}`, { method: 'DELETE', ifMatch: stale })).status).toBe(412);
    }
    expect((await ask(`members/${id}`, { method: 'GET' })).body).toMatchObject({ name: 'First' });
    // What no answer shows is a change as well, and of many at once who saw the same one is the first.
    const before = await read('all');
    const birthday = { method: 'PATCH', body: { birthday: '02-29' } };
    expect((await ask(`members/${id}`, { ...birthday, ifMatch: `"x", ${before}` })).status).toBe(200);
    const now = await read('all');
    expect(now).not.toBe(before);
    const race = await Promise.all(['A', 'B', 'C', 'D', 'E'].map((name) => patch(name, now)));
    expect(race.map(({ status }) => String(status)).toSorted()).toEqual(['200', '412', '412', '412', '412']);
    expect((await patch('Whoever', '*')).status).toBe(200);
    expect((await ask(`members/${id}`, { method: 'DELETE', ifMatch: await read('all') })).status).toBe(202);
  });

  it('W07 L22 an export is all that is held, as one document', async () => {
    const id = await makeMember();
    const { status, body } = await ask(`members/${id}/export`, { method: 'GET' });
    expect(status).toBe(200);
    const document = subjectDocumentSchema.parse(body);
    expect(document.members).toMatchObject([{ member: { id }, profile: { name: 'Ursula Before' } }]);
    expect(document.shop.domain).toBe('rights-here.myshopify.com');
  });

  it('L20 L21 an erasure becomes a case that can be followed, and is asked for once however often it is called', async () => {
    const id = await makeMember();
    const erase = { method: 'DELETE', key: randomUUID() };
    const [first, again] = [await ask(`members/${id}`, erase), await ask(`members/${id}`, erase)];
    expect([first.status, again.status]).toEqual([202, 202]);
    const opened = privacyCaseSchema.parse(first.body);
    expect(again.body).toEqual(first.body);
    expect(opened).toMatchObject({ kind: 'erasure', status: 'open', origin: 'api', closedAt: null });
    expect(first.headers.location).toBe(`/api/v1/privacy-cases/${opened.id}`);
    expect((await ask(`privacy-cases/${opened.id}`, { method: 'GET' })).body).toEqual(first.body);
    const jobs = await system.sql(`select 1 from outbox where job = 'process-case' and payload->>'caseId' = $1`, [
      opened.id,
    ]);
    expect(jobs).toHaveLength(1);
  });

  it('L21 somebody who was erased is found at no address any more', async () => {
    const id = await makeMember();
    await system.sql(`update member set state = 'erased' where id = $1`, [id]);
    for (const rest of ['', '/balance', '/ledger', '/passes', '/rewards', '/export'])
      expect([rest, (await ask(`members/${id}${rest}`, { method: 'GET' })).status]).toEqual([rest, 404]);
    expect((await ask(`members/${id}/referral-code`, { method: 'POST' })).status).toBe(404);
  });

  it('L22 every other kind is opened by its name, and nonsense is refused', async () => {
    const id = await makeMember();
    for (const kind of ['access', 'portability', 'restriction', 'objection', 'erasure'])
      expect((await ask(`members/${id}/privacy-cases`, { method: 'POST', body: { kind } })).body).toMatchObject({ kind, status: 'open' }); // prettier-ignore
    // The admin works what is small while somebody waits, with what the web's role may do.
    const open = await system.sql<{ id: string }>(`select id from erasure_case where kind <> 'erasure' and member_ids @> array[$1::uuid]`, [id]); // prettier-ignore
    for (const { id: caseId } of open) {
      await processCase({ shopId: shop.shopId, caseId });
      expect((await ask(`privacy-cases/${caseId}`, { method: 'GET' })).body).toMatchObject({ status: 'closed' });
    }
    for (const kind of ['shop-erasure', 'rectification', '', 1, null])
      expect((await ask(`members/${id}/privacy-cases`, { method: 'POST', body: { kind } })).status).toBe(422);
  });

  it('W13 experiment 13 none of it is there for another shop, or for a client without the scope', async () => {
    const id = await makeMember();
    const opened = privacyCaseSchema.parse((await ask(`members/${id}/privacy-cases`, { method: 'POST', body: { kind: 'access' } })).body); // prettier-ignore
    const calls: [string, Asked][] = [
      [`members/${id}`, { method: 'PATCH', body: { name: 'Mallory' } }],
      [`members/${id}`, { method: 'DELETE' }],
      [`members/${id}/export`, { method: 'GET' }],
      [`members/${id}/privacy-cases`, { method: 'POST', body: { kind: 'erasure' } }],
      [`privacy-cases/${opened.id}`, { method: 'GET' }],
    ];
    for (const [path, asked] of calls) {
      expect([path, (await ask(path, { ...asked, as: 'other' })).status]).toEqual([path, 404]);
      expect([path, (await ask(path, { ...asked, as: 'narrow' })).status]).toEqual([path, 403]);
    }
    const cases = await system.sql('select kind from erasure_case where member_ids @> array[$1::uuid]', [id]);
    expect(cases).toEqual([{ kind: 'access' }]);
  });
});
