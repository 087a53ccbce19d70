/** Joining on the page after an order, through the wire. */
import { SignJWT } from 'jose';
import { consentWordingFor } from '#app/domain/members/consent-wording.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { problemSchema } from '#app/contracts/problem.ts';
import { storefrontEnrollmentAnswerSchema, storefrontProgramSchema } from '#app/contracts/storefront.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import {
  type ExtensionAnswer,
  type ExtensionRig,
  expectBalanced,
  startExtensionRig,
} from '#test/support/extensions.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeMember,
  makeShop,
  orderBody,
  testEnvironment,
  type TestShop,
} from '#test/support/factories.ts';

const minuteMs = 60_000;

let rig: ExtensionRig;
let shop: TestShop;
let other: TestShop;
let lastCustomer = 880_000;

beforeAll(async () => {
  rig = await startExtensionRig();
  shop = await makeShop();
  other = await makeShop();
});
afterAll(() => rig.close());
beforeEach(() => {
  lastCustomer += 1;
});
afterEach(async () => {
  setClockOffsetMs(0);
  await expectBalanced(shop.shopId);
});

/** A token as checkout makes it: no issuer, and a customer only when the shopper is logged in. */
function shopperToken(where: TestShop, customerId: string | null): Promise<string> {
  const nowS = Math.floor(Date.now() / 1000);
  const sub = customerId === null ? {} : { sub: `gid://shopify/Customer/${customerId}` };
  return new SignJWT({
    aud: testEnvironment.SHOPIFY_API_KEY,
    dest: where.domain,
    iat: nowS,
    nbf: nowS,
    exp: nowS + 60,
    jti: 'x',
    ...sub,
  })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode('test-secret'));
}

type Shopper = { customerId?: string | null; where?: TestShop };

async function program(
  locale: string | null,
  { customerId = null, where = shop }: Shopper = {},
): Promise<ExtensionAnswer> {
  const query = locale === null ? '' : `?locale=${locale}`;
  return rig.ask(where, `/storefront/v1/program${query}`, { token: await shopperToken(where, customerId) });
}

const versionAt = ({ slug }: TestShop) => consentWordingFor('en', slug).version;

async function join(
  orderId: string,
  fields: Record<string, unknown> = {},
  { customerId = null, where = shop }: Shopper = {},
): Promise<ExtensionAnswer> {
  const consents = { program: true, marketing: false };
  const body = {
    orderId: `gid://shopify/OrderIdentity/${orderId}`,
    consents,
    wordingVersion: versionAt(where),
    locale: 'en',
    ...fields,
  };
  return rig.ask(where, '/storefront/v1/enrollments', { token: await shopperToken(where, customerId), body });
}

async function buy(overrides: Record<string, unknown> = {}): Promise<string> {
  const body = orderBody(overrides);
  await deliver(shop, 'orders/paid', body);
  await drain(shop);
  return String(body['id']);
}

function expectProblem(answer: ExtensionAnswer, status: number, code: string): void {
  expect(problemSchema.parse(answer.body)).toMatchObject({ status, code });
  expect(answer.status).toBe(status);
}

const memberOf = async (orderId: string) =>
  (await rig.system.sql<{ member_id: string }>('select member_id from order_state where order_id = $1', [orderId]))[0]
    ?.member_id ?? '';
const countMembers = async () =>
  Number((await rig.system.sql<{ n: string }>('select count(*) as n from member'))[0]?.n);

describe('the invitation', () => {
  it('speaks the shopper’s language, and English where it has none', async () => {
    const english = storefrontProgramSchema.parse((await program('en-GB')).body);
    expect(english).toMatchObject({ programName: 'Coffee Club', unitLabel: 'Points', isLive: true, member: null });
    expect(english.earnExample).toBe('1 point for every $1.00. Free coffee for 10 stamps');
    const german = storefrontProgramSchema.parse((await program('de-AT')).body);
    expect(german.consentWording.version).toMatch(/^2026-11-22\.de\.[0-9a-f]{8}$/);
    expect(german.consentWording.program).toContain('Karte');
    expect((await program('fi')).body).toEqual(english);
    expect((await program(null)).body).toEqual(english);
    expectProblem(await program('x'.repeat(40)), 422, 'input-invalid');
  });

  it('shows members who are logged in their card, and nobody else’s', async () => {
    const { customerId } = await makeMember(shop);
    const mine = storefrontProgramSchema.parse((await program('en', { customerId })).body);
    expect(mine.member?.cardUrl).toMatch(/^https:\/\/stampwell\.test\/card\/[\w-]{92}$/);
    expect((await program('en', { customerId, where: other })).body['member']).toBeNull();
  });

  it('does not take a staff token’s user for a customer of the same number', async () => {
    const { customerId } = await makeMember(shop);
    const token = await rig.shopify.mintSessionToken(shop.domain, { subject: customerId });
    expect((await rig.ask(shop, '/storefront/v1/program', { token })).body['member']).toBeNull();
  });

  it('is not made while no live program takes members after an order', async () => {
    const quiet = await makeShop();
    await rig.system.sql("update program set sign_up_places = '{link}' where shop_id = $1", [quiet.shopId]);
    expectProblem(await program('en', { where: quiet }), 404, 'program-not-live');
    expectProblem(await join('1', {}, { where: quiet }), 404, 'program-not-live');
  });
});

