import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { issueGooglePass } from '#app/flows/cards/issue-google-pass.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { syncGooglePass } from '#app/flows/cards/sync-google-pass.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { privacyPage } from '#app/queries/privacy-page.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeShop,
  openTestSystem,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { casesOf, expectSoundChains, openCase, type Person, redactBody, settleCase } from '#test/support/privacy.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';
import { findInDatabase } from '#test/support/whole-database.ts';

let wallets: TestWallets;
let system: TestSystem;
let shop: TestShop;
beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem();
  shop = await makeShop();
});
afterAll(async () => {
  await system.close();
  await wallets.close();
});

const stepNames = [
  'find members',
  'remember as erased',
  'remember outside the backups',
  'void passes and tell the devices',
  'delete profiles and close memberships',
  'forget messages',
  'cut orders loose',
  'forget waiting deliveries',
  'clear caches',
  'destroy personal keys',
  'delete registrations',
  'blank Google objects',
];

let next = 710_000_000;

/** Somebody with a name, addresses, an order, and a card in both wallets. */
async function makePerson(own: TestShop) {
  next += 1;
  const person = {
    id: next,
    email: `wilhelmine-${next}@example.com`,
    phone: `+4930${next}`,
    name: `Wilhelmine ${next}`,
  };
  const { memberId, cardUrl } = await enrollMember({
    shopId: own.shopId,
    programId: own.programId,
    via: 'link',
    profile: { name: person.name, email: person.email, phone: person.phone },
    shopifyCustomerId: String(next),
    locale: 'en',
    location: `till-${next}`,
    consents: [{ purpose: 'program', channel: 'wallet', granted: true }],
    wordingVersion: '1',
    source: 'test',
  });
  await deliver(own, 'orders/paid', orderBody({ customer: { id: next } }));
  await drain(own);
  await issueGooglePass({ token: cardUrl.split('/').at(-1) ?? '' });
  const [pass] = await system.sql<{ id: string; serial: string }>(
    `select id, serial from pass where member_id = $1 and wallet = 'google'`,
    [memberId],
  );
  if (pass === undefined) throw new Error('there is no Google pass');
  const objectOf = () => JSON.stringify(wallets.google.objectById(`${wallets.google.issuerId}.${pass.serial}`));
  return { ...person, memberId, passId: pass.id, objectOf };
}

type Made = Awaited<ReturnType<typeof makePerson>>;

/** What must never be found again, anywhere. */
const tracesOf = (person: Made) => [String(person.id), person.email, person.phone, person.name, `till-${person.id}`];

async function expectForgotten(person: Made): Promise<void> {
  expect(await findInDatabase(system, tracesOf(person))).toEqual([]);
  const [row] = await system.sql(
    `select m.state, m.shopify_customer_id, p.member_id as profile, 
       (select string_agg(state, ' ') from pass where member_id = m.id) as passes
     from member m left join member_profile p on p.member_id = m.id where m.id = $1`,
    [person.memberId],
  );
  expect(row).toEqual({ state: 'erased', shopify_customer_id: null, profile: null, passes: 'void void' });
  for (const trace of tracesOf(person)) expect(person.objectOf()).not.toContain(trace);
  expect(person.objectOf()).toContain('INACTIVE');
}

async function ledgerOf(memberId: string): Promise<unknown> {
  const entries = await system.sql(
    'select unit, kind, amount::int from ledger_entry where member_id = $1 order by id',
    [memberId],
  );
  return { entries, balances: await balancesOf(system, memberId) };
}

