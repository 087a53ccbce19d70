import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { AskedTerms } from '#app/domain/access/api-client-terms.ts';
import { changeApiClient } from '#app/flows/api/change-api-client.ts';
import { createApiClient, type CreatedApiClient } from '#app/flows/api/create-api-client.ts';
import { addProgram } from '#app/flows/programs/add-program.ts';
import { publishProgram } from '#app/flows/programs/publish-program.ts';
import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { writeApiUsage } from '#app/web/api-usage.ts';
import { clientTerms, credentialsOf } from '#test/support/api-clients.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import { makeDocument, openTestSystem, type TestSystem } from '#test/support/factories.ts';

let system: TestSystem;
let api: ApiServer;
let shop: AddedShop;
/** A token of a client that nothing binds. */
let whole: string;

beforeAll(async () => {
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  system = await openTestSystem('stampwell_web');
  api = await startApi();
  shop = await addShop({ domain: 'bean-there.myshopify.com' });
  whole = await api.tokenOf(shop);
});
afterAll(async () => {
  await writeApiUsage();
  await api.close();
  await system.close();
});

const actor = 'staff:7';
const make = (changes: Partial<AskedTerms> = {}, isPairwise = true): Promise<CreatedApiClient> =>
  createApiClient({ shopId: shop.shopId, actor, terms: clientTerms(changes), isPairwise });
const tokenOf = (client: CreatedApiClient) => api.tokenOf(credentialsOf(client));
const post = (token: string, path: string, body: unknown = {}) =>
  api.ask(path, { token, body, headers: { 'idempotency-key': randomUUID() } });

describe('a client of one program', () => {
  it('W13 touches no other program: neither its members nor itself', async () => {
    const { shopId, programId: first } = shop;
    const document = makeDocument({ name: 'Second Club' });
    const added = { shopId, actor, document, signUpPlaces: ['link' as const], programId: '' };
    const request = { clientId: 'test', key: randomUUID(), inputs: '' };
    const { programId: second } = await addProgram({ ...added, request });
    await publishProgram({ shopId, actor, programId: second });
    const client = await make({}, false);
    const bound = await tokenOf(client);
    // Also for tokens that are out.
    await changeApiClient({ shopId, actor, clientId: client.clientId, terms: clientTerms({ programIds: [second] }) });
    const idOf = async (token: string, body: unknown) =>
      String((await post(token, '/api/v1/members', body)).body['id']);
    const theirs = await idOf(whole, { programId: first, externalId: 'first-one' });
    const own = await idOf(bound, { externalId: 'second-one' });
    const get = (path: string) => api.ask(`/api/v1${path}`, { token: bound });
    expect((await get(`/members/${own}`)).body['programId']).toBe(second);
    expect([(await get(`/members/${theirs}`)).status, (await get(`/members/${theirs}/balance`)).status]).toEqual([
      404, 404,
    ]);
    const stamps = await post(bound, `/api/v1/members/${theirs}/stamps`, { reference: 'x' });
    expect([stamps.status, stamps.body['code']]).toEqual([404, 'member-not-found']);
    const members = (await get('/members')).body['members'] as { id: string }[];
    expect(members.map(({ id }) => id)).toEqual([own]);
    expect((await get('/members?externalId=first-one')).body['members']).toEqual([]);
    const programs = (await get('/programs')).body['programs'] as { id: string }[];
    expect(programs.map(({ id }) => id)).toEqual([second]);
    expect([(await get(`/programs/${first}`)).status, (await get(`/programs/${second}`)).status]).toEqual([404, 200]);
    expect((await post(bound, '/api/v1/members', { programId: first })).status).toBe(404);
    const made = await post(bound, '/api/v1/programs', { document });
    expect([made.status, made.body['code']]).toEqual([403, 'needs-whole-shop']);
    expect((await get('/orders/some-order')).status).toBe(403);
  });
});

describe('a pairwise client', () => {
  it('F09 knows each member by an id of its own, in every answer, and can use it', async () => {
    const [one, two] = [await make(), await make()];
    const [first, second] = [await tokenOf(one), await tokenOf(two)];
    const { programId } = shop;
    const created = await post(first, '/api/v1/members', { programId, externalId: 'crm-77', name: 'Pia' });
    expect(created.status).toBe(201);
    const mine = String(created.body['id']);
    expect(created.headers['location']).toBe(`/api/v1/members/${mine}`);
    const found = async (token: string) =>
      ((await api.ask('/api/v1/members?externalId=crm-77', { token })).body['members'] as { id: string }[])[0]?.id ??
      '';
    const ids = [await found(first), await found(second), await found(whole)];
    expect(ids[0]).toBe(mine);
    expect(new Set(ids).size).toBe(3);
    const [, theirs = '', real = ''] = ids;
    for (const path of ['', '/balance', '/ledger', '/passes', '/rewards', '/export']) {
      const answer = await api.ask(`/api/v1/members/${mine}${path}`, { token: first });
      expect([path, answer.status]).toEqual([path, 200]);
      expect([path, answer.text.includes(real)]).toEqual([path, false]);
      // Neither the id itself nor another client's name for it is one here.
      for (const id of [real, theirs])
        expect((await api.ask(`/api/v1/members/${id}${path}`, { token: first })).status).toBe(404);
    }
    const stamped = await post(first, `/api/v1/members/${mine}/stamps`, { reference: 'visit-1' });
    expect([stamped.status, stamped.body['memberId']]).toEqual([201, mine]);
    const balance = await api.ask(`/api/v1/members/${theirs}/balance`, { token: second });
    expect(balance.body['memberId']).toBe(theirs);
  });

  it('F09 without the scope for people learns nothing that is the same elsewhere, and pages through names of its own', async () => {
    const client = await make({ scopes: ['members:read', 'members:write'] });
    const token = await tokenOf(client);
    const { programId } = shop;
    for (let n = 0; n < 3; n += 1)
      expect((await post(token, '/api/v1/members', { programId, externalId: `page-${n}` })).status).toBe(201);
    const real = await system.sql<{ id: string }>('select id from member');
    const seen: string[] = [];
    let cursor = '';
    do {
      const answer = await api.ask(`/api/v1/members?limit=2${cursor}`, { token });
      const { members, nextCursor } = answer.body as { members: Record<string, unknown>[]; nextCursor: string | null };
      for (const { id, externalId, cardUrl } of members) {
        expect([externalId, cardUrl]).toEqual([null, null]);
        seen.push(String(id));
      }
      const plain = Buffer.from(nextCursor ?? '', 'base64url').toString();
      for (const { id } of real) expect(answer.text.includes(id) || plain.includes(id)).toBe(false);
      cursor = nextCursor === null ? '' : `&cursor=${nextCursor}`;
    } while (cursor !== '');
    const [counted] = await system.sql<{ n: number }>('select count(*)::int as n from member where shop_id = $1', [
      shop.shopId,
    ]);
    expect(new Set(seen).size).toBe(counted?.n);
  });
});
