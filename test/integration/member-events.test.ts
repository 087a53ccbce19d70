import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { writeProfile } from '#app/data/members/profiles.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { EarnRule } from '#app/domain/programs/earn-rules.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { giveBirthdays } from '#app/flows/members/give-birthdays.ts';
import { recordMemberEvent, type ToldEvent } from '#app/flows/members/record-event.ts';
import { revokeMemberEvent } from '#app/flows/members/revoke-event.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import {
  balancesOf,
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { setClock } from '#test/support/sales.ts';

let system: TestSystem;
beforeAll(async () => {
  system = await openTestSystem();
});
afterAll(() => system.close());
afterEach(() => setClockOffsetMs(0));

const eventRule = (
  event: Extract<EarnRule, { kind: 'event' }>['event'],
  amount: number,
  overrides: Partial<Extract<EarnRule, { kind: 'event' }>> = {},
): EarnRule => ({ kind: 'event', id: event, event, unit: 'points', amount, conditions: {}, ...overrides });
const makeEventShop = (...rules: EarnRule[]) =>
  makeShop(makeDocument({ earnRules: [...makeDocument().earnRules, ...rules] }));
const pointsOf = async (memberId: string) => (await balancesOf(system, memberId))['points'];
const expectSound = async (shop: TestShop) =>
  expect((await verifyBalances({ shopId: shop.shopId })).imbalances).toEqual([]);
const entriesOf = (memberId: string) =>
  system.sql(`select kind, amount::int, source from ledger_entry where member_id = $1 order by id`, [memberId]);

describe('joining', () => {
  it.each(['link', 'checkout', 'pos', 'api', 'admin'] as const)('by %s is paid once', async (via) => {
    const shop = await makeEventShop(eventRule('sign-up', 25));
    const join = () =>
      enrollMember({
        shopId: shop.shopId,
        programId: shop.programId,
        via,
        profile: { email: `${via}@example.com` },
        locale: 'en',
        consents: [],
        wordingVersion: '1',
        source: 'test',
      });
    const [{ memberId }] = await Promise.all([join(), join(), join()]);
    await join();
    expect(await pointsOf(memberId)).toBe(25);
    expect(await entriesOf(memberId)).toEqual([{ kind: 'accrual', amount: 25, source: 'event' }]);
    await expectSound(shop);
  });

  it('is noted where nothing is given for it, too', async () => {
    const shop = await makeShop();
    const { memberId } = await makeMember(shop);
    expect(await system.sql('select kind, booked from member_event where member_id = $1', [memberId])).toEqual([
      { kind: 'sign-up', booked: {} },
    ]);
  });
});

describe('reviews and events of integrators', () => {
  const tell = (shop: TestShop, memberId: string, overrides: Partial<ToldEvent> = {}) =>
    recordMemberEvent({
      shopId: shop.shopId,
      memberId,
      kind: 'review',
      name: null,
      eventKey: 'review-1',
      occurredAt: new Date(Date.now() - 1_000),
      actor: 'api:test',
      ...overrides,
    });

  it('count once for each key, told twice and at the same time', async () => {
    const shop = await makeEventShop(eventRule('review', 10));
    const { memberId } = await makeMember(shop);
    const told = await Promise.all(Array.from({ length: 5 }, () => tell(shop, memberId)));
    expect(new Set(told.map((each) => each.eventId)).size).toBe(1);
    expect(told.filter((each) => each.kind === 'recorded')).toHaveLength(1);
    expect(await pointsOf(memberId)).toBe(10);
    await tell(shop, memberId, { eventKey: 'review-2' });
    expect(await pointsOf(memberId)).toBe(20);
    await expectSound(shop);
  });

  it('are refused under a key that names another event, for the future, and for another shop’s member', async () => {
    const shop = await makeEventShop(eventRule('review', 10));
    const { memberId } = await makeMember(shop);
    await tell(shop, memberId);
    await expect(tell(shop, memberId, { kind: 'custom', name: 'visit' })).rejects.toMatchObject({
      code: 'event-key-reused',
    });
    await expect(tell(shop, memberId, { kind: 'custom' })).rejects.toMatchObject({ code: 'event-name-invalid' });
    const future = { eventKey: 'later', occurredAt: new Date(Date.now() + 3_600_000) };
    await expect(tell(shop, memberId, future)).rejects.toMatchObject({ code: 'event-in-future' });
    const other = await makeEventShop(eventRule('review', 10));
    await expect(tell(other, memberId)).rejects.toMatchObject({ code: 'member-not-found' });
    expect(await pointsOf(memberId)).toBe(10);
  });

  it('give what their name is worth, and caps hold over the member’s life', async () => {
    const shop = await makeEventShop(
      eventRule('custom', 30, { eventName: 'workshop', caps: { perMember: 50 } }),
      eventRule('review', 1),
    );
    const { memberId } = await makeMember(shop);
    const workshop = (eventKey: string) => tell(shop, memberId, { kind: 'custom', name: 'workshop', eventKey });
    await Promise.all(['a', 'b', 'c'].map(workshop));
    await tell(shop, memberId, { kind: 'custom', name: 'something-else', eventKey: 'd' });
    expect(await pointsOf(memberId)).toBe(50);
    await expectSound(shop);
  });

  it('are taken back with what they brought, once', async () => {
    const shop = await makeEventShop(eventRule('review', 10));
    const { memberId } = await makeMember(shop);
    await tell(shop, memberId);
    const revoke = () => revokeMemberEvent({ shopId: shop.shopId, memberId, eventKey: 'review-1', actor: 'test' });
    await Promise.all([revoke(), revoke()]);
    await revoke();
    expect(await entriesOf(memberId)).toEqual([
      { kind: 'accrual', amount: 10, source: 'event' },
      { kind: 'reversal', amount: -10, source: 'event' },
    ]);
    expect(await tell(shop, memberId)).toMatchObject({ kind: 'repeated' });
    expect(await pointsOf(memberId)).toBe(0);
    await expect(
      revokeMemberEvent({ shopId: shop.shopId, memberId, eventKey: 'sign-up', actor: 'test' }),
    ).rejects.toMatchObject({
      code: 'event-not-found',
    });
    await expectSound(shop);
  });
});

