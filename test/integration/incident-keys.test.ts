/** Keys in the wrong hands: what is noticed, what is stopped within a second, and what the key could see. */
import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { unmaskMember } from '#app/flows/access/unmask-member.ts';
import { addShop } from '#app/flows/shops/add-shop.ts';
import { containIncident } from '#app/flows/security/contain-incident.ts';
import { openIncident } from '#app/flows/security/open-incident.ts';
import { plantCanaries } from '#app/flows/security/plant-canaries.ts';
import { saveSecuritySettings } from '#app/flows/security/save-security-settings.ts';
import { watchShop } from '#app/flows/security/watch-shop.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { incidentPage } from '#app/queries/incident-page.ts';
import { type ApiTill, openApiTill } from '#test/support/api-till.ts';
import { makeMember, makeShop } from '#test/support/factories.ts';
import { runOutbox } from '#test/support/outbox-jobs.ts';
import { leastMs } from '#test/support/timing.ts';

let till: ApiTill;
let shop: Awaited<ReturnType<typeof addShop>>;
let token: string;
const actor = 'staff:1';
let shops = 0;

beforeAll(async () => {
  process.env['TRUSTED_PROXY_HOPS'] = '1';
  till = await openApiTill();
});
afterAll(() => till.close());
beforeEach(async () => {
  setClockOffsetMs(0);
  shops += 1;
  shop = await addShop({ domain: `keys-${shops}.myshopify.com` });
  token = await till.api.tokenOf(shop);
});
afterEach(() => setClockOffsetMs(0));

const base = () => ({ shopId: shop.shopId, actor });
const from = (address: string) => ({ 'x-forwarded-for': address });
const ask = (path: string, asked: { token?: string; address?: string } = {}) =>
  till.api.ask(`/api/v1${path}`, { token: asked.token ?? token, headers: from(asked.address ?? '192.0.2.1') });
const tryKey = (key: { clientId: string; clientSecret: string }, address: string) =>
  till.api.ask('/oauth/token', {
    method: 'POST',
    body: { grant_type: 'client_credentials', client_id: key.clientId, client_secret: key.clientSecret },
    headers: from(address),
  });
const addMember = async (): Promise<string> => {
  const answer = await till.post(
    '/members',
    { externalId: randomUUID(), email: `${randomUUID()}@example.com`, programId: shop.programId },
    { token },
  );
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return String(answer.body['id']);
};
const incidents = () =>
  till.system.sql<{ id: string; detector: string; subject: string; severity: string }>(
    `select id, detector, subject, severity from incident where shop_id = $1 and state <> 'closed'`,
    [shop.shopId],
  );
const watch = () => watchShop({ shopId: shop.shopId, withHabits: false });

describe('a trap', () => {
  it('L16 that is a key raises a critical alert when it is tried, is answered like a wrong key, and shuts the source out', async () => {
    const trap = await plantCanaries(base());
    const answer = await tryKey(trap, '203.0.113.9');
    const wrong = await tryKey({ ...trap, clientId: 'swc_00000000000000000000' }, '192.0.2.1');
    expect([answer.status, answer.body['detail']]).toEqual([wrong.status, wrong.body['detail']]);
    expect(answer.status).toBe(401);
    await runOutbox(till.system, ['watch-shop']);
    expect(await incidents()).toMatchObject([
      { detector: 'canary-key', subject: `canary-key:${trap.clientId}`, severity: 'critical' },
    ]);
    expect(
      (await till.system.sql(`select 1 from outbox where shop_id = $1 and job = 'send-alert'`, [shop.shopId])).length,
    ).toBe(1);
    const blocked = await ask('/members', { address: '203.0.113.9' });
    expect([blocked.status, blocked.body['code']]).toEqual([403, 'network-blocked']);
    expect(
      (await tryKey({ clientId: shop.apiClientId, clientSecret: shop.apiClientSecret }, '203.0.113.9')).status,
    ).toBe(403);
    expect((await ask('/members')).status).toBe(200);
    setClockOffsetMs(61 * 60_000);
    const later = await till.api.tokenOf(shop);
    expect((await ask('/members', { address: '203.0.113.9', token: later })).status).toBe(200);
    // Nothing of the network came to rest.
    const texts = await till.system.sql<{ text: string }>(
      'select subject as text from security_signal where shop_id = $1',
      [shop.shopId],
    );
    expect(texts.filter(({ text }) => text.includes('203.0.113'))).toEqual([]);
  });

  it('L16 that is a member ends the key that reads it, and no other', async () => {
    const trap = await plantCanaries(base());
    const other = await addShop({ domain: `keys-${shops}-other.myshopify.com` });
    const otherToken = await till.api.tokenOf(other);
    expect((await ask(`/members/${trap.memberId}`)).status).toBe(200);
    await runOutbox(till.system, ['watch-shop']);
    expect(await incidents()).toMatchObject([
      { detector: 'canary-member', subject: `api:${shop.apiClientId}`, severity: 'critical' },
    ]);
    expect((await ask('/members')).status).toBe(401);
    expect((await ask('/members', { token: otherToken })).status).toBe(200);
    const [incident] = await incidents();
    const { timeline } = await incidentPage(shop.shopId, incident?.id ?? '');
    expect(timeline.map(({ kind }) => kind)).toEqual(['opened', 'contained']);
  });

  it('L16 that is a member stops the person who has it shown in full, who is then in the blast radius', async () => {
    const trap = await plantCanaries(base());
    await unmaskMember({ ...base(), actor: 'staff:77', memberId: trap.memberId, reason: 'just curious' });
    await watch();
    expect(await incidents()).toMatchObject([{ detector: 'canary-member', subject: 'staff:77' }]);
    const rows = await till.system.sql('select kind, subject from security_control where shop_id = $1', [shop.shopId]);
    expect(rows).toEqual([{ kind: 'pause-staff', subject: 'staff:77' }]);
    const [incident] = await incidents();
    const window = { from: new Date(Date.now() - 60_000), to: new Date(Date.now() + 1_000) };
    const { radius } = await incidentPage(shop.shopId, incident?.id ?? '', { actor: 'staff:77', ...window });
    expect(radius?.members).toMatchObject([{ memberId: trap.memberId, fields: ['email', 'name', 'phone'] }]);
  });

  it('L16 that is a member is found in a list as well, and only by somebody who reads', async () => {
    const trap = await plantCanaries(base());
    await addMember();
    await runOutbox(till.system, ['watch-shop']);
    expect(await incidents()).toEqual([]);
    await ask('/members?limit=100');
    await watch();
    expect(await incidents()).toMatchObject([{ detector: 'canary-member' }]);
    expect(JSON.stringify(trap)).not.toContain('canary');
  });
});

