import { capturedLog } from '#test/support/captured-log.ts';

import { runTask } from '#workers/run-task.ts';
import { tasks } from '#workers/tasks.ts';

import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { memberCreateSchema } from '#app/contracts/api.ts';
import { withShop } from '#app/data/tenancy.ts';
import { issueGooglePass } from '#app/flows/cards/issue-google-pass.ts';
import { reissueCard } from '#app/flows/cards/reissue-card.ts';
import { createMember } from '#app/flows/members/create-member.ts';
import { enrollMember } from '#app/flows/members/enroll-member.ts';
import { recordMemberEvent } from '#app/flows/members/record-event.ts';
import { stampMember } from '#app/flows/members/stamp-member.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { askMailedCode } from '#app/flows/privacy/ask-mailed-code.ts';
import { openSubjectCase } from '#app/flows/privacy/open-case.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { simulateProgram } from '#app/flows/programs/simulate-program.ts';
import { signJob } from '#app/lib/job-envelope.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { findMembersByEmail } from '#app/data/members/profiles.ts';
import { subjectData } from '#app/queries/subject-data.ts';
import { runOne } from '#test/support/campaigns.ts';
import { type Canary, keptFiles, newCanary, orderOf, spellingsOf, tellOf } from '#test/support/canaries.ts';
import { type Edge, post, startEdge } from '#test/support/edge.ts';
import { drain, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { expectSoundChains, redactBody, settleCase } from '#test/support/privacy.ts';
import { simulate } from '#test/support/simulations.ts';
import { createDevice, holdPass, type WalletDevice } from '#test/support/wallet-device.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';
import { findInDatabase } from '#test/support/whole-database.ts';

process.env['SMTP_URL'] ??= 'smtp://127.0.0.1:9';
process.env['MAIL_FROM'] ??= 'cards@example.com';

let wallets: TestWallets;
let system: TestSystem;
let edge: Edge;
let shop: TestShop;
beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem('stampwell_worker', 24);
  edge = await startEdge();
  shop = await makeShop();
});
afterAll(async () => {
  await edge.close();
  await system.close();
  await wallets.close();
});

const send = (topic: string, body: unknown) => post(edge, { body: JSON.stringify(body), shop: shop.domain, topic });

type Bird = {
  canary: Canary;
  memberId: MemberId;
  secrets: string[];
  phone: () => Promise<number>;
  objectOf: () => string;
};

/** Joins by link, with a card in both wallets and on a phone. */
async function joinByLink(name: string): Promise<Bird & { device: WalletDevice }> {
  const canary = newCanary(name);
  const { memberId, cardUrl } = await enrollMember({
    shopId: shop.shopId,
    programId: shop.programId,
    via: 'checkout',
    profile: { name: canary.name, email: canary.email, phone: canary.phone, birthday: '02-29' },
    shopifyCustomerId: String(canary.id),
    locale: 'de',
    consents: [{ purpose: 'program', channel: 'wallet', granted: true }],
    wordingVersion: '1',
    source: 'test',
  });
  return { canary, memberId, ...(await putIntoWallets(memberId, cardUrl)) };
}

async function putIntoWallets(memberId: MemberId, cardUrl: string) {
  const pass = await holdPass(cardUrl, wallets.pems.root);
  const device = createDevice(edge);
  expect(await device.register(pass)).toBe(201);
  await issueGooglePass({ token: cardUrl.split('/').at(-1) ?? '' });
  const cards = await system.sql<{ wallet: string; serial: string; card_id: string }>(
    `select p.wallet, p.serial, m.card_id from pass p join member m on m.id = p.member_id where m.id = $1`,
    [memberId],
  );
  const google = cards.find(({ wallet }) => wallet === 'google');
  return {
    device,
    secrets: [device.id, device.pushToken, ...cards.map((card) => card.card_id)],
    phone: async () => (await device.get(pass)).status,
    objectOf: () => JSON.stringify(wallets.google.objectById(`${wallets.google.issuerId}.${google?.serial}`)),
  };
}

