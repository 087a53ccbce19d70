/** Scanning and stamping at the till, and who may, through the wire. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { posMemberAnswerSchema, posStampAnswerSchema } from '#app/contracts/pos.ts';
import type { CardDesign } from '#app/domain/cards/card-design.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { publishCardDesign } from '#app/flows/cards/publish-card-design.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import {
  authorize,
  cardCodeOf,
  expectBalanced,
  type ExtensionRig,
  startExtensionRig,
  tillFields,
} from '#test/support/extensions.ts';
import { balancesOf, makeDocument, makeMember, makeShop, type TestShop } from '#test/support/factories.ts';
import { expectProblem, minuteMs, tillCalls, tillRewards } from '#test/support/till-calls.ts';

let rig: ExtensionRig;
let shop: TestShop;
let other: TestShop;
let memberId: string;
let customerId: string;
const { stamp, scan, give, countEntries } = tillCalls(() => ({ rig, shop, memberId }));

beforeAll(async () => {
  rig = await startExtensionRig();
  shop = await makeShop(makeDocument({ rewards: tillRewards }));
  other = await makeShop(makeDocument({ rewards: tillRewards }));
  await authorize(rig.shopify, shop);
  await authorize(rig.shopify, other);
});
afterAll(() => rig.close());
beforeEach(async () => {
  setClockOffsetMs(0);
  ({ memberId, customerId } = await makeMember(shop, { name: 'Ada' }));
});
afterEach(() => expectBalanced(shop.shopId));

describe('scanning a card', () => {
  it('shows the member with balances, rewards and what they can afford', async () => {
    await give('points', 60);
    const { member } = posMemberAnswerSchema.parse((await scan(await cardCodeOf(shop, memberId))).body);
    expect(member).toMatchObject({
      memberId,
      displayName: 'Ada',
      status: 'active',
      shopifyCustomerId: customerId,
      lastEntry: null,
    });
    expect(member.balances).toEqual([
      { unit: 'points', kind: 'point', label: 'Points', collected: 60, available: 60, needed: null },
      { unit: 'stamps', kind: 'stamp', label: 'Stamps', collected: 0, available: 0, needed: 10 },
    ]);
    const affordable = member.rewards.filter((reward) => reward.affordable).map((reward) => reward.rewardId);
    expect(affordable).toEqual(['tenth-off', 'beans', 'gone']);
    expect(member.rewards[1]?.discountLabel).toBe('$5.00 off an order');
    expect(member.rewards.map(({ costLabel }) => costLabel).slice(0, 2)).toEqual(['10 stamps', '100 points']);
  });

  it('speaks of stamps and points in the language of the till', async () => {
    await stamp();
    const path = `/pos/v1/members?code=${encodeURIComponent(await cardCodeOf(shop, memberId))}`;
    const { member } = posMemberAnswerSchema.parse((await rig.ask(shop, path, { language: 'de-CH' })).body);
    expect(member.balances.map(({ label }) => label)).toEqual(['Punkte', 'Stempel']);
    expect(member.rewards.map(({ costLabel }) => costLabel).slice(0, 2)).toEqual(['10 Stempel', '100 Punkte']);
    expect(member.lastEntry?.label).toBe('+1 Stempel');
  });

  it('W06 shows as much of the name as the card does: the first name, all of it, or none', async () => {
    const { memberId: known } = await makeMember(other, { name: 'Rosalinde Quittenbaum' });
    const code = await cardCodeOf(other, known);
    const namedBy = async (privacy: CardDesign['privacy']) => {
      const design = { ...starterDesign('Bean There'), privacy };
      await publishCardDesign({ ...other, design, actor: 'staff:1' });
      return posMemberAnswerSchema.parse((await scan(code, other)).body).member.displayName;
    };
    expect(await namedBy('opaque')).toBeNull();
    expect(await namedBy('full-name')).toBe('Rosalinde Quittenbaum');
    expect(await namedBy('first-name')).toBe('Rosalinde');
  });

  it('finds nobody by a changed code, a code of another shop, or a text that is no code', async () => {
    const code = await cardCodeOf(shop, memberId);
    const last = code.at(-1) === 'A' ? 'B' : 'A';
    for (const text of [`${code.slice(0, -1)}${last}`, 'hello', memberId, `${code}A`])
      expectProblem(await scan(text), 404, 'member-not-found');
    expectProblem(await scan(code, other), 404, 'member-not-found');
  });

  it('finds nobody who was erased', async () => {
    const code = await cardCodeOf(shop, memberId);
    await rig.system.sql("update member set state = 'erased' where id = $1", [memberId]);
    expectProblem(await scan(code), 404, 'member-not-found');
  });
});

describe('giving stamps by hand', () => {
  it('books them once however often the call is repeated, and says what can be taken back', async () => {
    const fields = { amount: 3, ...tillFields() };
    const first = posStampAnswerSchema.parse((await stamp(fields)).body);
    const again = posStampAnswerSchema.parse((await stamp(fields)).body);
    expect(again).toEqual(first);
    expect(first.member.balances[1]).toMatchObject({ collected: 3, available: 3 });
    expect(first.member.lastEntry).toMatchObject({ kind: 'entry', id: first.entryId, label: '+3 stamps' });
    expect(await balancesOf(rig.system, memberId)).toEqual({ points: 0, stamps: 3 });
  });

  it('books them once when the same call comes twenty times at once', async () => {
    const fields = { amount: 2, ...tillFields() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => stamp(fields)));
    expect(new Set(answers.map((answer) => answer.body['entryId'])).size).toBe(1);
    expect(await countEntries()).toBe(1);
  });

  it('refuses the key for other stamps or another member', async () => {
    const fields = { amount: 2, ...tillFields() };
    await stamp(fields);
    expectProblem(await stamp({ ...fields, amount: 3 }), 409, 'idempotency-key-reused');
    const { memberId: somebody } = await makeMember(shop);
    expectProblem(await stamp({ ...fields, memberId: somebody }), 409, 'idempotency-key-reused');
  });

  it('gives the key to one of two members who use it at once', async () => {
    const { memberId: somebody } = await makeMember(shop);
    const fields = tillFields();
    const answers = await Promise.all([stamp(fields), stamp({ ...fields, memberId: somebody })]);
    expect(answers.map((answer) => answer.status).toSorted((one, two) => one - two)).toEqual([200, 409]);
  });

  it('stops at the limit of a day, and goes on the day after', async () => {
    expect((await stamp({ amount: 20 })).status).toBe(200);
    expectProblem(await stamp(), 409, 'stamp-limit-reached');
    setClockOffsetMs(25 * 60 * minuteMs);
    expect((await stamp()).status).toBe(200);
  });

  it('cannot be pushed over the limit by many tills at once', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => stamp({ amount: 5 })));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(4);
    expect(await balancesOf(rig.system, memberId)).toMatchObject({ stamps: 20 });
  });

  it('refuses a frozen card and an unknown unit, and what the contract forbids', async () => {
    expectProblem(await stamp({ unit: 'beans' }), 422, 'unit-unknown');
    for (const wrong of [{ amount: 0 }, { amount: 21 }, { amount: 1.5 }, { extra: true }, { idempotencyKey: 'short' }])
      expectProblem(await stamp(wrong), 422, 'input-invalid');
    await rig.system.sql("update member set state = 'frozen' where id = $1", [memberId]);
    expectProblem(await stamp(), 409, 'card-frozen');
  });

  it('knows no member of another shop', async () => {
    expectProblem(await stamp({}, other), 404, 'member-not-found');
    expect(await countEntries()).toBe(0);
  });

  it('leaves a trace of who did it, and of what the till claims', async () => {
    const { body } = await stamp();
    const [entry] = await rig.system.sql('select actor, explanation from ledger_entry where id = $1', [
      body['entryId'],
    ]);
    expect(entry).toMatchObject({
      actor: 'staff:902541635',
      explanation: { claim: { locationId: '5791776832', staffMemberId: '77', deviceId: 'ipad-1' } },
    });
    const audit = await rig.system.sql("select actor from audit_record where object = $1 and action = 'member.stamp'", [
      `member:${memberId}`,
    ]);
    expect(audit).toEqual([{ actor: 'staff:902541635' }]);
  });

  it('asks for the card to be made again', async () => {
    const versionOf = async () =>
      (await rig.system.sql<{ version: string }>('select version from pass where member_id = $1', [memberId]))[0]
        ?.version;
    const before = await versionOf();
    await stamp();
    expect(Number(await versionOf())).toBe(Number(before) + 1);
  });
});

describe('who may call', () => {
  it('refuses a shopper who uses their own token at the till', async () => {
    const token = await rig.shopify.mintSessionToken(shop.domain, { subject: 'gid://shopify/Customer/1' });
    expectProblem(
      await rig.ask(shop, '/pos/v1/stamps', { token, body: { memberId, unit: 'stamps', amount: 1, ...tillFields() } }),
      403,
      'staff-only',
    );
    expectProblem(await rig.ask(shop, '/pos/v1/members?code=x', { token }), 403, 'staff-only');
    expect(await countEntries()).toBe(0);
  });

  it('refuses shops that are not installed, and callers without a good token', async () => {
    expectProblem(await scan('x', { ...shop, domain: 'stranger.myshopify.com' }), 403, 'shop-not-installed');
    const leaving = await makeShop();
    await rig.system.sql("update shop set state = 'uninstalled' where id = $1", [leaving.shopId]);
    expectProblem(await scan('x', leaving), 403, 'shop-not-installed');
    expectProblem(await rig.ask(shop, '/pos/v1/members?code=x', { token: 'a.b.c' }), 401, 'session-token-invalid');
    expectProblem(await rig.ask(shop, '/pos/v1/members?code=x', { token: '' }), 401, 'session-token-missing');
  });

  it('takes the shop from the token alone', async () => {
    const code = await cardCodeOf(shop, memberId);
    const answer = await rig.ask(other, `/pos/v1/members?code=${encodeURIComponent(code)}&shop=${shop.domain}`);
    expectProblem(answer, 404, 'member-not-found');
  });
});

describe('the wire', () => {
  it('answers preflights as browsers need', async () => {
    const answer = await fetch(`${rig.url}/pos/v1/stamps`, { method: 'OPTIONS' });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.headers.get('access-control-allow-headers')).toBe('Authorization, Content-Type');
  });

  it('refuses other methods and paths, and bodies that are too large or no JSON', async () => {
    const put = await fetch(`${rig.url}/pos/v1/stamps`, { method: 'PUT' });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    expectProblem(await rig.ask(shop, '/pos/v1/unknown'), 404, 'not-found');
    expectProblem(await rig.ask(shop, '/pos/v1/stamps', { body: `"${'x'.repeat(17_000)}"` }), 413, 'body-too-large');
    expectProblem(await rig.ask(shop, '/pos/v1/stamps', { body: '{"memberId":' }), 400, 'body-unreadable');
    expectProblem(await rig.ask(shop, '/pos/v1/stamps', { body: '[]' }), 422, 'input-invalid');
  });
});