describe('guessing', () => {
  const guess = async (times: number) => {
    for (let n = 0; n < times; n += 1) expect((await ask(`/members/${randomUUID()}`)).status).toBe(404);
  };

  it('F20 of ids by one key is noticed, and only said at first', async () => {
    await guess(49);
    expect(await watch()).toEqual([]);
    await guess(1);
    await watch();
    expect(await incidents()).toMatchObject([{ detector: 'mass-missing', subject: `api:${shop.apiClientId}` }]);
    expect((await ask('/members')).status).toBe(200);
  });

  it('F20 slows the key down where the shop wants it; another key goes on at full pace', async () => {
    const choice = { isOn: true, mode: 'act', action: 'throttle', threshold: 20 } as const;
    await saveSecuritySettings({
      ...base(),
      settings: { detectors: { 'mass-missing': choice } },
      alertUrl: null,
      alertEmail: null,
    });
    await guess(20);
    await watch();
    // What was heard of a key holds for a second.
    const refused = async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask('/members?limit=1')));
      return answers.filter(({ status }) => status === 429).length;
    };
    await expect.poll(refused, { timeout: 20_000, interval: 100 }).toBeGreaterThan(10);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('/members?limit=1', { token: till.token })));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });
});

describe('a key that is lost', () => {
  it('L17 F22 is dead within a second of the button, in the timeline, and other keys and the shop go on', async () => {
    let incidentId = '';
    let lost = shop;
    const takenMs = await leastMs(1_000, async () => {
      const description = 'The key was in a public repository';
      ({ incidentId } = await openIncident({ ...base(), severity: 'high', description }));
      lost = await addShop({ domain: shop.shopDomain });
      const held = await till.api.tokenOf(lost);
      expect((await ask('/members', { token: held })).status).toBe(200);
      const startedAt = performance.now();
      const step = { kind: 'revoke-key', clientId: lost.apiClientId } as const;
      await containIncident({ ...base(), incidentId, step, reason: 'leaked' });
      expect((await ask('/members', { token: held })).status).toBe(401);
      return performance.now() - startedAt;
    });
    expect(takenMs).toBeLessThan(1_000);
    const key = { clientId: lost.apiClientId, clientSecret: lost.apiClientSecret };
    expect((await tryKey(key, '192.0.2.1')).status).toBe(401);
    expect((await ask('/members')).status).toBe(200);
    expect((await ask('/members', { token: till.token })).status).toBe(200);
    const { timeline } = await incidentPage(shop.shopId, incidentId);
    expect(timeline.map(({ kind, actor: by, details }) => [kind, by, details['kind'] ?? null])).toEqual([
      ['opened', 'system', null],
      ['note', actor, null],
      ['contained', actor, 'revoke-key'],
    ]);
    const foreign = await makeShop();
    expect(
      await containIncident({
        shopId: foreign.shopId,
        actor,
        incidentId: null,
        step: { kind: 'revoke-key', clientId: till.shop.apiClientId },
        reason: 'x',
      }),
    ).toBe(false);
    expect((await ask('/members', { token: till.token })).status).toBe(200);
  });

  it('L18 was shown exactly these members and these of their data within the window', async () => {
    const read = [await addMember(), await addMember(), await addMember()];
    const unread = await addMember();
    const startedAt = new Date();
    await ask(`/members/${read[0]}`);
    await ask(`/members/${read[1]}/balance`);
    await ask(`/members/${read[2]}/ledger`);
    expect((await ask(`/members/${randomUUID()}`)).status).toBe(404);
    const endedAt = new Date(Date.now() + 1);
    setClockOffsetMs(60_000);
    await ask(`/members/${unread}`);
    const { incidentId } = await openIncident({ ...base(), severity: 'high', description: 'x' });
    const question = { actor: `api:${shop.apiClientId}`, from: startedAt, to: endedAt };
    const { radius } = await incidentPage(shop.shopId, incidentId, question);
    expect(radius?.members.map(({ memberId }) => memberId)).toEqual(read.toSorted());
    expect([radius?.membersTotal, radius?.reads]).toEqual([3, 3]);
    expect(radius?.fields).toEqual(['balance', 'birthday', 'email', 'ledger', 'name', 'phone', 'standing']);
    expect(radius?.members.find(({ memberId }) => memberId === read[1])?.fields).toEqual(['balance']);
    const other = await incidentPage(shop.shopId, incidentId, { ...question, actor: `api:${till.shop.apiClientId}` });
    expect(other.radius?.membersTotal).toBe(0);
    const foreign = await makeShop();
    await makeMember(foreign);
    await expect(incidentPage(foreign.shopId, incidentId, question)).rejects.toMatchObject({
      code: 'incident-not-found',
    });
  });
});
