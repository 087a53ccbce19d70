/** PINs: before exports and role changes, and a manager's at the till. */
import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { closeDatabase, openDatabase } from '#app/data/database.ts';
import { changeAccessSettings } from '#app/flows/access/change-access-settings.ts';
import { clearPin } from '#app/flows/access/clear-pin.ts';
import { requireStepUp } from '#app/flows/access/require-step-up.ts';
import { resetPin } from '#app/flows/access/reset-pin.ts';
import { setPin } from '#app/flows/access/set-pin.ts';
import { action as exportLiability } from '#app/routes/app.liability.csv.tsx';
import { action as exportStaff } from '#app/routes/app.staff.csv.tsx';
import { action as changePeople } from '#app/routes/app.staff.tsx';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { call } from '#test/platform/http.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { authorize, type ExtensionRig, startExtensionRig, tillFields } from '#test/support/extensions.ts';
import { makeDocument, makeMember, makeShop, type TestShop } from '#test/support/factories.ts';
import { letIn, testPin } from '#test/support/staff.ts';
import { expectProblem, tillCalls, tillRewards } from '#test/support/till-calls.ts';
import { leastMs } from '#test/support/timing.ts';
import { findInDatabase } from '#test/support/whole-database.ts';

let rig: ExtensionRig;
let edge: Edge;
let shop: TestShop;
let other: TestShop;
let memberId: string;
const { redeem, give, heldOf } = tillCalls(() => ({ rig, shop, memberId }));

beforeAll(async () => {
  rig = await startExtensionRig();
  // A hundred guesses at once: on a slow machine some would wait for a connection longer than the pool lets them.
  await closeDatabase();
  openDatabase({ url: rig.system.url, role: 'stampwell_web', connectionsMax: 40 });
  edge = await startEdge();
});
afterAll(async () => {
  await edge.close();
  await rig.close();
});
beforeEach(async () => {
  setClockOffsetMs(0);
  shop = await makeShop(makeDocument({ rewards: tillRewards }));
  other = await makeShop();
  await authorize(rig.shopify, shop);
  ({ memberId } = await makeMember(shop));
});
afterEach(() => setClockOffsetMs(0));

const minuteMs = 60_000;
const cashier = 'staff:902541635';
const wrongPin = '591736';

const limitTill = (tillCostMax: number | null) =>
  changeAccessSettings({
    shopId: shop.shopId,
    actor: cashier,
    settings: { defaultRole: 'viewer', isTillOpen: true, tillCostMax, apiCostMax: null },
  });

const auditOf = async (action: string) =>
  rig.system.sql<{ actor: string; object: string; reason: string | null }>(
    'select actor, object, reason from audit_record where shop_id = $1 and action = $2 order by sequence',
    [shop.shopId, action],
  );

