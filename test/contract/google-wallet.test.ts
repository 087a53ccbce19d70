import { createPublicKey } from 'node:crypto';
import { jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inOneLanguage, toBlankGoogleObject, toGoogleClass, toGoogleObject } from '#app/domain/cards/google-pass.ts';
import { buildPassContent } from '#app/domain/cards/pass-content.ts';
import { toRotatingBarcode } from '#app/domain/cards/rotating-code.ts';
import { createGoogleWallet, type GoogleWallet } from '#app/gateways/google-wallet.ts';
import { Rejected, Unavailable } from '#app/lib/errors.ts';
import { googleSchemaProblems } from '#test/platform/google-schema.ts';
import {
  type GoogleWalletPlatform,
  makeServiceAccount,
  startGoogleWallet,
  testGoogleIssuerId,
} from '#test/platform/google-wallet.ts';
import { sampleDesign, samplePassInput } from '#test/support/pass-samples.ts';

const classId = `${testGoogleIssuerId}.shop-1-design-1`;
const objectId = `${testGoogleIssuerId}.AAAAAAAAAAAAAAAAAAAAAA`;
const origins = ['https://stampwell.example'];

let platform: GoogleWalletPlatform;
let wallet: GoogleWallet;

const connect = (serviceAccount = platform.serviceAccount) =>
  createGoogleWallet({ serviceAccount, issuerId: testGoogleIssuerId, origins, baseUrl: platform.url, fetch });

beforeEach(async () => {
  platform = await startGoogleWallet();
  wallet = connect();
});

afterEach(() => platform.close());

const sampleClass = () =>
  toGoogleClass({
    classId,
    design: sampleDesign,
    programName: 'Coffee card',
    locale: 'en',
    logoUrl: 'https://stampwell.example/art/logo.png',
    callbackUrl: 'https://stampwell.example/wallet/google/callback',
  });

const sampleObject = (stamps = 4) =>
  toGoogleObject(buildPassContent(samplePassInput({ balances: [{ unit: 'stamps', balance: stamps, held: 0 }] })), {
    objectId,
    classId,
    heroUrl: `https://stampwell.example/art/${stamps}.png`,
  });

const calls = () => platform.requests.map(({ method, status }) => `${method} ${status}`);

