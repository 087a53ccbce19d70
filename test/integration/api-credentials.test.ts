import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { AskedTerms } from '#app/domain/access/api-client-terms.ts';
import { changeApiClient } from '#app/flows/api/change-api-client.ts';
import { createApiClient, type CreatedApiClient } from '#app/flows/api/create-api-client.ts';
import { revokeApiClient } from '#app/flows/api/revoke-api-client.ts';
import { rotateApiSecret } from '#app/flows/api/rotate-api-secret.ts';
import { watchShop } from '#app/flows/security/watch-shop.ts';
import { type AddedShop, addShop } from '#app/flows/shops/add-shop.ts';
import { newClientSecret } from '#app/lib/client-secret.ts';
import { now, setClockOffsetMs } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';
import { apiClientsPage } from '#app/queries/api-clients-page.ts';
import { noteApiUsage } from '#app/flows/api/note-api-usage.ts';
import { writeApiUsage } from '#app/web/api-usage.ts';
import { clientTerms, credentialsOf } from '#test/support/api-clients.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import { openTestSystem, type TestSystem } from '#test/support/factories.ts';
import { leastMs } from '#test/support/timing.ts';

const hourMs = 3_600_000;
let system: TestSystem;
let api: ApiServer;
let shop: AddedShop;
let other: AddedShop;
/** Bound by nothing: what happens to another client must not touch it. */
let neighbour: CreatedApiClient;
/** Takes the terms of one test after the other. */
let shared: CreatedApiClient;

beforeAll(async () => {
  process.env['TRUSTED_PROXY_HOPS'] = '1';
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  system = await openTestSystem('stampwell_web');
  api = await startApi();
  shop = await addShop({ domain: 'bean-there.myshopify.com' });
  other = await addShop({ domain: 'other-place.myshopify.com' });
  neighbour = await make();
  shared = await make();
});
afterEach(() => setClockOffsetMs(0));
afterAll(async () => {
  await writeApiUsage();
  await api.close();
  await system.close();
});

const actor = 'staff:7';
const make = (changes: Partial<AskedTerms> = {}): Promise<CreatedApiClient> =>
  createApiClient({ shopId: shop.shopId, actor, terms: clientTerms(changes), isPairwise: false });
/** The shared client under other terms: they count from its next call on. */
const bind = (changes: Partial<AskedTerms>) =>
  changeApiClient({ shopId: shop.shopId, actor, clientId: shared.clientId, terms: clientTerms(changes) });
const tokenOf = (client: CreatedApiClient, scope?: string) => api.tokenOf(credentialsOf(client), scope);
const grant = ({ clientId, secret }: CreatedApiClient, from = '192.0.2.1') =>
  api.ask('/oauth/token', {
    body: { grant_type: 'client_credentials', client_id: clientId, client_secret: secret },
    headers: { 'x-forwarded-for': from },
  });
const list = (token: string, from = '192.0.2.1') =>
  api.ask('/api/v1/members?limit=1', { token, headers: { 'x-forwarded-for': from } });
const post = (token: string, path: string, body: unknown = {}) =>
  api.ask(path, { token, body, headers: { 'idempotency-key': randomUUID() } });
const look = () => watchShop({ shopId: shop.shopId, withHabits: false });
const openIncidents = (detector: string) =>
  system.sql(`select subject, severity from incident where shop_id = $1 and detector = $2`, [shop.shopId, detector]);
const audits = async (object: string) =>
  (
    await system.sql<{ action: string }>('select action from audit_record where object = $1 order by sequence', [
      object,
    ])
  ).map(({ action }) => action);