describe('a PIN', () => {
  it('W11 is kept as a bcrypt hash at cost 12, and nowhere else', async () => {
    const { staffId } = await letIn(shop.shopId, { userId: '1', role: 'owner' });
    const asked = { shopId: shop.shopId, actor: 'staff:1' };
    await setPin({ ...asked, current: null, pin: '70418236' });
    const [row] = await rig.system.sql<{ pin_hash: string }>('select pin_hash from shop_staff where id = $1', [
      staffId,
    ]);
    expect(row?.pin_hash).toMatch(/^\$2[aby]\$12\$.{53}$/);
    expect(await findInDatabase(rig.system, ['70418236'])).toEqual([]);
    await expect(setPin({ ...asked, current: wrongPin, pin: '70418237' })).rejects.toMatchObject({
      code: 'step_up_failed',
    });
    await expect(setPin({ ...asked, current: null, pin: '70418237' })).rejects.toMatchObject({
      code: 'step_up_failed',
    });
    await setPin({ ...asked, current: '70418236', pin: '70418237' });
    await clearPin({ ...asked, staffId });
    await expect(requireStepUp({ ...asked, action: 'x', pin: '70418237' })).rejects.toMatchObject({
      code: 'step_up_required',
    });
    for (const action of ['pin.set', 'pin.change', 'pin.clear']) expect(await auditOf(action)).toHaveLength(1);
  });

  it('W11 that is short, long, a row or all alike is refused', async () => {
    await letIn(shop.shopId, { userId: '1', role: 'owner' });
    for (const pin of ['', '12345', '12345678901', '123456', '987654', '000000', '121212', '48291x'])
      await expect(setPin({ shopId: shop.shopId, actor: 'staff:1', current: null, pin })).rejects.toMatchObject({
        code: 'pin-invalid',
      });
  });

  it('W11 that was forgotten is replaced a day after that was asked, not before, and not once it was called off', async () => {
    await letIn(shop.shopId, { userId: '1', role: 'owner', hasPin: true });
    const asked = { shopId: shop.shopId, actor: 'staff:1' };
    const replace = () => setPin({ ...asked, current: null, pin: '70418236' });
    const dayMs = 24 * 60 * minuteMs;
    await resetPin({ ...asked, isCalledOff: false });
    setClockOffsetMs(dayMs / 2);
    await resetPin({ ...asked, isCalledOff: false });
    setClockOffsetMs(dayMs - minuteMs);
    await expect(replace()).rejects.toMatchObject({ code: 'step_up_failed' });
    await resetPin({ ...asked, isCalledOff: true });
    setClockOffsetMs(dayMs + minuteMs);
    await expect(replace()).rejects.toMatchObject({ code: 'step_up_failed' });
    await resetPin({ ...asked, isCalledOff: false });
    setClockOffsetMs(2 * dayMs + 2 * minuteMs);
    await replace();
    await expect(setPin({ ...asked, current: null, pin: '70418237' })).rejects.toMatchObject({
      code: 'step_up_failed',
    });
    expect(await auditOf('pin.reset-ask')).toHaveLength(2);
    expect(await auditOf('pin.reset-call-off')).toHaveLength(1);
  });

  it('F10 opens what needs it, for its owner alone; right and wrong ones are both on record', async () => {
    await letIn(shop.shopId, { userId: '1', role: 'owner', hasPin: true });
    await letIn(shop.shopId, { userId: '2', role: 'manager' });
    await letIn(other.shopId, { userId: '3', role: 'owner', hasPin: true });
    const asked = { shopId: shop.shopId, action: 'exports.members' };
    await requireStepUp({ ...asked, actor: 'staff:1', pin: testPin });
    const refused = async (actor: string, pin: string | null, code: string) =>
      expect(requireStepUp({ ...asked, actor, pin })).rejects.toMatchObject({ code });
    await refused('staff:1', null, 'step_up_required');
    await refused('staff:1', '', 'step_up_required');
    await refused('staff:1', wrongPin, 'step_up_failed');
    await refused('staff:2', testPin, 'step_up_required');
    await refused('staff:3', testPin, 'step_up_required');
    await refused('system', testPin, 'step_up_required');
    expect(await auditOf('step-up.pass')).toMatchObject([{ actor: 'staff:1', reason: 'exports.members' }]);
    expect(await auditOf('step-up.fail')).toMatchObject([{ actor: 'staff:1', reason: 'exports.members' }]);
  });

  it('W15 is locked after wrong ones in a row, for longer each time, and time alone unlocks it', async () => {
    await letIn(shop.shopId, { userId: '1', role: 'owner', hasPin: true });
    const attempt = (pin: string) =>
      requireStepUp({ shopId: shop.shopId, actor: 'staff:1', action: 'x', pin }).then(
        () => 'passed',
        (error: { code: string }) => error.code,
      );
    const codes = [];
    for (let count = 0; count < 10; count += 1) codes.push(await attempt(wrongPin));
    expect(codes).toEqual([...Array(5).fill('step_up_failed'), ...Array(5).fill('pin-locked')]);
    expect(await attempt(testPin)).toBe('pin-locked');
    setClockOffsetMs(minuteMs / 2 + 1_000);
    expect(await attempt(wrongPin)).toBe('step_up_failed');
    setClockOffsetMs(minuteMs + 2_000);
    expect(await attempt(testPin)).toBe('pin-locked');
    setClockOffsetMs(2 * minuteMs);
    expect(await attempt(testPin)).toBe('passed');
    expect([await attempt(wrongPin), await attempt(testPin)]).toEqual(['step_up_failed', 'passed']);
  });

  it('W11 W15 is guessed at a hundred times at once: five are checked, and health answers all the while', async () => {
    let people = 0;
    /** Guesses at somebody's PIN, and how long health took to answer at most. */
    const guessAt = async () => {
      people += 1;
      const userId = String(people);
      await letIn(shop.shopId, { userId, role: 'owner', hasPin: true });
      const guesses = Promise.allSettled(
        Array.from({ length: 100 }, (_, guess) =>
          requireStepUp({
            shopId: shop.shopId,
            actor: `staff:${userId}`,
            action: 'x',
            pin: String(700_100 + guess * 37),
          }),
        ),
      );
      let isOver = false;
      void guesses.then(() => (isOver = true));
      let [slowestMs, asked] = [0, 0];
      while (!isOver) {
        const before = performance.now();
        expect((await call({ url: `${edge.url}/healthz` })).status).toBe(200);
        slowestMs = Math.max(slowestMs, performance.now() - before);
        asked += 1;
      }
      const codes = (await guesses).map((guess) =>
        guess.status === 'rejected' ? (guess.reason as { code: string }).code : '',
      );
      expect(codes.filter((code) => code === 'step_up_failed')).toHaveLength(5);
      expect(codes.filter((code) => code === 'pin-locked')).toHaveLength(95);
      expect(asked).toBeGreaterThan(5);
      return slowestMs;
    };
    expect(await leastMs(1_000, guessAt)).toBeLessThan(1_000);
  });
});