describe('classes and objects', () => {
  it('G1: are created when they are new and changed when they exist', async () => {
    await wallet.upsertClass(sampleClass());
    await wallet.upsertObject(sampleObject(4));
    await wallet.upsertObject(sampleObject(5));
    expect(calls()).toEqual(['POST 200', 'POST 200', 'POST 409', 'PATCH 200']);
    expect(platform.objectById(objectId)).toMatchObject({ loyaltyPoints: { balance: { string: '5 / 10' } } });
  });

  it('G1: end in one object when two upserts meet', async () => {
    await wallet.upsertClass(sampleClass());
    await Promise.all([wallet.upsertObject(sampleObject(4)), wallet.upsertObject(sampleObject(4))]);
    expect(platform.objectById(objectId)).toEqual(sampleObject(4));
  });

  it('G2: are created by a change that finds nothing to change', async () => {
    await wallet.upsertClass(sampleClass());
    await wallet.patchObject(sampleObject(4), { isNotifying: false });
    expect(calls()).toEqual(['POST 200', 'PATCH 404', 'POST 200']);
    expect(platform.objectById(objectId)).toEqual(sampleObject(4));
  });

  it('G4: are valid by Google’s published types, whatever the card counts', () => {
    const points = samplePassInput({
      units: [{ kind: 'point', id: 'points', label: 'Points' }],
      balances: [{ unit: 'points', balance: 120, held: 0 }],
      memberName: null,
    });
    const pointsObject = toGoogleObject(buildPassContent(points), { objectId, classId, heroUrl: null });
    for (const body of [sampleObject(), pointsObject, toBlankGoogleObject({ objectId, classId })])
      expect(googleSchemaProblems('LoyaltyObject', body)).toEqual([]);
    expect(googleSchemaProblems('LoyaltyClass', sampleClass())).toEqual([]);
  });

  it('G4: would not get past the stand-in with an unknown name or a wrong type', () => {
    expect(googleSchemaProblems('LoyaltyObject', { id: 1, nickname: 'x' })).toEqual([
      'LoyaltyObject.id: must be a string',
      'LoyaltyObject.nickname: unknown name',
    ]);
  });

  it.each([
    ['a word of another kind', { reviewStatus: 'APPROVED' }],
    ['no word at all', { reviewStatus: undefined }],
  ])('G4: classes would not get past the stand-in with %s as their review status', async (_name, change) => {
    const refused = wallet.upsertClass({ ...sampleClass(), ...change } as never);
    await expect(refused).rejects.toThrow('400 INVALID_ARGUMENT');
  });

  it.each([
    ['a state there is none of', { state: 'GONE' }],
    ['a barcode there is none of', { barcode: { type: 'QR', value: 'x' } }],
    ['two balances in one', { loyaltyPoints: { label: 'Points', balance: { int: 1, string: '1' } } }],
    ['a notice there is none of', { notifyPreference: 'NOTIFY' }],
    ['a class that is not there', { classId: `${testGoogleIssuerId}.nothing` }],
    ['an id of another issuer', { id: '77.AAAAAAAAAAAAAAAAAAAAAA' }],
    ['two texts of one id', { textModulesData: [{ id: 'a', header: 'A', body: 'a' }, { id: 'a', header: 'B', body: 'b' }] }],
  ])('G4: objects would not get past the stand-in with %s', async (_name, change) => {
    await wallet.upsertClass(sampleClass());
    const refused = wallet.upsertObject({ ...sampleObject(4), ...change } as never);
    await expect(refused).rejects.toThrow('400 INVALID_ARGUMENT');
  }); // prettier-ignore

  it('G4: take away what a card no longer has', async () => {
    await wallet.upsertClass(sampleClass());
    await wallet.upsertObject(sampleObject(4));
    const { heroImage: _picture, barcode: _fixed, ...plain } = sampleObject(4);
    const rotatingBarcode = toRotatingBarcode('AAAAAAAAAAAAAAAAAAAAAA', new Uint8Array(20));
    expect(googleSchemaProblems('LoyaltyObject', { ...plain, rotatingBarcode })).toEqual([]);
    await wallet.patchObject({ ...plain, rotatingBarcode }, { isNotifying: false });
    expect(platform.objectById(objectId)).toEqual({ ...plain, rotatingBarcode });
  });

  it('G3: would be refused as the 21st of a second', async () => {
    await wallet.upsertClass(sampleClass());
    const ended = await Promise.allSettled(Array.from({ length: 100 }, () => wallet.upsertObject(sampleObject(4))));
    expect(platform.requests.filter(({ status }) => status === 429).length).toBeGreaterThan(5);
    expect(ended.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'google-wallet-busy' } });
  });

  it('G3: take a turn for every single call, and end it when the call is answered or has failed', async () => {
    const turns: string[] = [];
    const rests: number[] = [];
    const paced = wallet.paced({
      takeTurn: async () => {
        turns.push(`turn ${platform.requests.length}`);
        return async () => void turns.push(`over ${platform.requests.length}`);
      },
      rest: async (forMs) => void rests.push(forMs),
      timeoutMs: 1_500,
    });
    await paced.upsertClass(sampleClass());
    await paced.patchObject(sampleObject(4), { isNotifying: false });
    expect(turns).toEqual(['turn 0', 'over 1', 'turn 1', 'over 2', 'turn 2', 'over 3']);
    for (const fault of [{ kind: 'reset', times: 1 }, { kind: 'silence', times: 1 }] as const) {
      platform.fail(fault);
      await expect(paced.upsertObject(sampleObject(4))).rejects.toBeInstanceOf(Unavailable);
    } // prettier-ignore
    platform.fail({ kind: 'status', status: 503, retryAfterS: 7, times: 1 });
    await expect(paced.upsertObject(sampleObject(4))).rejects.toBeInstanceOf(Unavailable);
    expect(turns).toHaveLength(12);
    expect(rests).toEqual([7_000]);
  });

  it('G3: are not sent when no turn comes', async () => {
    const refused = new Unavailable('google-wallet-behind', 'Later', { retryAfterMs: 5 });
    const paced = wallet.paced({
      takeTurn: () => Promise.reject(refused),
      rest: () => Promise.resolve(),
      timeoutMs: 300,
    });
    await expect(paced.upsertClass(sampleClass())).rejects.toBe(refused);
    expect(platform.requests).toEqual([]);
  });

  it('G8: ask for a notice only in the change that wants one', async () => {
    await wallet.upsertClass(sampleClass());
    await wallet.upsertObject(sampleObject(4));
    await wallet.patchObject(sampleObject(5), { isNotifying: true });
    await wallet.patchObject(sampleObject(6), { isNotifying: false });
    const patches = platform.requests.filter(({ method }) => method === 'PATCH').map(({ body }) => body);
    expect(patches[0]).toMatchObject({ notifyPreference: 'NOTIFY_ON_UPDATE' });
    expect(patches[1]).not.toHaveProperty('notifyPreference');
  });

  it('G10: keep nothing personal and nothing to scan once expired', async () => {
    await wallet.upsertClass(sampleClass());
    await wallet.upsertObject(sampleObject(4));
    await wallet.expireObject({ objectId, classId });
    await wallet.expireObject({ objectId, classId });
    expect(platform.objectById(objectId)).toEqual(toBlankGoogleObject({ objectId, classId }));
    expect(JSON.stringify(platform.objectById(objectId))).not.toMatch(/Ada|L1\./);
  });

  it('G10: may be expired although Google never knew them', async () => {
    await wallet.expireObject({ objectId, classId });
    expect(calls()).toEqual(['PUT 404']);
  });
});