describe('joining as a guest', () => {
  it('makes a member with a card, keeps the consents as given, and books the order', async () => {
    const orderId = await buy();
    const { cardUrl } = storefrontEnrollmentAnswerSchema.parse((await join(orderId)).body);
    expect(cardUrl).toMatch(/^https:\/\/stampwell\.test\/card\//);
    const memberId = await memberOf(orderId);
    expect(await balancesOf(rig.system, memberId)).toEqual({ points: 12, stamps: 1 });
    const consents = await rig.system.sql(
      'select purpose, channel, granted, wording_version, source from consent_record where subject = $1 order by sequence',
      [memberId],
    );
    expect(consents).toEqual([
      { purpose: 'program', channel: 'wallet', granted: true, wording_version: versionAt(shop), source: 'checkout' },
      { purpose: 'marketing', channel: 'email', granted: false, wording_version: versionAt(shop), source: 'checkout' },
    ]);
    const passes = await rig.system.sql('select wallet from pass where member_id = $1', [memberId]);
    expect(passes).toEqual([{ wallet: 'apple' }]);
  });

  it('waits for an order that has not arrived, and joins nobody', async () => {
    const before = await countMembers();
    expectProblem(await join('123456789'), 409, 'order-not-confirmed');
    expect(await countMembers()).toBe(before);
    expect(await rig.system.sql("select 1 as one from order_state where order_id = '123456789'")).toEqual([]);
  });

  it('joins once however often and at once it is asked', async () => {
    const orderId = await buy();
    const before = await countMembers();
    const answers = await Promise.all(Array.from({ length: 10 }, () => join(orderId)));
    expect(new Set(answers.map((answer) => answer.body['cardUrl'])).size).toBe(1);
    expect((await join(orderId)).body).toEqual(answers[0]?.body);
    expect(await countMembers()).toBe(before + 1);
    expect(await balancesOf(rig.system, await memberOf(orderId))).toEqual({ points: 12, stamps: 1 });
  });

  it('shows the card again for a quarter of an hour only', async () => {
    const orderId = await buy();
    await join(orderId);
    setClockOffsetMs(16 * minuteMs);
    expectProblem(await join(orderId), 403, 'order-not-yours');
  });

  it('never opens the card of a member by knowing their order', async () => {
    const { customerId } = await makeMember(shop, { name: 'Ada' });
    const orderId = await buy({ customer: { id: Number(customerId) } });
    expectProblem(await join(orderId), 403, 'order-not-yours');
  });

  it('does not join with an order of yesterday', async () => {
    const orderId = await buy();
    setClockOffsetMs(25 * 60 * minuteMs);
    expectProblem(await join(orderId), 403, 'order-not-yours');
  });

  it('knows no orders of another shop', async () => {
    const orderId = await buy();
    expectProblem(await join(orderId, {}, { where: other }), 409, 'order-not-confirmed');
  });

  it('ties the card to the customer that Shopify made of the guest', async () => {
    const orderId = await buy({ customer: { id: lastCustomer } });
    await join(orderId);
    await buy({ customer: { id: lastCustomer } });
    expect(await balancesOf(rig.system, await memberOf(orderId))).toEqual({ points: 24, stamps: 2 });
  });
});

describe('joining while logged in', () => {
  it('works before the order has arrived, which then counts', async () => {
    const customerId = String(lastCustomer);
    const body = orderBody({ customer: { id: lastCustomer } });
    const { cardUrl } = storefrontEnrollmentAnswerSchema.parse(
      (await join(String(body['id']), {}, { customerId })).body,
    );
    await deliver(shop, 'orders/paid', body);
    await drain(shop);
    expect(await balancesOf(rig.system, await memberOf(String(body['id'])))).toEqual({ points: 12, stamps: 1 });
    expect((await join(String(body['id']), {}, { customerId })).body).toEqual({ cardUrl });
    expect((await program('en', { customerId })).body['member']).toMatchObject({ cardUrl });
  });

  it('answers a member with the card they have, at any time', async () => {
    const { customerId, memberId } = await makeMember(shop);
    const orderId = await buy({ customer: { id: Number(customerId) } });
    setClockOffsetMs(60 * minuteMs);
    expect((await join(orderId, {}, { customerId })).status).toBe(200);
    expect(await memberOf(orderId)).toBe(memberId);
  });

  it('refuses somebody else’s order', async () => {
    const orderId = await buy({ customer: { id: lastCustomer } });
    expectProblem(await join(orderId, {}, { customerId: '99' }), 403, 'order-not-yours');
    await join(orderId, {}, { customerId: String(lastCustomer) });
    expectProblem(await join(orderId, {}, { customerId: '99' }), 403, 'order-not-yours');
  });

  it('joins one customer once across orders that come at once', async () => {
    const customerId = String(lastCustomer);
    const before = await countMembers();
    const answers = await Promise.all(
      ['31', '32', '33', '34'].map((orderId) => join(`${lastCustomer}${orderId}`, {}, { customerId })),
    );
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    expect(await countMembers()).toBe(before + 1);
  });
});

it('consent given to other words than today’s is asked for again', async () => {
  const orderId = await buy();
  expectProblem(await join(orderId, { wordingVersion: '2020-01-01.en' }), 409, 'wording-changed');
  expectProblem(await join(orderId, { locale: 'de' }), 409, 'wording-changed');
  expect(await memberOf(orderId)).toBe('');
});

it('bodies that do not fit the contract are refused', async () => {
  for (const wrong of [
    { orderId: '1' },
    { orderId: 'gid://shopify/Order/1 or 1' },
    { consents: { program: true } },
    { memberId: 'x' },
  ])
    expectProblem(await join('1', wrong), 422, 'input-invalid');
});

it('a network that tries orders which are not its own is turned away, and told when to come back', async () => {
  const orderId = await buy();
  const guesses = await Promise.all(Array.from({ length: 25 }, (_, index) => join(`77700${index}`)));
  const refused = guesses.filter((answer) => answer.status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(5);
  for (const answer of refused) {
    expectProblem(answer, 429, 'too-many-sign-ups');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  }
  // Not even with an order that is there: the network has used up its trust for now.
  expect((await join(orderId)).status).toBe(429);
});
