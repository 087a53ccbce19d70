import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { markSeen, noteProblem } from '#app/data/cards/freshness.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { noteLanes } from '#app/data/system/push-lanes.ts';
import { foldFreshnessTotals } from '#app/data/system/freshness-totals.ts';
import { withShop } from '#app/data/tenancy.ts';
import { freshnessBoundsS, staleCauses } from '#app/domain/cards/freshness.ts';
import { handleMetrics } from '#app/edge/health.ts';
import { freshnessMetrics } from '#app/edge/freshness-metrics.ts';
import { regeneratePass } from '#app/flows/cards/regenerate-pass.ts';
import { watchPass } from '#app/flows/cards/watch-pass.ts';
import { Unavailable } from '#app/lib/errors.ts';
import type { PassId } from '#app/lib/ids.ts';
import { freshnessFigures, freshnessPage } from '#app/queries/freshness-page.ts';
import { waitingJobs } from '#test/support/campaigns.ts';
import { letWait, type PhoneCard, putOnPhone, see, touch } from '#test/support/cards-on-phones.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { call, closeServer, listen } from '#test/platform/http.ts';
import { createDevice, holdPass } from '#test/support/wallet-device.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';

let wallets: TestWallets;
let system: TestSystem;
let edge: Edge;
let shop: TestShop;
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
});

const makeCard = () => putOnPhone(system, shop);
const staleSince = async ({ passId }: PhoneCard) =>
  (await system.sql<{ stale_since: Date | null }>('select stale_since from pass where id = $1', [passId]))[0]
    ?.stale_since;
async function countsOf(): Promise<Record<number, number>> {
  const rows = await system.sql<{ bucket: number; passes: string }>(
    'select bucket, sum(passes) as passes from freshness_hour where shop_id = $1 group by bucket',
    [shop.shopId],
  );
  return Object.fromEntries(rows.map(({ bucket, passes }) => [bucket, Number(passes)]));
}

describe('how long a wallet was behind', () => {
  it('is counted from the first change it had not seen, once it has seen the last', async () => {
    const card = await makeCard();
    await touch(card);
    const first = await staleSince(card);
    expect(first).toBeInstanceOf(Date);
    await touch(card);
    expect(await staleSince(card)).toEqual(first);
    await letWait(system, card, 45);
    await see(card, 3);
    expect(await staleSince(card)).toBeNull();
    expect(await countsOf()).toEqual({ [freshnessBoundsS.indexOf(60)]: 1 });
  });

  it('is counted once, however often and by however many the version is seen', async () => {
    const card = await makeCard();
    await touch(card);
    await Promise.all(Array.from({ length: 8 }, () => see(card, 2)));
    await see(card, 2);
    await see(card, 1);
    expect(Object.values(await countsOf())).toEqual([1]);
  });

  it('is not counted for the first download, nor for a card that changed before anybody had it', async () => {
    const { memberId } = await makeMember(shop);
    const [row] = await system.sql<{ id: PassId }>('select id from pass where member_id = $1', [memberId]);
    const card = { shopId: shop.shopId, passId: row?.id as PassId, memberId };
    await touch(card);
    await see(card, 2);
    expect(await countsOf()).toEqual({});
    expect(await staleSince(card)).toBeNull();
  });

  it('goes on for what changed while the wallet was fetching', async () => {
    const card = await makeCard();
    await touch(card);
    await touch(card);
    await see(card, 2);
    expect(await staleSince(card)).toBeInstanceOf(Date);
    await see(card, 3);
    expect(await staleSince(card)).toBeNull();
    expect(Object.values(await countsOf()).reduce((sum, count) => sum + count, 0)).toBe(2);
  });

  it('is nothing when the new version looks like the old one', async () => {
    const card = await makeCard();
    await touch(card);
    await regeneratePass({ shopId: shop.shopId, passId: card.passId, isBulk: false });
    await see(card, 2);
    await touch(card);
    await regeneratePass({ shopId: shop.shopId, passId: card.passId, isBulk: false });
    expect(await staleSince(card)).toBeNull();
    expect(Object.values(await countsOf())).toEqual([1]);
    expect((await freshnessFigures(shop.shopId)).stale).toBe(0);
  });

  it('is told again to a phone that fetched something newer than was announced, even when all is as before', async () => {
    const card = await makeCard();
    await touch(card);
    await regeneratePass({ shopId: shop.shopId, passId: card.passId, isBulk: false });
    await see(card, 2);
    await touch(card);
    await see(card, 3);
    await touch(card);
    await system.sql('delete from outbox where shop_id = $1', [shop.shopId]);
    await regeneratePass({ shopId: shop.shopId, passId: card.passId, isBulk: false });
    expect(await waitingJobs(shop.shopId, 'push-apple')).toHaveLength(1);
  });

  it('is measured by the phone that fetches through the web service', async () => {
    const { memberId, cardUrl } = await makeMember(shop);
    const pass = await holdPass(cardUrl, wallets.pems.root);
    const device = createDevice(edge);
    await device.register(pass);
    expect(await countsOf()).toEqual({});
    await withShop(shop.shopId, (tx) => touchPasses(tx, [memberId]));
    expect((await freshnessFigures(shop.shopId)).stale).toBe(1);
    await device.ask(`passes/${pass.type}/${pass.serial}`, {
      method: 'HEAD',
      authorization: `ApplePass ${pass.token}`,
    });
    expect(await countsOf()).toEqual({});
    expect((await device.get(pass)).status).toBe(200);
    expect(Object.values(await countsOf())).toEqual([1]);
    expect(await freshnessFigures(shop.shopId)).toMatchObject({ total: 1, fresh: 1, stale: 0, inTime: 1 });
  });

  it('is another shop’s own figure', async () => {
    const card = await makeCard();
    const other = await makeShop();
    await touch(card);
    await withShop(other.shopId, (tx) => markSeen(tx, card.passId, { version: 2, at: new Date() }));
    await withShop(other.shopId, (tx) => noteProblem(tx, card.passId, 'theirs'));
    expect(await staleSince(card)).toBeInstanceOf(Date);
    await see(card, 2);
    expect((await freshnessFigures(other.shopId)).inTime).toBeNull();
    expect((await freshnessPage(other.shopId, null)).cards).toEqual([]);
  });
});

