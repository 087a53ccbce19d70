import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { readCaseAnswer } from '#app/data/privacy/cases.ts';
import { withShop } from '#app/data/tenancy.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { purgeByRetention } from '#app/flows/privacy/purge-by-retention.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import {
  deliver,
  drain,
  makeMember,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { type CaseRow, expectSoundChains, settleCase } from '#test/support/privacy.ts';
import { findInDatabase } from '#test/support/whole-database.ts';

let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  system = await openTestSystem();
  shop = await makeShop();
});
afterAll(() => system.close());

type Answer = { members: Record<string, unknown>[]; orders: Record<string, unknown>[] };

async function answerOf(own: TestShop, found: CaseRow): Promise<Answer> {
  const text = await withShop(own.shopId, (tx) => readCaseAnswer(tx, found.id));
  return JSON.parse(text ?? 'null') as Answer;
}

const requestBody = (customer: object) => ({
  shop_domain: shop.domain,
  customer,
  orders_requested: [],
  data_request: { id: 9_999 },
});

const profile = { name: 'Kunigunde Access', email: 'kunigunde@example.com', phone: '+41441112233' };

/** Somebody with many orders, a refund, hand-made entries, rewards and devices; and what a complete answer must therefore say. */
async function makeGroundTruth(customerId: string) {
  const { memberId } = await enrollMember({
    shopId: shop.shopId,
    programId: shop.programId,
    via: 'checkout',
    profile,
    shopifyCustomerId: customerId,
    externalId: 'crm-77',
    locale: 'de',
    consents: [
      { purpose: 'program', channel: 'wallet', granted: true },
      { purpose: 'marketing', channel: 'email', granted: false },
    ],
    wordingVersion: '3',
    source: 'checkout',
  });
  const orders = Array.from({ length: 25 }, () => orderBody({ customer: { id: Number(customerId) } }));
  for (const order of orders) await deliver(shop, 'orders/paid', order);
  await drain(shop);
  for (let n = 1; n <= 7; n += 1)
    await adjustBalance({
      shopId: shop.shopId,
      memberId,
      unit: 'points',
      amount: n,
      reason: `gift ${n}`,
      actor: 'staff:1',
      source: 'staff',
      idempotencyKey: randomUUID(),
    });
  await system.sql(
    `insert into device_registration (shop_id, pass_id, device_library_identifier, push_token, registered_at, token_at)
     select shop_id, id, 'kunigundes-phone', '\\x00', now(), now() from pass where member_id = $1`,
    [memberId],
  );
  await system.sql(
    `insert into reservation (shop_id, id, member_id, program_id, reward_id, unit, cost, state, channel, idempotency_key, inputs_hash, created_at, expires_at)
     select shop_id, gen_random_uuid(), id, program_id, 'coffee', 'stamps', 10, 'released', 'pos', 'key', '\\x00', now(), now() from member where id = $1`,
    [memberId],
  );
  return { memberId, orderIds: orders.map((order) => String(order['id'])) };
}

describe('a data request', () => {
  it('experiment 10 L20 L22 F28 is answered with everything we hold about the person, and nothing about anybody else', async () => {
    const customerId = '620001';
    const truth = await makeGroundTruth(customerId);
    const stranger = await makeMember(shop, { email: 'stranger@example.com', name: 'Stranger Danger' });
    await deliver(shop, 'orders/paid', orderBody({ customer: { id: Number(stranger.customerId) } }));
    await drain(shop);
    const found = await settleCase(
      system,
      shop,
      'customers/data_request',
      requestBody({ id: Number(customerId), email: profile.email }),
    );
    expect(found).toMatchObject({
      kind: 'access',
      state: 'closed',
      has_subject: false,
      has_answer: true,
      receipts: [{ step: 'collect', count: 1 }],
    });
    const { members, orders } = await answerOf(shop, found);
    expect(members).toHaveLength(1);
    expect(members[0]).toMatchObject({
      member: {
        id: truth.memberId,
        shopifyCustomerId: customerId,
        externalId: 'crm-77',
        locale: 'de',
        enrolledVia: 'checkout',
        state: 'active',
      },
      profile,
      balances: [
        { unit: 'points', amount: 25 * 12 + 28 },
        { unit: 'stamps', amount: 25 },
      ],
      consents: [
        { purpose: 'program', channel: 'wallet', granted: true, wordingVersion: '3', source: 'checkout' },
        { purpose: 'marketing', channel: 'email', granted: false, wordingVersion: '3', source: 'checkout' },
      ],
      devices: [{ deviceLibraryIdentifier: 'kunigundes-phone' }],
      rewards: [{ rewardId: 'coffee', cost: 10, state: 'released' }],
      passes: [{ wallet: 'apple', state: 'active' }],
    });
    const entries = members[0]?.['entries'] as { unit: string; amount: number; orderId: string | null }[];
    expect(entries).toHaveLength(25 * 2 + 7);
    expect(entries.filter(({ unit }) => unit === 'points').reduce((sum, { amount }) => sum + amount, 0)).toBe(
      25 * 12 + 28,
    );
    expect(orders.map((order) => String(order['orderId'])).toSorted()).toEqual(truth.orderIds.toSorted());
    expect(JSON.stringify({ members, orders })).not.toMatch(/Stranger|stranger@/);
    expect(JSON.stringify({ members, orders })).not.toContain(stranger.memberId);
    await expectSoundChains(shop);
  });

  it('L22 L02 rests sealed, is answered once however often the job runs, and is forgotten after 30 days', async () => {
    const own = await makeShop();
    const { customerId } = await makeMember(own, { email: 'eulalia@example.com', name: 'Eulalia Sealed' });
    const found = await settleCase(system, own, 'customers/data_request', requestBody({ id: Number(customerId) }));
    const before = await answerOf(own, found);
    await Promise.all([1, 2, 3].map(() => processCase({ shopId: own.shopId, caseId: found.id })));
    expect(await answerOf(own, found)).toEqual(before);
    expect(await findInDatabase(system, ['Eulalia Sealed', 'eulalia@example.com'])).toEqual([]);
    for (const [hours, isKept] of [
      [30 * 24 - 1, true],
      [30 * 24 + 1, false],
    ] as const) {
      setClockOffsetMs(hours * 3_600_000);
      await purgeByRetention({ shopId: own.shopId });
      expect((await answerOf(own, found)) !== null).toBe(isKept);
    }
    setClockOffsetMs(0);
  });

  it('L20 by a customer who never joined names the orders that are kept, and an unknown person gets an empty answer', async () => {
    const own = await makeShop();
    const order = orderBody({ customer: { id: 620_777 } });
    await deliver(own, 'orders/paid', order);
    await drain(own);
    const known = await settleCase(system, own, 'customers/data_request', requestBody({ id: 620_777 }));
    expect(await answerOf(own, known)).toMatchObject({ members: [], orders: [{ orderId: String(order['id']) }] });
    const unknown = await settleCase(
      system,
      own,
      'customers/data_request',
      requestBody({ email: 'no-one@example.com' }),
    );
    expect(await answerOf(own, unknown)).toMatchObject({ members: [], orders: [] });
  });

  it('L22 finds the same e-mail address in the shop that was asked only', async () => {
    const [one, other] = [await makeShop(), await makeShop()];
    const mine = await makeMember(one, { email: 'twice@example.com' });
    await makeMember(other, { email: 'twice@example.com' });
    const { members } = await answerOf(
      one,
      await settleCase(system, one, 'customers/data_request', requestBody({ email: 'Twice@Example.com' })),
    );
    expect(members.map((answer) => (answer['member'] as { id: string }).id)).toEqual([mine.memberId]);
  });
});