describe('a bad moment', () => {
  it('G6: an access token that Google forgot is fetched anew, once', async () => {
    await wallet.upsertClass(sampleClass());
    platform.fail({ kind: 'forget-tokens' });
    await wallet.upsertObject(sampleObject(4));
    expect(platform.tokensIssued()).toBe(2);
    expect(calls()).toEqual(['POST 200', 'POST 401', 'POST 200']);
  });

  it('G6: an access token that is refused again is our account being refused', async () => {
    platform.fail({ kind: 'status', status: 401, times: 2 });
    await expect(wallet.upsertClass(sampleClass())).rejects.toBeInstanceOf(Rejected);
    expect(platform.requests).toHaveLength(2);
  });

  it('G6: many calls at once share one access token', async () => {
    await Promise.all(Array.from({ length: 10 }, () => wallet.expireObject({ objectId, classId })));
    expect(platform.tokensIssued()).toBe(1);
  });

  it('G7: too many calls or an outage says when to come back', async () => {
    platform.fail({ kind: 'status', status: 429, retryAfterS: 4, times: 1 });
    const throttled = await wallet.upsertClass(sampleClass()).catch((error: unknown) => error);
    expect(throttled).toBeInstanceOf(Unavailable);
    expect(throttled).toMatchObject({ retryAfterMs: 4_000 });
    platform.fail({ kind: 'status', status: 503, times: 1 });
    await expect(wallet.upsertClass(sampleClass())).rejects.toBeInstanceOf(Unavailable);
    await wallet.upsertClass(sampleClass());
    expect(platform.requests).toHaveLength(3);
  });

  it('F14 an outage opens the circuit: nobody is called, and it closes by itself once Google is back', async () => {
    await wallet.upsertClass(sampleClass());
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      platform.fail({ kind: 'status', status: 500, times: 11 });
      const change = () => wallet.patchObject(sampleObject(), { isNotifying: false });
      for (let n = 0; n < 10; n += 1) await expect(change()).rejects.toBeInstanceOf(Unavailable);
      const sent = platform.requests.length;
      // Delayed, not lost: the job that asked comes back when it is told to.
      for (let n = 0; n < 20; n += 1)
        await expect(change()).rejects.toMatchObject({ code: 'circuit-open', retryAfterMs: expect.any(Number) });
      expect(platform.requests).toHaveLength(sent);
      vi.advanceTimersByTime(5_001);
      await expect(change()).rejects.toMatchObject({ code: 'google-wallet-busy' });
      await expect(change()).rejects.toMatchObject({ code: 'circuit-open' });
      vi.advanceTimersByTime(5_001);
      await change();
      await change();
    } finally {
      vi.useRealTimers();
    }
  });

  it('G7: a connection that breaks is Google being unavailable', async () => {
    platform.fail({ kind: 'reset', times: 1 });
    await expect(wallet.upsertClass(sampleClass())).rejects.toBeInstanceOf(Unavailable);
  });

  it('is not retried when Google refuses for good, and the refusal repeats nothing of what was sent', async () => {
    const object = { ...sampleObject(), classId: `${testGoogleIssuerId}.unknown` };
    const refusal = await wallet.upsertObject(object).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Rejected);
    expect(String(refusal)).toContain('400 INVALID_ARGUMENT');
    expect(String(refusal)).not.toContain('Ada');
  });

  it('says that we are refused when the service account’s key is not the one Google knows', async () => {
    await expect(connect(makeServiceAccount()).upsertClass(sampleClass())).rejects.toBeInstanceOf(Rejected);
  });
});