describe('the share in time', () => {
  it('counts late arrivals and who still waits, but nobody whose card no phone carries any more', async () => {
    const [arrived, late, waiting, removed] = [await makeCard(), await makeCard(), await makeCard(), await makeCard()];
    for (const card of [arrived, late, waiting, removed]) await touch(card);
    await see(arrived, 2);
    await letWait(system, late, 61);
    await see(late, 2);
    await letWait(system, waiting, 61);
    await letWait(system, removed, 61);
    await system.sql('delete from device_registration where pass_id = $1', [removed.passId]);
    expect((await freshnessFigures(shop.shopId)).inTime).toBe(0.333);
  });
});

describe('the board of cards that are behind', () => {
  it('lists them with their cause, those that wait longest first', async () => {
    const [pushed, queued, removed, refused] = [await makeCard(), await makeCard(), await makeCard(), await makeCard()];
    const all = [pushed, queued, removed, refused];
    for (const card of all) await touch(card);
    for (const [index, card] of all.entries()) await letWait(system, card, 100 - index);
    await system.sql('update pass set announced_version = version where id = $1', [pushed.passId]);
    await system.sql('update device_registration set last_pushed_version = 2 where pass_id = $1', [pushed.passId]);
    await system.sql('delete from device_registration where pass_id = $1', [removed.passId]);
    await withShop(shop.shopId, (tx) => noteProblem(tx, refused.passId, 'apns-certificate-refused'));
    await makeCard();
    const { cards, figures } = await freshnessPage(shop.shopId, null);
    expect(cards.map(({ memberId, cause, canRetry }) => ({ memberId, cause, canRetry }))).toEqual([
      { memberId: pushed.memberId, cause: 'not-fetched', canRetry: true },
      { memberId: queued.memberId, cause: 'waiting', canRetry: true },
      { memberId: removed.memberId, cause: 'not-registered', canRetry: false },
      { memberId: refused.memberId, cause: 'certificate-stopped', canRetry: true },
    ]);
    expect(cards.every(({ cause }) => staleCauses.includes(cause))).toBe(true);
    expect(figures).toMatchObject({ total: 5, fresh: 1, stale: 4 });
    await see(refused, 2);
    expect((await freshnessPage(shop.shopId, null)).cards).toHaveLength(3);
  });

  it('goes on where a page ended, with no card twice and none left out', async () => {
    const card = await makeCard();
    // Many at the very same moment, as after a new design.
    await system.sql(
      `with added as (
         insert into member (shop_id, id, program_id, card_id, enrolled_at, enrolled_via)
         select shop_id, gen_random_uuid(), program_id, 'many-' || n, now(), 'link' from member, generate_series(1, 120) n
         where id = $1 returning shop_id, id
       )
       insert into pass (shop_id, id, member_id, wallet, serial, seen_version, version, stale_since)
       select shop_id, gen_random_uuid(), id, 'google', gen_random_uuid()::text, 1, 2, now() from added`,
      [card.memberId],
    );
    await touch(card);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof freshnessPage>> = await freshnessPage(shop.shopId, cursor);
      seen.push(...page.cards.map(({ passId }) => passId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    const stale = await system.sql<{ id: string }>(
      'select id from pass where shop_id = $1 and stale_since is not null',
      [shop.shopId],
    );
    expect(seen.length).toBe(121);
    expect(seen.toSorted()).toEqual(stale.map(({ id }) => id).toSorted());
    expect((await freshnessPage(shop.shopId, 'nonsense')).cards).toHaveLength(50);
  });

  it('says why a job failed until the card arrives', async () => {
    const card = await makeCard();
    await touch(card);
    const failure = new Unavailable('apns-unavailable', 'no answer');
    const job = { shopId: shop.shopId, passId: card.passId };
    await expect(watchPass(job, () => Promise.reject(failure))).rejects.toBe(failure);
    expect((await freshnessPage(shop.shopId, null)).cards).toMatchObject([{ cause: 'wallet-unreachable' }]);
    await see(card, 2);
    await touch(card);
    expect((await freshnessPage(shop.shopId, null)).cards).toMatchObject([{ cause: 'waiting' }]);
  });
});

describe('the metrics', () => {
  const bucketOf = (text: string, bound: string) =>
    Number.parseInt(text.split(`_seconds_bucket{wallet="apple",le="${bound}"} `)[1] ?? '', 10);

  it('say how fast the whole fleet is, cumulatively, and never fall when hours are folded', async () => {
    const before = await freshnessMetrics();
    const [fast, slow] = [await makeCard(), await makeCard()];
    for (const card of [fast, slow]) await touch(card);
    await see(fast, 2);
    await letWait(system, slow, 100_000);
    await see(slow, 2);
    const after = await freshnessMetrics();
    expect(bucketOf(after, '60') - bucketOf(before, '60')).toBe(1);
    expect(bucketOf(after, '+Inf') - bucketOf(before, '+Inf')).toBe(2);
    expect(after).toMatch(/stampwell_pass_updates_in_time_ratio\{wallet="apple"\} 0\.\d+/);
    expect(after).toContain('# TYPE stampwell_pass_update_seconds histogram');
    expect(after.includes(shop.shopId)).toBe(false);
    await system.sql(`update freshness_total set hour = hour - interval '3 days' where hour > 'epoch'`);
    await foldFreshnessTotals();
    await foldFreshnessTotals();
    const folded = await freshnessMetrics();
    const counters = (text: string) => text.split('\n').filter((line) => /_(bucket|count|sum)/.test(line));
    expect(counters(folded)).toEqual(counters(after));
    expect(folded).not.toContain('ratio{');
  });

  async function readMetrics() {
    const server = createServer((_request, response) => void handleMetrics(response));
    const port = await listen(server, 0);
    const answer = await call({ url: `http://127.0.0.1:${port}/metrics` });
    await closeServer(server);
    return answer;
  }

  it('are on the page that Prometheus reads, beside those of the process', async () => {
    const { status, body } = await readMetrics();
    expect(status).toBe(200);
    expect(body.toString()).toContain('stampwell_pass_update_seconds_count{wallet="google"}');
    expect(body.toString()).toContain('process_cpu_seconds_total');
  });

  it('W30 have every name that a shipped alert rule asks for, and every label with its values', async () => {
    const page = (await readMetrics()).body.toString();
    const names = new Set(
      [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name, type]) =>
        type === 'histogram' ? [`${name}_bucket`] : [name],
      ),
    );
    const rules = readFileSync('docs/alert-rules.yml', 'utf8')
      .split(/^ {6}- alert: /m)
      .slice(1);
    expect(rules.length).toBeGreaterThan(5);
    for (const rule of rules) {
      expect(rule).toMatch(
        /^\w+\n {8}expr: .+\n {8}for: \d+m\n {8}labels:\n {10}severity: (page|warn)\n {8}annotations:\n {10}summary: .+\n$/,
      );
      const expression = /expr: (.+)/.exec(rule)?.[1] ?? '';
      const asked = [...expression.matchAll(/\b(?:stampwell|nodejs|process)_\w+/g)].map(([name]) => name);
      expect([rule, asked.filter((name) => !names.has(name))]).toEqual([rule, []]);
      expect(asked.length > 0 || expression === 'up{job="stampwell"} == 0').toBe(true);
      for (const [, area] of expression.matchAll(/area="(\w+)"/g))
        expect(readFileSync('app/edge/router.ts', 'utf8')).toContain(`{ area: '${area}'`);
    }
  });
});