describe('the erasure of a person', () => {
  it.each<[string, (person: Made) => Person]>([
    ['by customer id', (person) => ({ id: person.id })],
    ['by e-mail alone, written differently', (person) => ({ email: ` ${person.email.toUpperCase()} ` })],
    ['by phone alone, written differently', (person) => ({ phone: person.phone.replace('+4930', '+49 (30) ') })],
    ['by all three', (person) => ({ id: person.id, email: person.email, phone: person.phone })],
  ])(
    'W17 L20 L21 %s removes all of them, keeps the arithmetic, and leaves a receipt for each step',
    async (_name, name) => {
      const person = await makePerson(shop);
      const other = await makePerson(shop);
      const before = await ledgerOf(person.memberId);
      const closed = await settleCase(system, shop, 'customers/redact', redactBody(shop, name(person)));
      expect(closed).toMatchObject({ kind: 'erasure', state: 'closed', has_subject: false, has_answer: false });
      expect(closed.receipts.map((receipt) => receipt.step)).toEqual(stepNames);
      expect(closed.receipts.map((receipt) => receipt.count)).toEqual([
        1,
        2,
        1,
        2,
        1,
        0,
        1,
        expect.any(Number),
        expect.any(Number),
        0,
        0,
        1,
      ]);
      await expectForgotten(person);
      expect(await ledgerOf(person.memberId)).toEqual(before);
      expect((await verifyBalances({ shopId: shop.shopId })).imbalances).toEqual([]);
      await expectSoundChains(shop);
      // Nobody else is touched.
      expect(await findInDatabase(system, [String(other.id)])).not.toEqual([]);
      expect(other.objectOf()).toContain('ACTIVE');
      // What they do later finds nobody.
      await deliver(shop, 'orders/paid', orderBody({ customer: { id: person.id, email: person.email } }));
      await deliver(shop, 'customers/update', {
        id: person.id,
        email: person.email,
        phone: person.phone,
        first_name: person.name,
        verified_email: true,
      });
      await drain(shop);
      expect(await findInDatabase(system, tracesOf(person))).toEqual([]);
      expect(await ledgerOf(person.memberId)).toEqual(before);
    },
  );

  it('L20 asked for twice is done once each, and the second finds nobody', async () => {
    const person = await makePerson(shop);
    const body = redactBody(shop, { id: person.id, email: person.email });
    const first = await settleCase(system, shop, 'customers/redact', body);
    const second = await settleCase(system, shop, 'customers/redact', body);
    for (const each of [first, second]) await processCase({ shopId: shop.shopId, caseId: each.id });
    const after = (await casesOf(system, shop)).filter((row) => row.id === first.id || row.id === second.id);
    expect(after.map((row) => row.receipts)).toEqual([first.receipts, second.receipts]);
    expect(second.receipts[0]).toMatchObject({ step: 'find members', count: 0 });
    await expectForgotten(person);
  });

  it('L20 of somebody unknown closes with all receipts', async () => {
    const closed = await settleCase(
      system,
      shop,
      'customers/redact',
      redactBody(shop, { id: 999_000_111, email: 'nobody@example.com' }),
    );
    expect(closed.state).toBe('closed');
    expect(closed.receipts.map((receipt) => receipt.step)).toEqual(stepNames);
    expect(await findInDatabase(system, ['999000111', 'nobody@example.com'])).toEqual([]);
    expect((await privacyPage(shop.shopId)).cases.find((row) => row.caseId === closed.id)?.closedAt).toBeInstanceOf(
      Date,
    );
  });

  it('W17 takes their customer id out of orders that wait, also of those that were set aside', async () => {
    const own = await makeShop();
    const person = await makePerson(own);
    const aside = await deliver(own, 'orders/paid', orderBody({ customer: { id: person.id } }));
    await system.sql(`update inbox set state = 'parked', problem = 'test' where webhook_id = $1`, [aside]);
    await deliver(own, 'orders/paid', { ...orderBody(), id: null, note: person.email });
    await settleCase(system, own, 'customers/redact', redactBody(own, { email: person.email }));
    await expectForgotten(person);
    const [row] = await system.sql<{ projection: string }>('select projection from inbox where webhook_id = $1', [
      aside,
    ]);
    expect(JSON.parse(row?.projection ?? '')).toMatchObject({ snapshot: { customerId: null } });
  });

  it.each(stepNames.map((name, index) => [index + 1, name]))(
    'W17 killed at step %i (%s) is finished by the next worker, with every step in the receipts once',
    async (index) => {
      const person = await makePerson(shop);
      const caseId = await openCase(system, shop, 'customers/redact', redactBody(shop, { id: person.id }));
      await system.sql(
        `create function die() returns trigger language plpgsql as $$ begin
         if jsonb_array_length(new.receipts) = ${index} and new.state = 'open' then raise exception 'killed'; end if; return new; end $$`,
      );
      await system.sql('create trigger die before update on erasure_case for each row execute function die()');
      await expect(processCase({ shopId: shop.shopId, caseId })).rejects.toThrow('killed');
      await system.sql('drop function die cascade');
      await Promise.all([1, 2, 3].map(() => processCase({ shopId: shop.shopId, caseId })));
      const closed = (await casesOf(system, shop)).find((row) => row.id === caseId);
      expect(closed?.receipts.map((receipt) => receipt.step)).toEqual(stepNames);
      expect(closed?.state).toBe('closed');
      await expectForgotten(person);
      await expectSoundChains(shop);
    },
  );

  it('W17 is not held up by a Google that fails: everything of ours is gone at once, the rest when Google is back', async () => {
    const person = await makePerson(shop);
    const caseId = await openCase(system, shop, 'customers/redact', redactBody(shop, { id: person.id }));
    wallets.google.fail({ kind: 'status', status: 503, times: 1 });
    await expect(processCase({ shopId: shop.shopId, caseId })).rejects.toMatchObject({ name: 'Unavailable' });
    expect(await findInDatabase(system, tracesOf(person))).toEqual([]);
    expect(person.objectOf()).toContain('ACTIVE');
    await processCase({ shopId: shop.shopId, caseId });
    await expectForgotten(person);
    // A late update of the card brings nothing back.
    await syncGooglePass({ shopId: shop.shopId, passId: person.passId, isBulk: false });
    await expectForgotten(person);
  });

  it('W17 reaches Google also when an update with their name is on its way at that moment', async () => {
    for (let round = 0; round < 8; round += 1) {
      const person = await makePerson(shop);
      const caseId = await openCase(system, shop, 'customers/redact', redactBody(shop, { id: person.id }));
      await Promise.all([
        processCase({ shopId: shop.shopId, caseId }),
        ...Array.from({ length: 3 }, () =>
          syncGooglePass({ shopId: shop.shopId, passId: person.passId, isBulk: false }),
        ),
      ]);
      await expectForgotten(person);
    }
  });
});