describe('birthdays', () => {
  const makeBirthdayShop = async (timeZone = 'UTC') => {
    const shop = await makeEventShop(eventRule('birthday', 100));
    await system.sql('update shop set time_zone = $2 where id = $1', [shop.shopId, timeZone]);
    return shop;
  };
  const bornOn = async (shop: TestShop, birthday: string) => {
    const { memberId } = await makeMember(shop);
    await withShop(shop.shopId, (tx) => writeProfile(tx, memberId, { birthday }));
    return memberId;
  };
  const giveAt = async (shop: TestShop, at: string) => {
    setClock(at);
    await giveBirthdays({ shopId: shop.shopId });
  };

  it('are kept on the day of the shop’s calendar, once, however often and by however many it is asked', async () => {
    const shop = await makeBirthdayShop('America/New_York');
    setClock('2027-01-01T12:00:00Z');
    const memberId = await bornOn(shop, '06-15');
    // Still the 14th in New York.
    await giveAt(shop, '2027-06-15T03:59:00Z');
    expect(await pointsOf(memberId)).toBe(0);
    setClock('2027-06-15T04:01:00Z');
    await Promise.all(Array.from({ length: 4 }, () => giveBirthdays({ shopId: shop.shopId })));
    await giveAt(shop, '2027-06-16T12:00:00Z');
    expect(await pointsOf(memberId)).toBe(100);
    await giveAt(shop, '2028-06-15T12:00:00Z');
    expect(await pointsOf(memberId)).toBe(200);
    await expectSound(shop);
  });

  it.each([
    // Half an hour is left out of that day; its midnight is; an hour comes twice; the leap day far ahead of Greenwich.
    ['Australia/Lord_Howe', '10-04', '2026-10-03T13:30:00Z'],
    ['America/Santiago', '09-06', '2026-09-06T04:00:00Z'],
    ['Africa/Cairo', '04-24', '2026-04-23T22:00:00Z'],
    ['America/New_York', '11-01', '2026-11-01T04:00:00Z'],
    ['Pacific/Apia', '02-29', '2028-02-28T11:00:00Z'],
  ])('in %s on %s, a day on which the clocks change or that is rare, begin with the day', async (zone, birthday, begins) => {
    const shop = await makeBirthdayShop(zone);
    setClock(new Date(Date.parse(begins) - 60 * 86_400_000));
    const memberId = await bornOn(shop, birthday);
    await giveAt(shop, new Date(Date.parse(begins) - 60_000).toISOString());
    expect(await pointsOf(memberId)).toBe(0);
    for (const hours of [0, 1, 23, 24, 26])
      await giveAt(shop, new Date(Date.parse(begins) + hours * 3_600_000 + 1_000).toISOString());
    expect(await pointsOf(memberId)).toBe(100);
    const [event] = await system.sql('select occurred_at from member_event where member_id = $1 and kind = $2', [memberId, 'birthday']);
    expect(event).toEqual({ occurred_at: new Date(begins) });
  }); // prettier-ignore

  it('that are told on the day, or changed to it, are not paid on it', async () => {
    const shop = await makeBirthdayShop();
    setClock('2027-06-15T08:00:00Z');
    const late = await bornOn(shop, '06-15');
    setClock('2027-05-01T08:00:00Z');
    const fickle = await bornOn(shop, '06-10');
    await giveAt(shop, '2027-06-10T09:00:00Z');
    expect(await pointsOf(fickle)).toBe(100);
    setClock('2027-06-12T09:00:00Z');
    await withShop(shop.shopId, (tx) => writeProfile(tx, fickle, { birthday: '06-15' }));
    await giveAt(shop, '2027-06-15T09:00:00Z');
    expect([await pointsOf(late), await pointsOf(fickle)]).toEqual([0, 100]);
    // A year on both are.
    await giveAt(shop, '2028-06-15T09:00:00Z');
    expect([await pointsOf(late), await pointsOf(fickle)]).toEqual([100, 200]);
  });

  it('that move over the turn of the year are not paid twice within 365 days', async () => {
    const shop = await makeBirthdayShop();
    setClock('2027-12-01T08:00:00Z');
    const memberId = await bornOn(shop, '12-31');
    await giveAt(shop, '2027-12-31T09:00:00Z');
    await withShop(shop.shopId, (tx) => writeProfile(tx, memberId, { birthday: '01-02' }));
    await giveAt(shop, '2028-01-02T09:00:00Z');
    expect(await pointsOf(memberId)).toBe(100);
    await giveAt(shop, '2029-01-02T09:00:00Z');
    expect(await pointsOf(memberId)).toBe(200);
  });

  it('that are told again are no new ones', async () => {
    const shop = await makeBirthdayShop();
    setClock('2027-05-01T08:00:00Z');
    const memberId = await bornOn(shop, '06-15');
    setClock('2027-06-15T08:00:00Z');
    await withShop(shop.shopId, (tx) => writeProfile(tx, memberId, { birthday: '06-15' }));
    await giveBirthdays({ shopId: shop.shopId });
    expect(await pointsOf(memberId)).toBe(100);
  });

  it('on 29 February are kept on the 28th in other years, and never twice in 365 days', async () => {
    const shop = await makeBirthdayShop();
    setClock('2027-01-01T08:00:00Z');
    const memberId = await bornOn(shop, '02-29');
    for (const at of ['2027-02-28T09:00:00Z', '2028-02-28T09:00:00Z']) await giveAt(shop, at);
    expect(await pointsOf(memberId)).toBe(100);
    for (const at of ['2028-02-29T09:00:00Z', '2029-02-28T09:00:00Z', '2030-02-28T09:00:00Z']) await giveAt(shop, at);
    expect(await pointsOf(memberId)).toBe(400);
  });

  it('are made up for when nobody was at work on the day, and cost nothing where they are not paid', async () => {
    const shop = await makeBirthdayShop();
    const plain = await makeShop();
    setClock('2027-05-01T08:00:00Z');
    const [memberId, other] = [await bornOn(shop, '06-15'), await bornOn(plain, '06-15')];
    await giveAt(shop, '2027-06-17T09:00:00Z');
    await giveBirthdays({ shopId: plain.shopId });
    expect([await pointsOf(memberId), await pointsOf(other)]).toEqual([100, 0]);
    const [event] = await system.sql<{ occurred_at: Date }>(
      `select occurred_at from member_event where member_id = $1 and kind = 'birthday'`,
      [memberId],
    );
    expect(event?.occurred_at).toEqual(new Date('2027-06-15T00:00:00Z'));
    expect(await system.sql(`select 1 from member_event where member_id = $1 and kind = 'birthday'`, [other])).toEqual(
      [],
    );
  });

  it('rest nowhere in the clear', async () => {
    const shop = await makeBirthdayShop();
    const memberId = await bornOn(shop, '07-04');
    const [row] = await system.sql<{ birthday: Buffer }>('select birthday from member_profile where member_id = $1', [
      memberId,
    ]);
    expect(row?.birthday.toString('latin1')).not.toContain('07-04');
  });
});