type Action = (asked: never) => Promise<unknown>;

describe('F10 a file or a change of roles', () => {
  const ask = async (action: Action, form: Record<string, string>, subject = '1') => {
    const token = await rig.shopify.mintSessionToken(shop.domain, { subject });
    const request = new Request('https://stampwell.test/app/x.data', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: new URLSearchParams(form),
    });
    return action({ request, params: {}, context: { clientAddress: '' } } as never).catch((thrown: unknown) => thrown);
  };
  const codeOf = async (answer: unknown) => {
    if (!(answer instanceof Response)) throw new Error('not a response');
    return [answer.status, answer.status === 200 ? 'link' : ((await answer.json()) as { code: string }).code];
  };

  it.each([
    ['F10 the liability of members', exportLiability as Action, { kind: 'members' }],
    ['F10 the liability by months', exportLiability as Action, { kind: 'months' }],
    ['F10 the list of people', exportStaff as Action, {}],
  ])('%s leaves only with the PIN of who asks', async (_name, action, form) => {
    await letIn(shop.shopId, { userId: '1', role: 'owner', hasPin: true });
    expect(await codeOf(await ask(action, form))).toEqual([403, 'step_up_required']);
    expect(await codeOf(await ask(action, { ...form, pin: wrongPin }))).toEqual([403, 'step_up_failed']);
    expect(await codeOf(await ask(action, { ...form, pin: testPin }))).toEqual([422, 'reason-missing']);
    expect(await codeOf(await ask(action, { ...form, pin: testPin, reason: 'A check' }))).toEqual([200, 'link']);
  });

  it('F10 the role of a person is changed only with the PIN of the owner, who makes nobody an owner without', async () => {
    await letIn(shop.shopId, { userId: '1', role: 'owner', hasPin: true });
    const { staffId } = await letIn(shop.shopId, { userId: '2', role: 'viewer' });
    const form = { intent: 'change', staffId, role: 'owner', places: 'everywhere' };
    const roleNow = async () =>
      (await rig.system.sql<{ role: string }>('select role from shop_staff where id = $1', [staffId]))[0]?.role;
    expect(await ask(changePeople as Action, form)).toMatchObject({
      tone: 'critical',
      title: 'Enter your PIN to go on.',
    });
    expect(await ask(changePeople as Action, { ...form, pin: wrongPin })).toMatchObject({ tone: 'critical' });
    expect(await roleNow()).toBe('viewer');
    expect(await ask(changePeople as Action, { ...form, pin: testPin }, '2')).toMatchObject({ status: 403 });
    expect(await ask(changePeople as Action, { ...form, pin: testPin })).toMatchObject({ tone: 'success' });
    expect(await roleNow()).toBe('owner');
  });
});

