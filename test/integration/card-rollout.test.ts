/** A new design on its way to the cards: in steps, watched, and back when it fails. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { isInRollout, rolloutStepMs } from '#app/domain/cards/rollout.ts';
import { advanceRollout } from '#app/flows/cards/advance-rollout.ts';
import { issueGooglePass } from '#app/flows/cards/issue-google-pass.ts';
import { pauseRollout } from '#app/flows/cards/pause-rollout.ts';
import { publishCardDesign } from '#app/flows/cards/publish-card-design.ts';
import { rollBackDesign } from '#app/flows/cards/roll-back-design.ts';
import { saveCardDraft } from '#app/flows/cards/save-card-draft.ts';
import { startRollout } from '#app/flows/cards/start-rollout.ts';
import { stopRollout } from '#app/flows/cards/stop-rollout.ts';
import { uploadLogo } from '#app/flows/cards/upload-logo.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { cardDesigner } from '#app/queries/card-designer.ts';
import { cardRollout } from '#app/queries/card-rollout.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { logoPicture } from '#test/support/logo-files.ts';
import { runOutbox } from '#test/support/outbox-jobs.ts';
import { createDevice, type HeldPass, holdPass } from '#test/support/wallet-device.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';
import { conformantPass } from '#test/support/conformant-pass.ts';

// Two dozen phones hold a card each, and fetch it again and again.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const actor = 'staff:1';
const cardsMax = 24;

let wallets: TestWallets;
let system: TestSystem;
let edge: Edge;
let shop: TestShop;
let held: (HeldPass & { passId: string })[];

beforeAll(async () => {
  wallets = await startWallets();
  system = await openTestSystem('stampwell_worker', 24);
  edge = await startEdge();
});
afterAll(async () => {
  await edge.close();
  await system.close();
  await wallets.close();
});
beforeEach(async () => {
  shop = await makeShop();
  held = [];
  for (let count = 0; count < cardsMax; count += 1) {
    const { cardUrl } = await makeMember(shop);
    const pass = await holdPass(cardUrl, wallets.pems.root);
    const [row] = await system.sql<{ id: string }>('select id from pass where serial = $1', [pass.serial]);
    held.push({ ...pass, passId: row?.id ?? '' });
  }
  await system.sql('delete from outbox');
});
afterEach(() => setClockOffsetMs(0));

const design = (changes: object = {}) => ({ ...starterDesign(shop.slug), ...changes });
const draft = (changes: object, expectedRevision = 0) =>
  saveCardDraft({ ...shop, design: design(changes), expectedRevision, actor });
const start = (expectedRevision: number, isStaged = true) =>
  startRollout({ ...shop, expectedRevision, isStaged, actor });
const work = () => runOutbox(system, ['touch-program-passes', 'regenerate-pass']);
const rollout = async () => {
  const found = await cardRollout(shop.shopId, shop.programId);
  if (found === null) throw new Error('there is no rollout');
  return found;
};

async function stagedTeal(): Promise<{ rolloutId: string; number: number }> {
  const { revision } = await draft({ backgroundColor: '#005566' });
  const { number } = await start(revision);
  return { rolloutId: (await rollout()).rolloutId, number };
}

async function shownColor(pass: HeldPass): Promise<unknown> {
  const answer = await createDevice(edge).get(pass);
  expect(answer.status).toBe(200);
  return (await conformantPass(answer.body, wallets.pems.root)).passJson['backgroundColor'];
}

const shownToNewcomers = async () => (await cardDesigner(shop.shopId, shop.programId)).live?.number;

const teal = 'rgb(0, 85, 102)';
const green = 'rgb(15, 76, 67)';

async function expectTeal(isTeal: (pass: { passId: string }) => boolean): Promise<void> {
  for (const pass of held)
    expect([pass.passId, await shownColor(pass)]).toEqual([pass.passId, isTeal(pass) ? teal : green]);
}

async function versionsOf(): Promise<Map<string, number>> {
  const rows = await system.sql<{ id: string; version: string }>('select id, version from pass where shop_id = $1', [
    shop.shopId,
  ]);
  return new Map(rows.map((row) => [row.id, Number(row.version)]));
}

describe('a rollout', () => {
  it('gives the design to a tenth, to half, and to all; no other card is touched on the way', async () => {
    const { rolloutId, number } = await stagedTeal();
    for (const [percent, next] of [
      [10, 50],
      [50, 100],
    ] as const) {
      await work();
      const among = (pass: { passId: string }) => isInRollout(pass.passId, { designNumber: number, percent });
      const versions = await versionsOf();
      expect(held.filter((pass) => versions.get(pass.passId) !== 1).map((pass) => pass.passId)).toEqual(
        held.filter(among).map((pass) => pass.passId),
      );
      await expectTeal(among);
      expect(await rollout()).toMatchObject({ state: 'running', percent, touched: held.filter(among).length });
      expect(await shownToNewcomers()).toBe(1);
      await advanceRollout({ ...shop, rolloutId, percent, actor });
      expect(await rollout()).toMatchObject({ state: 'running', percent: next });
    }
    expect(await shownToNewcomers()).toBe(number);
    await work();
    await expectTeal(() => true);
    expect(await rollout()).toMatchObject({ cards: cardsMax, drawn: cardsMax, shown: cardsMax, touched: cardsMax });
    await advanceRollout({ ...shop, rolloutId, percent: 100, actor });
    expect(await rollout()).toMatchObject({ state: 'done', percent: 100 });
    expect([...(await versionsOf()).values()]).toEqual(Array.from({ length: cardsMax }, () => 2));
    expect((await work()).size).toBe(0);
    await expectTeal(() => true);
  });

  it('goes on by itself when a step was watched long enough, and not while it is paused', async () => {
    const { rolloutId } = await stagedTeal();
    const steps = () =>
      system.sql<{ payload: { percent: number }; run_at: Date }>(
        `select payload, run_at from outbox where job = 'advance-rollout' order by id`,
      );
    const [first] = await steps();
    expect(first?.payload.percent).toBe(10);
    expect((first?.run_at.getTime() ?? 0) - (await rollout()).stepAt.getTime()).toBe(rolloutStepMs);
    await pauseRollout({ ...shop, rolloutId, isPaused: true, actor });
    await advanceRollout({ ...shop, rolloutId, percent: 10, actor: 'system' });
    expect(await rollout()).toMatchObject({ state: 'paused', percent: 10 });
    await pauseRollout({ ...shop, rolloutId, isPaused: false, actor });
    await pauseRollout({ ...shop, rolloutId, isPaused: false, actor });
    expect(await steps()).toHaveLength(2);
    // The first job comes although the rollout was held meanwhile: it is early.
    await advanceRollout({ ...shop, rolloutId, percent: 10, actor: 'system' });
    expect(await rollout()).toMatchObject({ state: 'running', percent: 10 });
    setClockOffsetMs(rolloutStepMs);
    await advanceRollout({ ...shop, rolloutId, percent: 10, actor: 'system' });
    expect(await rollout()).toMatchObject({ state: 'running', percent: 50 });
  });

  it('takes one step when it is told to go on ten times at once', async () => {
    const { rolloutId } = await stagedTeal();
    await Promise.all(Array.from({ length: 10 }, () => advanceRollout({ ...shop, rolloutId, percent: 10, actor })));
    expect(await rollout()).toMatchObject({ state: 'running', percent: 50 });
    const touches = await system.sql(`select 1 from outbox where job = 'touch-program-passes'`);
    expect(touches).toHaveLength(2);
  });

  it('is taken back: its cards return to the design before, the others never hear of it', async () => {
    const { rolloutId, number } = await stagedTeal();
    await work();
    await advanceRollout({ ...shop, rolloutId, percent: 10, actor });
    await work();
    const before = await versionsOf();
    await Promise.all([1, 2, 3].map(() => stopRollout({ ...shop, rolloutId, actor })));
    await work();
    await expectTeal(() => false);
    const after = await versionsOf();
    const among = (pass: { passId: string }) => isInRollout(pass.passId, { designNumber: number, percent: 50 });
    for (const pass of held)
      expect((after.get(pass.passId) ?? 0) - (before.get(pass.passId) ?? 0)).toBe(among(pass) ? 1 : 0);
    expect(await rollout()).toMatchObject({ state: 'rolled-back', percent: 50 });
    await expect(advanceRollout({ ...shop, rolloutId, percent: 50, actor })).resolves.toMatchObject({
      state: 'rolled-back',
    });
  });

  it('is one at a time, however many are started at once, and a plain publication waits for it', async () => {
    const { revision } = await draft({ backgroundColor: '#005566' });
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => start(revision)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'rollout-open' });
    await expect(publishCardDesign({ ...shop, design: design(), actor })).rejects.toMatchObject({
      code: 'rollout-open',
    });
    await expect(rollBackDesign({ ...shop, number: 1, actor })).rejects.toMatchObject({ code: 'rollout-open' });
  });

  it('is nobody else’s: another shop can neither see nor move it', async () => {
    const { rolloutId } = await stagedTeal();
    const other = await makeShop();
    expect(await cardRollout(other.shopId, other.programId)).toBeNull();
    const asked = { shopId: other.shopId, rolloutId, actor };
    await expect(advanceRollout({ ...asked, percent: 10 })).rejects.toMatchObject({ code: 'rollout-not-found' });
    await expect(pauseRollout({ ...asked, isPaused: true })).rejects.toMatchObject({ code: 'rollout-not-found' });
    await expect(stopRollout(asked)).rejects.toMatchObject({ code: 'rollout-not-found' });
    expect(await rollout()).toMatchObject({ state: 'running', percent: 10 });
  });
});

describe('a design that fails', () => {
  const picture = () => logoPicture({ width: 320, height: 100 }).png().toBuffer();

  it('is refused before any card carries it, and the draft and the cards stay as they are', async () => {
    const { hash } = await uploadLogo({ shopId: shop.shopId, content: await picture(), actor });
    const { revision } = await draft({ logoImage: hash });
    await system.sql(`update shop_image set content = '\\x00' where shop_id = $1`, [shop.shopId]);
    await expect(start(revision)).rejects.toMatchObject({ code: 'design-broken' });
    expect(await cardRollout(shop.shopId, shop.programId)).toBeNull();
    expect(await system.sql('select 1 from card_design where shop_id = $1', [shop.shopId])).toHaveLength(1);
    await expect(publishCardDesign({ ...shop, design: design({ logoImage: hash }), actor })).rejects.toMatchObject({
      code: 'design-broken',
    });
  });

  it('stops by itself at the first card it cannot make, and that phone gets the design before in the same answer', async () => {
    const { rolloutId, number } = await stagedTeal();
    // What no trial can foresee: the stored design is no longer what was tried.
    await system.sql(
      `update card_design set design = jsonb_set(design, '{logoImage}', to_jsonb($3::text)) where shop_id = $1 and number = $2`,
      [shop.shopId, number, await brokenPicture()],
    );
    await advanceRollout({ ...shop, rolloutId, percent: 10, actor });
    await work();
    const among = held.filter((pass) => isInRollout(pass.passId, { designNumber: number, percent: 50 }));
    const [victim] = among;
    if (victim === undefined) throw new Error('no card is among the first half');
    expect(await shownColor(victim)).toBe(green);
    expect(await rollout()).toMatchObject({ state: 'stopped', problem: expect.stringMatching(/./) });
    await work();
    await expectTeal(() => false);
    const audits = await system.sql<{ action: string }>(
      `select action from audit_record where shop_id = $1 and action like 'card.rollout-%' order by sequence`,
      [shop.shopId],
    );
    expect(audits.map(({ action }) => action)).toEqual(['card.rollout-step', 'card.rollout-stop']);
  });

  it('stops by itself when Google refuses it, and Google’s cards are of the design before again', async () => {
    const { cardUrl, memberId } = await makeMember(shop);
    await issueGooglePass({ token: cardUrl.split('/').at(-1) ?? '' });
    const [pass] = await system.sql<{ serial: string }>(
      `select serial from pass where member_id = $1 and wallet = 'google'`,
      [memberId],
    );
    const objectOf = () => wallets.google.objectById(`${wallets.google.issuerId}.${pass?.serial}`);
    const classBefore = objectOf()?.['classId'];
    const { revision } = await draft({ backgroundColor: '#005566' });
    await start(revision, false);
    wallets.google.fail({ kind: 'status', status: 400, times: 1 });
    await runOutbox(system, ['touch-program-passes', 'regenerate-pass']);
    await expect(runOutbox(system, ['sync-google'])).rejects.toMatchObject({ code: 'google-wallet-refused' });
    expect(await rollout()).toMatchObject({ state: 'stopped', problem: expect.stringContaining('400') });
    await runOutbox(system, ['touch-program-passes', 'regenerate-pass', 'sync-google']);
    expect(objectOf()?.['classId']).toBe(classBefore);
    await expectTeal(() => false);
  });

  it('stays where it is while a wallet is only unavailable', async () => {
    const { cardUrl } = await makeMember(shop);
    await issueGooglePass({ token: cardUrl.split('/').at(-1) ?? '' });
    const { revision } = await draft({ backgroundColor: '#005566' });
    await start(revision, false);
    wallets.google.fail({ kind: 'status', status: 503, times: 1 });
    await runOutbox(system, ['touch-program-passes', 'regenerate-pass']);
    await expect(runOutbox(system, ['sync-google'])).rejects.toMatchObject({ code: 'google-wallet-busy' });
    expect(await rollout()).toMatchObject({ state: 'running' });
  });

  async function brokenPicture(): Promise<string> {
    const { hash } = await uploadLogo({ shopId: shop.shopId, content: await picture(), actor });
    await system.sql(`update shop_image set content = '\\x00' where shop_id = $1`, [shop.shopId]);
    return hash;
  }
});

describe('an earlier design', () => {
  it('comes back under a new number with its old content, once, on all cards', async () => {
    await publishCardDesign({ ...shop, design: design({ backgroundColor: '#005566' }), actor });
    await work();
    await expectTeal(() => true);
    const answers = await Promise.all([1, 2, 3].map(() => rollBackDesign({ ...shop, number: 1, actor })));
    expect(answers.map(({ number }) => number)).toEqual([3, 3, 3]);
    expect(answers.filter(({ isNew }) => isNew)).toHaveLength(1);
    await work();
    await expectTeal(() => false);
    const [row] = await system.sql(
      'select state, restores, published_by from card_design where shop_id = $1 and number = 3',
      [shop.shopId],
    );
    expect(row).toEqual({ state: 'live', restores: 1, published_by: actor });
  });

  it('must have been live, and the shop’s own', async () => {
    const { rolloutId, number } = await stagedTeal();
    await stopRollout({ ...shop, rolloutId, actor });
    await expect(rollBackDesign({ ...shop, number, actor })).rejects.toMatchObject({ code: 'design-not-found' });
    await expect(rollBackDesign({ ...shop, number: 99, actor })).rejects.toMatchObject({ code: 'design-not-found' });
    const other = await makeShop();
    await expect(
      rollBackDesign({ shopId: other.shopId, programId: shop.programId, number: 1, actor }),
    ).rejects.toMatchObject({ code: 'design-not-found' });
  });
});