/** Everything else that can happen to them before they are gone. */
async function live({ canary, memberId }: Bird): Promise<void> {
  for (const topic of ['orders/create', 'orders/paid']) expect((await send(topic, orderOf(canary))).status).toBe(200);
  // Cannot be read, so it is set aside, sealed.
  expect((await send('orders/paid', { ...orderOf(canary), id: null })).status).toBe(200);
  for (const [topic, body] of tellOf(canary)) expect((await send(topic, body)).status).toBe(200);
  await drain(shop);
  const claim = { locationId: '1', staffMemberId: '7', deviceId: null };
  await stampMember({ shopId: shop.shopId, memberId, unit: 'stamps', amount: 1, idempotencyKey: randomUUID(), actor: 'staff:7', claim }); // prettier-ignore
  const event = {
    kind: 'review' as const,
    name: null,
    eventKey: canary.key,
    occurredAt: new Date(),
    actor: 'api:test',
  };
  await recordMemberEvent({ shopId: shop.shopId, memberId, ...event });
  await simulateProgram({ shopId: shop.shopId, simulationId: await simulate(shop, null) });
  await runOne(shop, { name: canary.campaign, text: canary.campaign, audience: { kind: 'member', memberId } });
  await askMailedCode({
    shopId: shop.shopId,
    memberId,
    kind: 'contact-code',
    locale: 'de',
    nextAddress: `new.${canary.email}`,
  });
  const { caseId } = await openSubjectCase({
    shopId: shop.shopId,
    memberId,
    kind: 'access',
    origin: 'shopper',
    actor: 'shopper',
  });
  await processCase({ shopId: shop.shopId, caseId });
  expect(JSON.stringify(await subjectData(shop.shopId, memberId))).toContain(canary.email);
}

/** Everything that makes us write to the log about them: what is not genuine, what does not fit, what fails half way. */
async function fail({ canary, memberId }: Bird): Promise<void> {
  await post(edge, { body: JSON.stringify(orderOf(canary)), shop: shop.domain, topic: 'orders/paid', secret: 'wrong' });
  await send('orders/paid', orderOf(canary));
  await system.sql(`update inbox set projection = $1 where state = 'pending'`, [
    JSON.stringify({ orderId: { name: canary.name } }),
  ]);
  await drain(shop);
  const { caseId } = await openSubjectCase({
    shopId: shop.shopId,
    memberId,
    kind: 'erasure',
    origin: 'shopper',
    actor: 'shopper',
  });
  wallets.google.fail({ kind: 'status', status: 503, times: 1 });
  const run = () =>
    runTask('process-case', tasks['process-case'], signJob('process-case', { shopId: shop.shopId, caseId }));
  await expect(run()).rejects.toMatchObject({ name: 'Unavailable' });
  await run();
  for (const text of ['a delivery could not be applied', 'a job failed', 'a job is done'])
    expect(capturedLog()).toContain(text);
}

async function expectNoTrace(birds: Bird[]): Promise<void> {
  const texts = birds.flatMap(({ canary, secrets }) => [...spellingsOf(canary), ...secrets]);
  expect(await findInDatabase(system, texts)).toEqual([]);
  expect(texts.filter((text) => keptFiles().includes(text))).toEqual([]);
  for (const { canary, objectOf } of birds)
    for (const text of spellingsOf(canary)) expect(objectOf()).not.toContain(text);
}