describe('an API client', () => {
  it('W11 is made with a secret that is shown once and kept as a bcrypt hash, and every change is audited', async () => {
    const client = await make();
    expect(client.secret).toMatch(/^sws_test_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
    const [row] = await system.sql<{ secret_hash: string }>('select * from api_client where id = $1', [
      client.clientId,
    ]);
    expect(row?.secret_hash).toMatch(/^\$2[aby]\$12\$/);
    expect(JSON.stringify(row)).not.toContain(client.secret.slice(20));
    await tokenOf(client);
    const asked = { shopId: shop.shopId, actor, clientId: client.clientId };
    await changeApiClient({ ...asked, terms: clientTerms({ name: 'Till two' }) });
    // Saying the same again is no change.
    await changeApiClient({ ...asked, terms: clientTerms({ name: 'Till two' }) });
    await rotateApiSecret({ ...asked, overlapHours: 24 });
    await revokeApiClient({ ...asked, reason: 'no longer used' });
    expect(await audits(`api-client:${client.clientId}`)).toEqual([
      'api-client.create',
      'api-client.change',
      'api-client.rotate-secret',
      'api-client.revoke',
    ]);
    const page = await apiClientsPage(shop.shopId);
    expect(JSON.stringify(page)).not.toContain(row?.secret_hash);
    expect(page.clients.find(({ clientId }) => clientId === client.clientId)).toMatchObject({
      name: 'Till two',
      keyPrefix: expect.stringMatching(/^sws_test_[0-9A-Za-z]{8}$/),
      isRevoked: true,
    });
  });

  it('is refused with everything that does not fit named', async () => {
    const wrong = make({
      name: '',
      scopes: ['everything'],
      programIds: [other.programId],
      networks: ['10.0.0.0/8', '0.0.0.0/0', 'somewhere'],
      requestsPerSecond: 0,
      expiresAt: new Date(Date.now() - 1),
    });
    const issues = await wrong.catch((error: { issues: { path: string }[] }) => error.issues);
    expect(new Set((issues as { path: string }[]).map(({ path }) => path))).toEqual(
      new Set(['name', 'scopes', 'programIds', 'networks', 'requestsPerSecond', 'expiresAt']),
    );
  });

  it('F22 L17 revoked is dead at its next call, within a second, while others go on; another shop cannot revoke it', async () => {
    const theirs = await tokenOf(neighbour);
    const takenMs = await leastMs(1_000, async () => {
      const client = await make();
      const token = await tokenOf(client);
      const asked = { actor, clientId: client.clientId, reason: 'incident' };
      const refusal = { code: 'api-client-not-found' };
      await expect(revokeApiClient({ ...asked, shopId: other.shopId })).rejects.toMatchObject(refusal);
      expect((await list(token)).status).toBe(200);
      const startedAt = performance.now();
      await revokeApiClient({ ...asked, shopId: shop.shopId });
      expect((await list(token)).status).toBe(401);
      const endedAt = performance.now();
      expect((await grant(client)).status).toBe(401);
      expect((await list(theirs)).status).toBe(200);
      await expect(revokeApiClient({ ...asked, shopId: shop.shopId })).rejects.toMatchObject(refusal);
      return endedAt - startedAt;
    });
    expect(takenMs).toBeLessThan(1_000);
  });

  it('F17 ends on its day: the secret and the tokens that are out', async () => {
    await bind({ expiresAt: new Date(Date.now() + 48 * hourMs) });
    setClockOffsetMs(47.9 * hourMs);
    const token = await tokenOf(shared);
    expect((await list(token)).status).toBe(200);
    setClockOffsetMs(48.1 * hourMs);
    expect([(await list(token)).status, (await grant(shared)).status]).toEqual([401, 401]);
  });

  it('F17 F31 keeps its old secret good beside the new one for as long as was asked, and not a moment more', async () => {
    const old = await make();
    const asked = { shopId: shop.shopId, actor, clientId: old.clientId };
    const { secret } = await rotateApiSecret({ ...asked, overlapHours: 2 });
    const renewed = { ...old, secret };
    expect([(await grant(old)).status, (await grant(renewed)).status]).toEqual([200, 200]);
    setClockOffsetMs(2 * hourMs + 1_000);
    expect([(await grant(old)).status, (await grant(renewed)).status]).toEqual([401, 200]);
    setClockOffsetMs(0);
    const token = await tokenOf(renewed);
    const third = { ...old, secret: (await rotateApiSecret({ ...asked, overlapHours: 0 })).secret };
    // Without an overlap its tokens end with it.
    expect([(await grant(renewed)).status, (await list(token)).status]).toEqual([401, 401]);
    expect((await list(await tokenOf(third))).status).toBe(200);
    await expect(rotateApiSecret({ ...asked, overlapHours: 24 * 8 })).rejects.toMatchObject({ code: 'bad-overlap' });
  });

  it('W13 calls only from its networks, of both families; a refusal is 403 and one audit record', async () => {
    await bind({ networks: ['203.0.113.0/24', '2001:db8:7::/48', '198.51.100.9'] });
    const token = await grant(shared, '203.0.113.200').then((answer) => String(answer.body['access_token']));
    for (const from of ['203.0.113.1', '2001:db8:7:ffff::1', '198.51.100.9', '::ffff:203.0.113.4'])
      expect([from, (await list(token, from)).status]).toEqual([from, 200]);
    // What a caller writes into the header stands left of what our proxy saw.
    for (const from of ['203.0.114.1', '2001:db8:8::1', '198.51.100.10', '203.0.113.1, 192.0.2.9', 'nonsense']) {
      const answer = await list(token, from);
      expect([from, answer.status, answer.body['code']]).toEqual([from, 403, 'network-not-allowed']);
    }
    const refused = await grant(shared, '192.0.2.50');
    expect([refused.status, refused.body['error']]).toEqual([403, 'network_not_allowed']);
    const told = (await audits(`api-client:${shared.clientId}`)).filter(
      (action) => action === 'api-client.network-refused',
    );
    expect(told).toHaveLength(1);
    expect(await look()).toMatchObject([
      { detector: 'foreign-network', subject: `api:${shared.clientId}`, figures: { times: 1 } },
    ]);
    expect(await openIncidents('foreign-network')).toEqual([{ subject: `api:${shared.clientId}`, severity: 'high' }]);
    // One incident, however often they come back.
    await look();
    expect(await openIncidents('foreign-network')).toHaveLength(1);
  });

  it('W13 of a shop reaches nothing of another shop: 404', async () => {
    const theirs = await post(await api.tokenOf(other), '/api/v1/members', { name: 'Theirs' });
    const mine = await tokenOf(neighbour);
    expect((await api.ask(`/api/v1/members/${String(theirs.body['id'])}`, { token: mine })).status).toBe(404);
  });

  it('W14 with five calls a second is refused the sixth, for the whole fleet, and nobody else is', async () => {
    await bind({ requestsPerSecond: 5 });
    const [token, theirs] = [await tokenOf(shared), await tokenOf(neighbour)];
    const startedAt = performance.now();
    const first = await list(token);
    expect(first.headers).toMatchObject({ 'ratelimit-limit': '5', 'ratelimit-remaining': '4' });
    const answers = [first, ...(await Promise.all(Array.from({ length: 40 }, () => list(token))))];
    const allowed = answers.filter(({ status }) => status === 200).length;
    // Five at once, and as many a second as the forty took to be answered.
    expect(allowed).toBeGreaterThanOrEqual(5);
    expect(allowed).toBeLessThanOrEqual(6 + ((performance.now() - startedAt) / 1_000) * 5);
    const limited = answers.find(({ status }) => status === 429);
    expect(limited?.body['code']).toBe('rate-limited');
    expect(limited?.headers).toMatchObject({ 'ratelimit-limit': '5', 'ratelimit-remaining': '0', 'retry-after': '1' });
    expect((await list(theirs)).status).toBe(200);
    await delay(1_000);
    expect((await list(token)).status).toBe(200);
  });

  it('F26 counts its calls, its refusals and what it took away', async () => {
    const client = await make();
    const token = await tokenOf(client, 'members:read');
    for (let call = 0; call < 3; call += 1) await list(token);
    await api.ask('/api/v1/programs', { token });
    await writeApiUsage();
    const found = (await apiClientsPage(shop.shopId)).clients.find(({ clientId }) => clientId === client.clientId);
    expect(found?.usage).toMatchObject({ requests: 4, refused: 1, limited: 0, failed: 0 });
    expect(found?.usage.bytesOut).toBeGreaterThan(20);
  });

  it('F26 raises an alert once it takes ten times as much away as usual, and only that client', async () => {
    const [busy, steady] = [await make(), await make()];
    const usage = { requests: 40, refused: 0, limited: 0, failed: 0, bytesOut: 300_000 };
    const note = (clientId: string, daysAgo: number, times = 1) => {
      const scaled = { ...usage, requests: usage.requests * times, bytesOut: usage.bytesOut * times };
      const day = new Date(now().getTime() - daysAgo * 86_400_000);
      return noteApiUsage({ shopId: shop.shopId, clientId, day, usage: scaled });
    };
    for (const { clientId } of [busy, steady]) for (const daysAgo of [3, 2, 1]) await note(clientId, daysAgo);
    await system.sql(`delete from outbox where job = 'watch-shop'`);
    await note(steady.clientId, 0, 2);
    // Nothing to speak of yet: nobody has to look.
    expect(await system.sql(`select job from outbox where job = 'watch-shop'`)).toEqual([]);
    await note(busy.clientId, 0, 9);
    await look();
    expect(await openIncidents('unusual-use')).toEqual([]);
    await note(busy.clientId, 0, 5);
    expect(await system.sql(`select shop_id from outbox where job = 'watch-shop'`)).toEqual(
      Array.from({ length: 2 }, () => ({ shop_id: shop.shopId })),
    );
    await look();
    expect(await openIncidents('unusual-use')).toEqual([{ subject: `api:${busy.clientId}`, severity: 'high' }]);
  });
});

describe('a secret', () => {
  it('L08 of another environment opens nothing here', async () => {
    const client = neighbour;
    const foreign = { ...client, secret: newClientSecret('production') };
    expect((await grant(foreign)).status).toBe(401);
    // Even when its hash was copied here with a database.
    await system.sql('update api_client set key_prefix = null where id = $1', [client.clientId]);
    const live = env().STAMPWELL_ENV;
    env().STAMPWELL_ENV = 'staging';
    expect((await grant(client)).status).toBe(401);
    env().STAMPWELL_ENV = live;
    expect((await grant(client)).status).toBe(200);
  });

  it('F31 that was found in public is ended by whoever presents it, with its tokens', async () => {
    const client = await make();
    const token = await tokenOf(client);
    const leak = (secret: string) => api.ask('/oauth/leaked-key', { body: { secret } });
    for (const wrong of ['nothing', newClientSecret('test'), `${client.secret}x`])
      expect((await leak(wrong)).body).toEqual({ revoked: false });
    expect((await list(token)).status).toBe(200);
    expect((await leak(client.secret)).body).toEqual({ revoked: true });
    expect([(await list(token)).status, (await grant(client)).status]).toEqual([401, 401]);
    expect((await leak(client.secret)).body).toEqual({ revoked: false });
    expect((await audits(`api-client:${client.clientId}`)).at(-1)).toBe('api-client.secret-leaked');
    await look();
    expect(await openIncidents('leaked-key')).toEqual([{ subject: `api:${client.clientId}`, severity: 'critical' }]);
  });

  it('F31 that leaked after it was exchanged ends alone: the new one goes on', async () => {
    const old = await make();
    const { secret } = await rotateApiSecret({ shopId: shop.shopId, actor, clientId: old.clientId, overlapHours: 24 });
    const leak = await api.ask('/oauth/leaked-key', { body: { secret: old.secret } });
    expect(leak.body).toEqual({ revoked: true });
    expect([(await grant(old)).status, (await grant({ ...old, secret })).status]).toEqual([401, 200]);
  });

  it('F31 of before beginnings were kept is ended with its client’s id', async () => {
    const client = await make();
    await system.sql('update api_client set key_prefix = null where id = $1', [client.clientId]);
    expect((await grant(client)).status).toBe(200);
    const { clientId, secret } = client;
    expect((await api.ask('/oauth/leaked-key', { body: { secret } })).body).toEqual({ revoked: false });
    const leak = await api.ask('/oauth/leaked-key', { body: { secret, client_id: clientId } });
    expect(leak.body).toEqual({ revoked: true });
    expect((await grant(client)).status).toBe(401);
  });
});

describe('a token', () => {
  const revoke = ({ clientId, secret }: CreatedApiClient, token: string) =>
    api.ask('/oauth/revoke', { body: { client_id: clientId, client_secret: secret, token } });

  it('W12 F16 taken back by its client is refused at once; its others are not', async () => {
    const client = shared;
    await bind({});
    const [token, second] = [await tokenOf(client), await tokenOf(client)];
    expect((await revoke(client, token)).status).toBe(200);
    expect((await revoke(client, token)).status).toBe(200);
    expect([(await list(token)).status, (await list(second)).status]).toEqual([401, 200]);
    const { clientId, secret } = client;
    const told = await api.ask('/oauth/introspect', { body: { client_id: clientId, client_secret: secret, token } });
    expect(told.body).toEqual({ active: false });
  });

  it('W12 is taken back by nobody else, and what is no token changes nothing', async () => {
    const client = shared;
    await bind({});
    const token = await tokenOf(client);
    expect((await revoke(neighbour, token)).status).toBe(200);
    const foreign = { clientId: other.apiClientId, secret: other.apiClientSecret };
    expect((await revoke(foreign, token)).status).toBe(200);
    expect((await revoke(client, 'nonsense')).status).toBe(200);
    expect((await revoke({ ...client, secret: neighbour.secret }, token)).status).toBe(401);
    expect((await list(token)).status).toBe(200);
  });
});