describe('the public status', () => {
  it('W30 says to anybody how the service is, and nothing of shops, settings or reasons', async () => {
    const ask = async () => {
      const { status, body, headers } = await call({ url: `${edge.url}/status.json` });
      expect([status, headers['access-control-allow-origin']]).toEqual([200, '*']);
      return JSON.parse(body.toString()) as { status: string; components: { state: string }[] };
    };
    const good = await ask();
    expect(good).toMatchObject({ status: 'up', cardUpdates: { withinSeconds: 60 } });
    expect(Object.keys(good).toSorted()).toEqual(['cardUpdates', 'checkedAt', 'components', 'status']);
    const topic = { passTypeIdentifier: 'pass.com.secret-lane' };
    await noteLanes([{ ...topic, refusal: 'BadCertificate' }]);
    const bad = await ask();
    await noteLanes([{ ...topic, refusal: null }]);
    expect([bad.status, bad.components.map(({ state }) => state)]).toEqual(['degraded', ['up', 'up', 'degraded']]);
    expect(JSON.stringify(bad)).not.toMatch(/secret-lane|BadCertificate|postgres|127\.0\.0\.1/);
    expect(JSON.stringify(bad)).not.toContain(shop.shopId);
    expect(await ask()).toMatchObject({ status: 'up' });
  });
});