describe('people who leave a mark everywhere', () => {
  it('experiment 9 W17 W21 L22 are found nowhere after their erasure: no table, queue, file or wallet; the ledger is as before', async () => {
    const bird = await joinByLink('Amsel');
    await live(bird);
    const late = await joinByApi('Drossel');
    await live(late);
    for (const { canary } of [bird, late])
      expect(await withShop(shop.shopId, (tx) => findMembersByEmail(tx, canary.email))).toHaveLength(1);
    const ledger = () => system.sql('select unit, sum(amount)::int as sum, count(*)::int as n from ledger_entry group by unit order by unit'); // prettier-ignore
    const before = await ledger();
    // The search finds what is there: else it would prove nothing.
    for (const { canary, secrets } of [bird, late])
      for (const text of [canary.campaign, canary.key, String(canary.id), secrets[0] ?? '', secrets[2] ?? ''])
        expect([text, (await findInDatabase(system, [text])).length > 0]).toEqual([text, true]);
    const startedAt = performance.now();
    await eraseWithPhone(bird);
    // Erasure of one member, both wallets healthy, within ten seconds.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    const { caseId } = await openSubjectCase({ shopId: shop.shopId, memberId: late.memberId, kind: 'erasure', origin: 'shopper', actor: 'shopper' }); // prettier-ignore
    await settleWithPhone(caseId, late);
    expect(await ledger()).toEqual(before);
    expect((await verifyBalances({ shopId: shop.shopId })).imbalances).toEqual([]);
    await expectSoundChains(shop);
    await expectNoTrace([bird, late]);
    // Copies that were made for them are gone with them, sealed or not.
    expect(await system.sql('select 1 from erasure_case where answer is not null')).toEqual([]);
    // What comes late makes nobody.
    for (const { canary } of [bird, late]) {
      await send('orders/paid', orderOf(canary));
      await send('orders/paid', { ...orderOf(canary), id: null });
      await send('customers/update', {
        id: canary.id,
        email: canary.email,
        first_name: canary.name,
        verified_email: true,
      });
    }
    await drain(shop);
    await system.sql(`update inbox set sealed = null where state = 'quarantined'`);
    await expectNoTrace([bird, late]);
    expect(await ledger()).toEqual(before);
  });

  it('experiment 38 experiment 10 K05 L20 reach no log line, and a data request names all that is true of them', async () => {
    const bird = await joinByLink('Fink');
    await live(bird);
    const { members, orders } = await subjectData(shop.shopId, bird.memberId);
    expect(members).toMatchObject([
      {
        profile: { name: bird.canary.name, email: bird.canary.email, phone: bird.canary.phone, birthday: '02-29' },
        messages: [{ text: bird.canary.campaign }],
        entries: expect.arrayContaining([expect.objectContaining({ source: 'pos' })]),
        requests: [{ kind: 'access', origin: 'shopper', state: 'closed' }],
        devices: [{ deviceLibraryIdentifier: bird.device.id }],
      },
    ]);
    expect(orders).toHaveLength(2);
    await fail(bird);
    const everybody = spellingsOf(bird.canary).filter((text) => text !== '');
    const log = capturedLog();
    expect(everybody.filter((text) => log.includes(text))).toEqual([]);
  });

  it('W17 a replaced card and its phone are forgotten too, and the phone that is off is waited for at most 14 days', async () => {
    const bird = await joinByLink('Star');
    const { cardUrl } = await reissueCard({
      shopId: shop.shopId,
      memberId: bird.memberId,
      actor: 'staff:7',
      ifGeneration: null,
    });
    const next = await putIntoWallets(bird.memberId, cardUrl);
    const { caseId } = await openSubjectCase({ shopId: shop.shopId, memberId: bird.memberId, kind: 'erasure', origin: 'shopper', actor: 'shopper' }); // prettier-ignore
    await processCase({ shopId: shop.shopId, caseId });
    const stateOf = async () =>
      (await system.sql('select state from erasure_case where id = $1', [caseId]))[0]?.['state'];
    const [again] = await system.sql(`select 1 from outbox where job = 'process-case' and run_at > now() and payload->>'caseId' = $1`, [caseId]); // prettier-ignore
    expect([await stateOf(), again !== undefined, await next.phone()]).toEqual(['open', true, 200]);
    await system.sql(`update pass set voided_at = now() - interval '14.1 days' where member_id = $1`, [bird.memberId]);
    await processCase({ shopId: shop.shopId, caseId });
    expect([await stateOf(), await next.phone(), await bird.phone()]).toEqual(['closed', 401, 401]);
    await expectNoTrace([{ ...bird, secrets: [...bird.secrets, ...next.secrets] }]);
  });
});

/** An integrator enrolls somebody, and the key they chose says whom. */
async function joinByApi(name: string): Promise<Bird> {
  const canary = newCanary(name);
  const member = memberCreateSchema.parse({
    name: canary.name,
    email: canary.email,
    phone: canary.phone,
    externalId: canary.externalId,
    shopifyCustomerId: String(canary.id),
    timeZone: 'Europe/Berlin',
    consents: [{ purpose: 'marketing', channel: 'wallet', granted: true }],
  });
  const created = await createMember({ shopId: shop.shopId, clientId: 'crm', idempotencyKey: canary.key, member });
  const memberId = created.memberId as MemberId;
  const { cardUrl } = await reissueCard({ shopId: shop.shopId, memberId, actor: 'staff:7', ifGeneration: null });
  return { canary, memberId, ...(await putIntoWallets(memberId, cardUrl)) };
}

/** Shopify asks for the erasure, and the phone fetches what it is told of. */
async function eraseWithPhone(bird: Bird): Promise<void> {
  const { id } = await settleCase(system, shop, 'customers/redact', redactBody(shop, { email: bird.canary.email }));
  await settleWithPhone(id, bird);
}

async function settleWithPhone(caseId: string, { phone }: Bird): Promise<void> {
  for (;;) {
    await processCase({ shopId: shop.shopId, caseId });
    const [row] = await system.sql<{ state: string }>('select state from erasure_case where id = $1', [caseId]);
    if (row?.state === 'closed') break;
    expect(await phone()).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  expect(await phone()).toBe(401);
  const [row] = await system.sql<{ steps: string[] }>(
    `select array(select jsonb_array_elements(receipts)->>'step') as steps from erasure_case where id = $1`,
    [caseId],
  );
  expect(new Set(row?.steps).size).toBe(row?.steps.length);
  expect(row?.steps).toContain('delete registrations');
}
