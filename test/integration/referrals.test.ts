import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { referFriend } from '#app/flows/members/refer-friend.ts';
import { settleReferrals } from '#app/flows/members/settle-referrals.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import type { MemberId } from '#app/lib/ids.ts';
import {
  balancesOf,
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { cancelled, refund, saleOf, setClock, tell } from '#test/support/sales.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());
afterEach(() => setClockOffsetMs(0));

const terms: NonNullable<ProgramDocument['referral']> = {
  friend: { unit: 'stamps', amount: 2 },
  referrer: { unit: 'stamps', amount: 3 },
  pendingDays: 14,
  minimumMinor: 0,
  friendsMax: 10,
};
const earnRules = makeDocument().earnRules.filter((rule) => rule.kind === 'spend');
const makeReferralShop = (overrides: Partial<typeof terms> = {}) =>
  makeShop(makeDocument({ earnRules, referral: { ...terms, ...overrides } }));

let people = 0;

type Joined = { memberId: MemberId; customerId: string; email: string };

async function join(shop: TestShop, code: string | null, as: Partial<Joined> = {}): Promise<Joined> {
  people += 1;
  const customerId = as.customerId ?? String(8_820_000_000 + people);
  const email = as.email ?? `friend-${people}@example.com`;
  const { memberId } = await enrollMember({
    shopId: shop.shopId,
    programId: shop.programId,
    via: 'link',
    profile: { email },
    shopifyCustomerId: customerId,
    referralCode: code,
    locale: 'en',
    consents: [],
    wordingVersion: '1',
    source: 'test',
  });
  return { memberId, customerId, email };
}

const codeOf = async (shop: TestShop, memberId: string) =>
  (await referFriend({ shopId: shop.shopId, memberId, actor: 'shopper' })).code;
const stampsOf = async (...members: Joined[]) => {
  const stamps = [];
  for (const { memberId } of members) stamps.push((await balancesOf(system, memberId))['stamps']);
  return stamps;
};
const referralsOf = (shop: TestShop) =>
  system.sql<{ state: string; refusal: string | null }>(
    'select state, refusal from referral where shop_id = $1 order by created_at, id',
    [shop.shopId],
  );
const settleAt = async (shop: TestShop, at: string) => {
  setClock(at);
  await settleReferrals({ shopId: shop.shopId });
};
const expectSound = async (shop: TestShop) =>
  expect((await verifyBalances({ shopId: shop.shopId })).imbalances).toEqual([]);

async function makePair(shop: TestShop): Promise<{ referrer: Joined; friend: Joined }> {
  setClock('2027-03-01T08:00:00Z');
  const referrer = await join(shop, null);
  const friend = await join(shop, await codeOf(shop, referrer.memberId));
  return { referrer, friend };
}

describe('a friend’s first paid order', () => {
  it('pays both sides once it has stood for the pending days, not before, and once', async () => {
    const shop = await makeReferralShop();
    const { referrer, friend } = await makePair(shop);
    await tell(shop, saleOf(friend.customerId, { dollars: 10, at: '2027-03-02T08:00:00Z' }));
    await settleAt(shop, '2027-03-16T07:59:59Z');
    expect(await stampsOf(friend, referrer)).toEqual([0, 0]);
    setClock('2027-03-16T08:00:01Z');
    await Promise.all(Array.from({ length: 4 }, () => settleReferrals({ shopId: shop.shopId })));
    expect(await stampsOf(friend, referrer)).toEqual([2, 3]);
    await tell(shop, saleOf(friend.customerId, { dollars: 10, at: '2027-03-17T08:00:00Z' }));
    await settleAt(shop, '2027-06-01T08:00:00Z');
    expect(await stampsOf(friend, referrer)).toEqual([2, 3]);
    expect(await referralsOf(shop)).toEqual([{ state: 'paid', refusal: null }]);
    await expectSound(shop);
  });

  it('pays although a part of it was given back, and takes all back when the rest is', async () => {
    const shop = await makeReferralShop({ minimumMinor: 1_000 });
    const { referrer, friend } = await makePair(shop);
    const order = saleOf(friend.customerId, { dollars: 12, at: '2027-03-02T08:00:00Z' });
    await tell(shop, order);
    await refund(shop, order, { dollars: 5, at: '2027-03-03T08:00:00Z' });
    await settleAt(shop, '2027-03-20T08:00:00Z');
    expect(await stampsOf(friend, referrer)).toEqual([2, 3]);
    await tell(shop, cancelled(order, '2027-03-21T08:00:00Z'));
    expect(await stampsOf(friend, referrer)).toEqual([0, 0]);
    expect(await referralsOf(shop)).toEqual([{ state: 'reversed', refusal: null }]);
    await settleAt(shop, '2027-03-25T08:00:00Z');
    expect(await stampsOf(friend, referrer)).toEqual([0, 0]);
    await expectSound(shop);
  });

  it('that is cancelled lets the next one start its own period', async () => {
    const shop = await makeReferralShop();
    const { referrer, friend } = await makePair(shop);
    const first = saleOf(friend.customerId, { dollars: 10, at: '2027-03-02T08:00:00Z' });
    await tell(shop, first, saleOf(friend.customerId, { dollars: 10, at: '2027-03-10T08:00:00Z' }));
    await tell(shop, cancelled(first, '2027-03-11T08:00:00Z'));
    await settleAt(shop, '2027-03-20T08:00:00Z');
    expect(await stampsOf(friend, referrer)).toEqual([0, 0]);
    await settleAt(shop, '2027-03-24T08:00:00Z');
    expect(await stampsOf(friend, referrer)).toEqual([2, 3]);
  });

  it('must be worth the minimum', async () => {
    const shop = await makeReferralShop({ minimumMinor: 2_000, pendingDays: 0 });
    const { referrer, friend } = await makePair(shop);
    await tell(shop, saleOf(friend.customerId, { dollars: 10, at: '2027-03-01T08:30:00Z' }));
    expect(await stampsOf(friend, referrer)).toEqual([0, 0]);
    setClock('2027-03-02T09:00:00Z');
    await tell(shop, saleOf(friend.customerId, { dollars: 20, at: '2027-03-02T08:30:00Z' }));
    expect(await stampsOf(friend, referrer)).toEqual([2, 3]);
  });

  it('pays a member for so many friends and no more, though several fall due at once', async () => {
    const shop = await makeReferralShop({ friendsMax: 2 });
    setClock('2027-03-01T08:00:00Z');
    const referrer = await join(shop, null);
    const code = await codeOf(shop, referrer.memberId);
    const friends = [await join(shop, code), await join(shop, code.toLowerCase()), await join(shop, code)];
    for (const { customerId } of friends)
      await tell(shop, saleOf(customerId, { dollars: 10, at: '2027-03-02T08:00:00Z' }));
    await settleAt(shop, '2027-03-20T08:00:00Z');
    expect(await stampsOf(...friends, referrer)).toEqual([2, 2, 2, 6]);
    await join(shop, code);
    expect((await referralsOf(shop)).at(-1)).toEqual({ state: 'refused', refusal: 'friends-max' });
    await expectSound(shop);
  });

  it('pays for a friend who came too late once another takes their order back, after the pending days', async () => {
    const shop = await makeReferralShop({ friendsMax: 1 });
    const { referrer, friend } = await makePair(shop);
    const first = saleOf(friend.customerId, { dollars: 10, at: '2027-03-02T08:00:00Z' });
    await tell(shop, first);
    await settleAt(shop, '2027-03-17T08:00:00Z');
    const late = await join(shop, await codeOf(shop, referrer.memberId));
    setClock('2027-03-18T08:00:01Z');
    await tell(shop, saleOf(late.customerId, { dollars: 10, at: '2027-03-18T08:00:00Z' }));
    await settleAt(shop, '2027-03-20T08:00:00Z');
    expect((await referralsOf(shop)).at(-1)).toEqual({ state: 'refused', refusal: 'friends-max' });
    await tell(shop, cancelled(first, '2027-03-20T08:00:00Z'));
    expect((await referralsOf(shop)).at(-1)).toEqual({ state: 'waiting', refusal: null });
    await settleAt(shop, '2027-03-31T08:00:00Z');
    expect(await stampsOf(friend, late, referrer)).toEqual([0, 0, 0]);
    await settleAt(shop, '2027-04-01T08:00:00Z');
    expect(await stampsOf(friend, late, referrer)).toEqual([0, 2, 3]);
    await expectSound(shop);
  });
});

describe('a referral is refused, with the reason,', () => {
  const refusals = async (shop: TestShop) => (await referralsOf(shop)).flatMap(({ refusal }) => refusal ?? []);

  it('of oneself: as the same member, and as another with the same address', async () => {
    const shop = await makeReferralShop({ pendingDays: 0 });
    setClock('2027-03-01T08:00:00Z');
    const referrer = await join(shop, null);
    const code = await codeOf(shop, referrer.memberId);
    await join(shop, code, referrer);
    expect(await refusals(shop)).toEqual(['self']);
    // A second membership, whose telephone number turns out to be the same.
    const alias = await join(shop, code);
    await system.sql(`update member_profile set phone_index = '\\x01' where shop_id = $1 and member_id in ($2, $3)`, [
      shop.shopId,
      referrer.memberId,
      alias.memberId,
    ]);
    await tell(shop, saleOf(alias.customerId, { dollars: 10, at: '2027-03-01T08:30:00Z' }));
    expect(await refusals(shop)).toEqual(['self', 'self']);
    expect(await stampsOf(referrer, alias)).toEqual([0, 0]);
  });

  it('in rings of any length, when mutual, and a second time', async () => {
    const shop = await makeReferralShop();
    const { referrer, friend } = await makePair(shop);
    await join(shop, await codeOf(shop, friend.memberId), referrer);
    const third = await join(shop, await codeOf(shop, friend.memberId));
    const fourth = await join(shop, await codeOf(shop, third.memberId));
    await join(shop, await codeOf(shop, fourth.memberId), referrer);
    const stranger = await join(shop, null);
    await join(shop, await codeOf(shop, stranger.memberId), friend);
    await join(shop, await codeOf(shop, stranger.memberId), referrer);
    expect(await refusals(shop)).toEqual(['mutual', 'ring', 'second', 'already-member']);
    // The same call again changes nothing.
    await join(shop, await codeOf(shop, stranger.memberId), referrer);
    expect(await refusals(shop)).toHaveLength(4);
  });

  it('of somebody who had bought here before, where nothing is offered, and not at all for a code nobody has', async () => {
    const shop = await makeReferralShop();
    setClock('2027-03-01T08:00:00Z');
    const referrer = await join(shop, null);
    const customerId = String(8_899_000_001);
    await tell(shop, saleOf(customerId, { dollars: 10, at: '2027-01-02T08:00:00Z' }));
    await join(shop, await codeOf(shop, referrer.memberId), { customerId });
    expect(await refusals(shop)).toEqual(['not-new']);
    await join(shop, 'NOBODY');
    expect(await referralsOf(shop)).toHaveLength(1);
    const plain = await makeShop();
    const member = await makeMember(plain);
    await join(plain, await codeOf(plain, member.memberId));
    expect(await refusals(plain)).toEqual(['not-offered']);
  });

  it('by a code of another shop as if nobody had it', async () => {
    const [shop, other] = [await makeReferralShop(), await makeReferralShop()];
    const member = await makeMember(other);
    await join(shop, await codeOf(other, member.memberId));
    expect([await referralsOf(shop), await referralsOf(other)]).toEqual([[], []]);
  });
});

it('gives a member one code, also when it is asked for at the same time', async () => {
  const shop = await makeReferralShop();
  const { memberId } = await makeMember(shop);
  const codes = await Promise.all(Array.from({ length: 5 }, () => codeOf(shop, memberId)));
  expect(new Set(codes).size).toBe(1);
  await expect(codeOf(await makeReferralShop(), memberId)).rejects.toMatchObject({ code: 'member-not-found' });
});