describe('the save link', () => {
  it('G5: names the object, is signed by the service account and stays short', async () => {
    await wallet.upsertClass(sampleClass());
    await wallet.upsertObject(sampleObject(4));
    const link = await wallet.saveLink([objectId]);
    const { objects, claims } = await platform.openSaveLink(link);
    expect(objects).toEqual([sampleObject(4)]);
    expect(claims).toMatchObject({ aud: 'google', typ: 'savetowallet', origins });
    expect(link.length).toBeLessThanOrEqual(1_800);
  });

  it('G5: of another key is not accepted', async () => {
    const link = await connect(makeServiceAccount()).saveLink([objectId]);
    await expect(platform.openSaveLink(link)).rejects.toThrow('signature');
  });

  it('G5: is an RS256 token of the issuer', async () => {
    const token = (await wallet.saveLink([objectId])).split('/').at(-1) ?? '';
    const key = createPublicKey(platform.serviceAccount.privateKeyPem);
    const { protectedHeader, payload } = await jwtVerify(token, key, { algorithms: ['RS256'] });
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT' });
    expect(payload.iss).toBe(platform.serviceAccount.clientEmail);
  });

  it('G5: brings a whole card along, claims and all, and Google makes it', async () => {
    await wallet.upsertClass(sampleClass());
    const link = await wallet.fullSaveLink(sampleObject(4));
    const { objects, claims } = await platform.openSaveLink(link);
    expect(objects).toEqual([inOneLanguage(sampleObject(4))]);
    expect(claims).toMatchObject({ iss: platform.serviceAccount.clientEmail, aud: 'google', typ: 'savetowallet' });
    expect((link.split('/').at(-1) ?? '').length).toBeLessThanOrEqual(1_800);
    expect(platform.objectById(objectId)).toEqual(inOneLanguage(sampleObject(4)));
  });

  it.each([
    ['a very long name in a script of three bytes', '漢'.repeat(200)],
    ['emoji', '👩‍👩‍👧‍👦'.repeat(40)],
    ['a name that is written from right to left', 'שלום עולם '.repeat(30)],
  ])('G5: leaves out what does not fit of a card with %s, and stays short', async (_name, memberName) => {
    await wallet.upsertClass(sampleClass());
    const object = { ...sampleObject(4), accountName: memberName };
    const link = await wallet.fullSaveLink(object);
    expect((link.split('/').at(-1) ?? '').length).toBeLessThanOrEqual(1_800);
    const { objects } = await platform.openSaveLink(link);
    expect(objects[0]).toMatchObject({ id: objectId, classId, state: 'ACTIVE', barcode: { type: 'QR_CODE' } });
    expect(objects[0]).toHaveProperty('loyaltyPoints');
  });

  it('G5: is refused rather than made too long', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `${objectId}-${index}`);
    await expect(wallet.saveLink(many)).rejects.toThrow('Too many objects');
  });
});