describe('a costly reward at the till', () => {
  beforeEach(() => give('points', 500));

  it('F10 is refused without a manager, given with one, and once for the same key', async () => {
    const { number } = await letIn(shop.shopId, { userId: '2', role: 'manager', hasPin: true });
    await limitTill(99);
    const fields = tillFields();
    expectProblem(await redeem('five-off', fields), 403, 'step_up_required');
    expect(await heldOf('points')).toBe(0);
    const approval = { number, pin: testPin };
    expectProblem(await redeem('five-off', { ...fields, approval: { number, pin: wrongPin } }), 403, 'step_up_failed');
    const [first, again, bare] = [
      await redeem('five-off', { ...fields, approval }),
      await redeem('five-off', { ...fields, approval }),
      await redeem('five-off', fields),
    ];
    expect([first.status, again.status, bare.status]).toEqual([200, 200, 200]);
    expect(new Set([first, again, bare].map(({ body }) => body['reservationId'])).size).toBe(1);
    expect(await heldOf('points')).toBe(100);
    expect(await auditOf('redemption.approve-fail')).toMatchObject([{ actor: cashier, reason: 'five-off' }]);
    expect((await auditOf('redemption.approve'))[0]).toMatchObject({ actor: cashier, reason: 'five-off' });
  });

  it('F10 needs nobody up to the threshold, and above it anybody but a manager or owner who is let in is refused', async () => {
    await limitTill(100);
    expect((await redeem('five-off')).status).toBe(200);
    await limitTill(49);
    const { shopId } = shop;
    const support = await letIn(shopId, { userId: '3', role: 'support', hasPin: true });
    const elsewhere = await letIn(shopId, { userId: '4', role: 'manager', hasPin: true, locations: ['1'] });
    const without = await letIn(shopId, { userId: '5', role: 'manager' });
    const stranger = await letIn(other.shopId, { userId: '6', role: 'owner', hasPin: true });
    await rig.system.sql('update shop_staff set number = 500 where id = $1', [stranger.staffId]);
    for (const number of [support.number, elsewhere.number, without.number, 500]) {
      const answer = await redeem('tenth-off', { approval: { number, pin: testPin }, deviceId: randomUUID() });
      expectProblem(answer, 403, 'step_up_failed');
    }
    expect(await heldOf('points')).toBe(100);
  });

  it('W15 locks a till after wrong PINs in a row, whatever it calls itself, and no other; time unlocks it', async () => {
    const { number } = await letIn(shop.shopId, { userId: '2', role: 'manager', hasPin: true });
    await limitTill(10);
    const at = (deviceId: string, subject: string, pin: string) =>
      rig
        .ask(shop, '/pos/v1/redemptions', {
          overrides: { subject },
          body: { memberId, rewardId: 'tenth-off', ...tillFields(), deviceId, approval: { number, pin } },
        })
        .then(({ status, body }) => (status === 200 ? 'given' : body['code']));
    for (let count = 0; count < 5; count += 1) expect(await at(`till-${count}`, '71', wrongPin)).toBe('step_up_failed');
    expect(await at('yet-another', '71', testPin)).toBe('pin-locked');
    const targets = 'select target from pin_lockout where shop_id = $1 order by target';
    const counted = (await rig.system.sql<{ target: string }>(targets, [shop.shopId])).map(({ target }) => target);
    // Calling itself something else leaves nothing behind either.
    expect(counted.filter((target) => target.startsWith('device:'))).toHaveLength(5);
    expect(await at('till-9', '72', testPin)).toBe('given');
    setClockOffsetMs(minuteMs);
    expect(await at('till-1', '71', testPin)).toBe('given');
  });

  it('L03 is served only where the person may, and by nobody unknown once the shop says so', async () => {
    const here = tillFields()['locationId'];
    await letIn(shop.shopId, { userId: '81', role: 'viewer', locations: [here ?? ''] });
    await letIn(shop.shopId, { userId: '82', role: 'viewer', locations: ['1'] });
    await letIn(shop.shopId, { userId: '83', role: 'manager', locations: [] });
    const stamp = async (subject: string) => {
      const body = { memberId, unit: 'stamps', amount: 1, ...tillFields() };
      const { status, body: answer } = await rig.ask(shop, '/pos/v1/stamps', { overrides: { subject }, body });
      return status === 200 ? 'given' : answer['code'];
    };
    const open = [await stamp('81'), await stamp('82'), await stamp('83'), await stamp('999')];
    expect(open).toEqual(['given', 'not-at-this-till', 'not-at-this-till', 'given']);
    const settings = { defaultRole: 'viewer' as const, isTillOpen: false, tillCostMax: null, apiCostMax: null };
    await changeAccessSettings({ shopId: shop.shopId, actor: cashier, settings });
    expect([await stamp('81'), await stamp('999')]).toEqual(['given', 'not-at-this-till']);
    await rig.system.sql('update shop_staff set is_locked = true where user_id = $1', ['81']);
    expect(await stamp('81')).toBe('not-at-this-till');
  });
});
