import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { restRing } from '#app/data/system/call-ring.ts';
import { issueGooglePass } from '#app/flows/cards/issue-google-pass.ts';
import { createGoogleCallbacks } from '#app/gateways/google-callbacks.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { endRest, type GoogleCardHolder, makeHolder, runGoogleJobs } from '#test/support/google-cards.ts';
import { redactBody, settleCase } from '#test/support/privacy.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';
import { closeServer, listen } from '#test/platform/http.ts';
import { call } from '#test/platform/http.ts';
import { createCallbackSigner, type SignedCallback } from '#test/platform/google-signing.ts';
import { createServer } from 'node:http';

let wallets: TestWallets;
let system: TestSystem;
let edge: Edge;
let shop: TestShop;
let holder: GoogleCardHolder;
beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem('stampwell_worker', 12);
  edge = await startEdge();
});
afterAll(async () => {
  await edge.close();
  await system.close();
  await wallets.close();
});
beforeEach(async () => {
  shop = await makeShop();
  holder = await makeHolder({ system, google: wallets.google }, shop);
});

const classOf = (of: GoogleCardHolder) => String(of.object()?.['classId']);
const message = (eventType: 'save' | 'del' = 'save', of = holder) => ({
  classId: classOf(of),
  objectId: of.objectId,
  eventType,
});
const sign = (...signed: Parameters<typeof wallets.google.callbacks.sign>) => wallets.google.callbacks.sign(...signed);
const tell = async (body: unknown) =>
  (
    await call({
      url: `${edge.url}/wallet/google/callback`,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Googlebot' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  ).status;
const stateOf = async (of = holder) =>
  (await system.sql<{ state: string }>('select state from google_object where pass_id = $1', [of.passId]))[0]?.state;

describe('a call of Google', () => {
  it('G9: is taken when it is genuine, and the pass knows whether the shopper has it', async () => {
    expect(await stateOf()).toBe('offered');
    expect(await tell(sign(message('save')))).toBe(200);
    expect(await stateOf()).toBe('saved');
    expect(await tell(sign({ ...message('del'), expTimeMillis: Date.now() + 700_000 }))).toBe(200);
    expect(await stateOf()).toBe('deleted');
  });

  const forgeries: [string, number, (body: SignedCallback) => unknown][] = [
    ['a changed message', 403, (body) => ({ ...body, signedMessage: body.signedMessage.replace('"save"', '"del"') })],
    ['a changed key', 403, (body) => ({ ...body, intermediateSigningKey: { ...body.intermediateSigningKey, signedKey: body.intermediateSigningKey.signedKey.replace('{', '{ ') } })],
    ['a signature of something else', 403, (body) => ({ ...body, signature: sign(message('del')).signature })],
    ['a signature that is none', 403, (body) => ({ ...body, signature: 'AAAA' })],
    ['no signature of the key', 400, (body) => ({ ...body, intermediateSigningKey: { ...body.intermediateSigningKey, signatures: [] } })],
    ['another protocol', 400, (body) => ({ ...body, protocolVersion: 'ECv1' })],
    ['another issuer', 403, () => sign(message(), { recipientId: '3388000000000000001' })],
    ['a key that is over', 403, () => sign(message(), { intermediateExpiresInMs: -1 })],
    ['a message that is over', 403, () => sign({ ...message(), expTimeMillis: Date.now() - 1 })],
    ['keys of somebody else', 403, () => createCallbackSigner().sign(message())],
    ['a class of nobody', 403, () => sign({ ...message(), classId: `${wallets.google.issuerId}.program_${'0'.repeat(32)}_1` })],
    ['a class that is not named as ours', 403, () => sign({ ...message(), classId: `${wallets.google.issuerId}.other` })],
    ['an object of nobody', 403, () => sign({ ...message(), objectId: `${wallets.google.issuerId}.AAAAAAAAAAAAAAAAAAAAAA` })],
    ['an issuer that is not ours', 403, () => sign({ ...message(), classId: classOf(holder).replace(/^\d+/, '77'), objectId: holder.objectId.replace(/^\d+/, '77') })],
    ['an event there is none of', 400, () => sign({ ...message(), eventType: 'sold' as never })],
    ['no nonce', 400, () => sign({ ...message(), nonce: '' })],
    ['nothing', 400, () => ''],
    ['a list', 400, () => []],
    ['no JSON', 400, () => '{"signature":'],
    ['too much', 413, () => ({ signedMessage: 'x'.repeat(20_000) })],
  ]; // prettier-ignore

  it.each(forgeries)('G9: is refused with %s', async (_name, status, forge) => {
    expect(await tell(forge(sign(message('save'))))).toBe(status);
    expect(await stateOf()).toBe('offered');
    expect(await system.sql('select 1 from google_callback where shop_id = $1', [shop.shopId])).toEqual([]);
  });

  it('G9: is refused about a card of another shop than its class is of', async () => {
    const theirs = await makeHolder({ system, google: wallets.google }, await makeShop());
    expect(await tell(sign({ ...message(), objectId: theirs.objectId }))).toBe(403);
    expect([await stateOf(), await stateOf(theirs)]).toEqual(['offered', 'offered']);
  });

  it('G9: changes nothing when it is repeated, by one or by ten at once', async () => {
    const first = sign(message('save'));
    expect(await tell(first)).toBe(200);
    await system.sql(`update google_object set state = 'offered', state_until = null where pass_id = $1`, [
      holder.passId,
    ]);
    expect(await Promise.all(Array.from({ length: 10 }, () => tell(first)))).toEqual(
      Array.from({ length: 10 }, () => 200),
    );
    expect(await stateOf()).toBe('offered');
    expect(await system.sql('select 1 from google_callback where shop_id = $1', [shop.shopId])).toHaveLength(1);
  });

  it('G9: that is older changes nothing when it comes later', async () => {
    const older = sign({ ...message('save'), expTimeMillis: Date.now() + 500_000 });
    expect(await tell(sign({ ...message('del'), expTimeMillis: Date.now() + 600_000 }))).toBe(200);
    expect(await tell(older)).toBe(200);
    expect(await stateOf()).toBe('deleted');
  });

  it('is answered by nothing but POST', async () => {
    expect((await call({ url: `${edge.url}/wallet/google/callback` })).status).toBe(405);
  });

  it('about a card that a link brought along has it sent whole; about one that was erased, has it blanked', async () => {
    const { cardUrl, memberId, customerId } = await makeMember(shop, { name: 'Grace Hopper' });
    await restRing({ ring: `google:${wallets.google.issuerId}`, perSecond: 20 }, 60_000);
    const { saveUrl } = await issueGooglePass({ token: cardUrl.split('/').at(-1) ?? '' });
    await endRest(system);
    const [pass] = await system.sql<{ id: string; serial: string }>(
      `select id, serial from pass where member_id = $1 and wallet = 'google'`,
      [memberId],
    );
    const objectId = `${wallets.google.issuerId}.${pass?.serial}`;
    const saved = { ...holder, passId: pass?.id ?? '', objectId };
    expect(wallets.google.objectById(objectId)).toBeUndefined();
    await wallets.google.openSaveLink(saveUrl);
    expect(await tell(sign({ ...message('save'), objectId }))).toBe(200);
    expect(await runGoogleJobs(system, shop.shopId)).toBeGreaterThan(0);
    expect(await system.sql('select is_from_link from google_object where pass_id = $1', [saved.passId])).toEqual([
      { is_from_link: false },
    ]);
    await settleCase(system, shop, 'customers/redact', redactBody(shop, { id: customerId }));
    await runGoogleJobs(system, shop.shopId);
    expect(JSON.stringify(wallets.google.objectById(objectId))).not.toMatch(/Grace|L1\./);
    // Somebody opens the old link on another phone, where Google makes nothing new of it, and says so.
    await tell(sign({ ...message('save'), objectId, expTimeMillis: Date.now() + 900_000 }));
    expect(await runGoogleJobs(system, shop.shopId)).toBe(1);
    expect(wallets.google.objectById(objectId)).toMatchObject({ state: 'INACTIVE', accountName: '' });
  });
});

describe('the keys of Google', () => {
  it('G9: are fetched once for many calls, and again when they change, but not for every forgery', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const signer = createCallbackSigner();
    let fetched = 0;
    const server = createServer((_request, response) => {
      fetched += 1;
      response.end(JSON.stringify(signer.rootKeys()));
    });
    const port = await listen(server, 0);
    try {
      const { read } = createGoogleCallbacks({ keysUrl: `http://127.0.0.1:${port}/keys`, fetch });
      const genuine = () => read(signer.sign({ ...message(), nonce: randomUUID() }));
      await Promise.all(Array.from({ length: 10 }, genuine));
      expect(fetched).toBe(1);
      signer.rotate();
      expect(await genuine()).toBe('forged');
      expect(fetched).toBe(1);
      vi.advanceTimersByTime(61_000);
      expect(await genuine()).toMatchObject({ kind: 'saved' });
      for (let forged = 0; forged < 5; forged += 1)
        expect(await read(createCallbackSigner().sign(message()))).toBe('forged');
      expect(fetched).toBe(2);
      signer.expireRoots();
      vi.advanceTimersByTime(3_700_000);
      expect(await genuine()).toBe('forged');
    } finally {
      vi.useRealTimers();
      await closeServer(server);
    }
  });

  it('G9: that cannot be had make Google come back later', async () => {
    const { read } = createGoogleCallbacks({ keysUrl: 'http://127.0.0.1:9/keys', fetch });
    await expect(read(sign(message()))).rejects.toMatchObject({ code: 'google-keys-unavailable' });
  });
});
