/** What the log says of those who show who they are, or cannot, and of those who are turned away. */
import { capturedLog, capturedSecurityLog } from '#test/support/captured-log.ts';
import { randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { addMailRequest, codeOf } from '#app/data/members/mail-requests.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { approveRedemption } from '#app/flows/access/approve-redemption.ts';
import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { createApiClient } from '#app/flows/api/create-api-client.ts';
import { answerMailedCode } from '#app/flows/privacy/answer-mailed-code.ts';
import { newClientSecret } from '#app/lib/client-secret.ts';
import { authenticateAdmin } from '#app/web/authenticate-admin.ts';
import { type ApiServer, prepareApiEnvironment, startApi } from '#test/support/api.ts';
import { clientTerms, credentialsOf } from '#test/support/api-clients.ts';
import { authorize, type ExtensionRig, startExtensionRig, tillFields } from '#test/support/extensions.ts';
import { makeMember, makeShop, type TestShop } from '#test/support/factories.ts';
import { letIn, testPin } from '#test/support/staff.ts';

let rig: ExtensionRig;
let api: ApiServer;
let shop: TestShop;

beforeAll(async () => {
  await prepareApiEnvironment({ newest: randomBytes(32), older: randomBytes(32) });
  rig = await startExtensionRig();
  api = await startApi();
  shop = await makeShop();
  await authorize(rig.shopify, shop);
  await letIn(shop.shopId, { userId: '1', role: 'owner', hasPin: true });
  await letIn(shop.shopId, { userId: '5', role: 'viewer' });
});
afterAll(async () => {
  await api.close();
  await rig.close();
});

const events = ['authentication passed', 'authentication failed', 'access refused'];

/** Lines on security that something writes, each in three words: what happened, by which code, and who it was. */
async function told(work: () => Promise<unknown>): Promise<string[]> {
  const before = capturedSecurityLog().length;
  await work().catch(() => undefined);
  const lines = capturedSecurityLog().slice(before).trim().split('\n').filter(Boolean);
  return lines
    .map((line) => JSON.parse(line) as Record<string, string>)
    .filter(({ msg = '' }) => events.includes(msg))
    .map(({ msg, code, shopId, actor, memberId }) =>
      [msg, code, shopId === shop.shopId ? 'here' : shopId, actor ?? memberId].join(' | '),
    );
}

const clientOf = (changes: Parameters<typeof clientTerms>[0] = {}) =>
  createApiClient({ shopId: shop.shopId, actor: 'staff:1', terms: clientTerms(changes), isPairwise: false });

describe('the log', () => {
  it('has each try of an integrator’s secret, right and wrong, and none of the secrets', async () => {
    const client = await clientOf();
    const credentials = credentialsOf(client);
    const wrong = newClientSecret('test');
    expect(await told(() => api.tokenOf(credentials))).toEqual([
      `authentication passed | api-secret | here | api:${client.clientId}`,
    ]);
    expect(await told(() => api.tokenOf({ ...credentials, apiClientSecret: wrong }))).toEqual([
      `authentication failed | api-secret | here | api:${client.clientId}`,
    ]);
    // Somebody took the wrong field for the secret: it does not come into the log either.
    expect(await told(() => api.tokenOf({ apiClientId: client.secret, apiClientSecret: wrong }))).toEqual([
      'authentication failed | api-secret |  | ',
    ]);
    for (const secret of [client.secret, wrong]) expect(capturedLog()).not.toContain(secret);
  });

  it('has every token that is refused, and every scope and network', async () => {
    const client = await clientOf({ scopes: ['members:read'] });
    const token = await api.tokenOf(credentialsOf(client));
    expect(await told(() => api.ask('/api/v1/members', { token: `${token}x` }))).toEqual([
      'authentication failed | invalid-token |  | ',
    ]);
    expect(await told(() => api.ask('/api/v1/members'))).toEqual(['authentication failed | invalid-token |  | ']);
    expect(await told(() => api.ask('/api/v1/programs', { token }))).toEqual([
      `access refused | insufficient-scope | here | api:${client.clientId}`,
    ]);
    const bound = await clientOf({ networks: ['203.0.113.0/24'] });
    expect(await told(() => api.tokenOf(credentialsOf(bound)))).toEqual([
      `authentication passed | api-secret | here | api:${bound.clientId}`,
      `access refused | network-not-allowed | here | api:${bound.clientId}`,
    ]);
    expect(capturedLog()).not.toContain(token);
  });

  it('has each PIN that is tried, by whom, and not the PIN', async () => {
    const asked = { shopId: shop.shopId, actor: 'staff:1', action: 'exports.members' };
    expect(await told(() => requireStepUp({ ...asked, pin: testPin }))).toEqual([
      'authentication passed | staff-pin | here | staff:1',
    ]);
    expect(await told(() => requireStepUp({ ...asked, pin: '591736' }))).toEqual([
      'authentication failed | staff-pin | here | staff:1',
    ]);
    expect(await told(() => requireStepUp({ ...asked, pin: null }))).toEqual([
      'access refused | step_up_required | here | staff:1',
    ]);
    const approval = { number: 9_999, pin: '591736' };
    const till = { shopId: shop.shopId, actor: 'staff:5', deviceId: null, locationId: null, rewardId: 'coffee' };
    expect(await told(() => approveRedemption({ ...till, approval }))).toEqual([
      'authentication failed | staff-pin | here | staff:5',
    ]);
    const guess = () => approveRedemption({ ...till, approval });
    for (let tries = 0; tries < 4; tries += 1) await guess().catch(() => undefined);
    expect(await told(guess)).toEqual(['authentication failed | pin-locked | here | staff:5']);
    for (const pin of [testPin, '591736']) expect(capturedLog()).not.toContain(pin);
  });

  it('has each code that was mailed and is typed in', async () => {
    const { memberId } = await makeMember(shop);
    const code = await withShop(shop.shopId, async (tx) => {
      const asked = {
        memberId,
        kind: 'download-code',
        locale: 'en',
        address: 'ada@example.com',
        at: new Date(),
      } as const;
      return codeOf(await readShopKeys(tx), (await addMailRequest(tx, asked)) ?? '');
    });
    const answer = (typed: string) => told(() => answerMailedCode({ shopId: shop.shopId, memberId, code: typed }));
    expect(await answer('x')).toEqual([`authentication failed | mailed-code | here | ${memberId}`]);
    expect(await answer(code)).toEqual([`authentication passed | mailed-code | here | ${memberId}`]);
    expect(await answer(code)).toEqual([`authentication failed | mailed-code | here | ${memberId}`]);
    expect(capturedLog()).not.toContain('ada@example.com');
  });

  it('has everybody of the staff who is turned away, in the admin and at the till', async () => {
    const open = (token: string) =>
      told(() =>
        authenticateAdmin(
          new Request('https://stampwell.test/app/staff.data', { headers: { authorization: `Bearer ${token}` } }),
          'staff:write',
        ),
      );
    const tokenOf = (subject: string) => rig.shopify.mintSessionToken(shop.domain, { subject });
    expect(await open(await tokenOf('1'))).toEqual([]);
    expect(await open(await tokenOf('5'))).toEqual(['access refused | permission-missing | here | staff:5']);
    expect(await open(`${await tokenOf('1')}x`)).toEqual(['authentication failed | session-token-invalid |  | ']);
    await letIn(shop.shopId, { userId: '6', role: 'auditor' });
    const body = { ...tillFields(), memberId: (await makeMember(shop)).memberId, unit: 'stamps', amount: 1 };
    const token = await tokenOf('6');
    expect(await told(() => rig.ask(shop, '/pos/v1/stamps', { body, token }))).toEqual([
      'access refused | not-at-this-till | here | staff:6',
    ]);
    expect(await told(() => rig.ask(shop, '/pos/v1/stamps', { body, token: `${token}x` }))).toEqual([
      'authentication failed | session-token-invalid |  | ',
    ]);
  });
});
