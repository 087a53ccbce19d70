/**
 * Every door of the product, asked by one shop for what is another's: nothing is found, nothing is told, nothing changes. Then
 * the same with the product's own checks taken out of its statements, where row-level security alone must do.
 */
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { apiOperations } from '#app/contracts/api-operations.ts';
import { posRoutes } from '#app/edge/pos-routes.ts';
import { storefrontRoutes } from '#app/edge/storefront-routes.ts';
import { releaseReservation } from '#app/flows/members/release-reservation.ts';
import { memberDetail } from '#app/queries/member-detail.ts';
import routes from '#app/routes.ts';
import { call } from '#test/platform/http.ts';
import { type BareStatements, removeShopChecks } from '#test/support/crossing/bare-statements.ts';
import { modulePath, type PageCall, pageModules, type Told } from '#test/support/crossing/calls.ts';
import {
  allLines,
  ask,
  type Attempt,
  attemptsOf,
  eachOf,
  isRefused,
  keptOf,
  openStage,
  rowsOf,
  type Stage,
  titleOf,
} from '#test/support/crossing/crossing.ts';
import { namesNothing, plainFields } from '#test/support/crossing/page-lines.ts';
import { readPageSource, wordsIn } from '#test/support/crossing/page-source.ts';
import { apiBodies } from '#test/support/crossing/shopper-lines.ts';
import { canary, type Ids, tables } from '#test/support/crossing/sides.ts';
import { difference, leastDifference, measure, tMax } from '#test/support/timing.ts';

let stage: Stage;
let attempts: Attempt[];
/** What is told of an id that exists nowhere, by attempt. */
const unknown = new Map<Attempt, Told>();

beforeAll(async () => {
  stage = await openStage();
  attempts = allLines.flatMap((line) => attemptsOf(line, stage.attacker.side));
});
afterAll(() => stage.close());

type RouteEntry = { file: string; children?: RouteEntry[] };
const flat = (entries: RouteEntry[]): RouteEntry[] =>
  entries.flatMap((entry) => [entry, ...flat(entry.children ?? [])]);
const pages = flat(routes as RouteEntry[]).map(({ file }) => file.replace(/^routes\//, '').replace(/\.tsx$/, ''));

const linesOf = (route: string) => allLines.filter((line) => line.route === route);

/** The requests of a page's lines, as they would be sent at home. */
const pageCalls = (page: string): PageCall[] =>
  allLines.flatMap((line) => {
    const built = line.build(stage.attacker.side.ids, stage.attacker.side);
    return built.door === 'page' && built.page === page ? [built] : [];
  });

/** Whoever made a new door reads where it belongs. */
const hint = 'add lines to test/support/crossing, or say there that nothing of a shop is named';
const expectNone = (missing: string[]) => expect({ hint, missing }).toEqual({ hint, missing: [] });

describe('experiment 13: the manifest', () => {
  it('has a line for every operation of the API, and a body for each id that a body can name', () => {
    expect(apiOperations.filter(({ id }) => linesOf(id).length === 0)).toEqual([]);
    const missing = apiOperations.filter(({ id, body }) => body !== null && apiBodies[id] === undefined);
    expectNone(missing.map(({ id }) => id));
    // Names that integrators give themselves, those of rewards, which stand in a program, and numbers of Shopify's own.
    const own = new Set(['externalId', 'rewardId', 'locationId', 'orderId']);
    const unnamed = apiOperations.flatMap(({ id, body }) => {
      if (body === null) return [];
      const { properties = {} } = body.toJSONSchema({ unrepresentable: 'any', io: 'input' });
      const named = new Set((apiBodies[id] ?? []).flatMap((one) => Object.keys(one.body(stage.attacker.side.ids))));
      const ids = Object.keys(properties).filter((name) => /(Ids?|Code|code)$/.test(name) && !own.has(name));
      return ids.filter((name) => !named.has(name)).map((name) => `${id}: ${name}`);
    });
    expectNone(unnamed);
  });

  it('has a line for every page and form, or says that it names nothing', async () => {
    const missing: string[] = [];
    for (const page of pages) {
      const module = await pageModules[modulePath(page)]?.();
      for (const handler of ['loader', 'action'] as const) {
        const door = `${page} ${handler}`;
        if (module?.[handler] !== undefined && linesOf(door).length === 0 && namesNothing[door] === undefined)
          missing.push(door);
      }
    }
    expectNone(missing);
  });

  it('knows every intent of every form, and every field that a page reads', () => {
    const missing = pages.flatMap((page) => {
      const { intents, fields, unread } = readPageSource(page);
      const door = `${page} action`;
      const known = new Set([...linesOf(door).map(({ intent }) => intent), ...(namesNothing[door] ?? [])]);
      const sent = new Set(
        pageCalls(page).flatMap(({ params, query, form }) => Object.keys({ ...params, ...query, ...form })),
      );
      return [
        ...[...intents].filter((intent) => !known.has(intent)).map((intent) => `${door}: intent ${intent}`),
        ...[...fields]
          .filter((name) => !sent.has(name) && !plainFields.has(name) && !plainFields.has(`${page}:${name}`))
          .map((name) => `${page}: ${name}`),
        ...unread.map((text) => `${page}: ${text}`),
      ];
    });
    expectNone(missing);
  });

  it('has a line for every route of tills, checkouts, themes, phones and OAuth, and knows every area of the edge', () => {
    const extensions = [...posRoutes, ...storefrontRoutes].map(({ method, path }) => `${method} ${path}`);
    expect(extensions.filter((route) => linesOf(route).length === 0)).toEqual([]);
    expect(new Set(wordsIn('app/edge/router.ts', 'area'))).toEqual(
      // Shopify and Google sign what they send and name the shop; pictures, health, documents and the clock are nobody's.
      new Set(['webhooks', 'wallet', 'images', 'extensions', 'proxy', 'api', 'trust', 'health', 'clock', 'nothing']),
    );
    // A device's list is of a device and not of a shop; what it logs is not kept.
    expect(wordsIn('app/edge/wallet.ts', 'endpoints')).toEqual(['devices/registrations/5', 'devices/registrations/4', 'passes//3', 'log//1']); // prettier-ignore
    // A token is asked for with a secret; a leaked secret is reported by whoever found it.
    expect(wordsIn('app/edge/oauth.ts', 'posts').filter((path) => linesOf(`POST ${path}`).length === 0)).toEqual(['/oauth/token', '/oauth/leaked-key']); // prettier-ignore
  });
});

/** Asks for what is the other's everywhere, and answers whatever is told otherwise than it would be of what exists nowhere. */
async function cross(isUnknownAsked: (attempt: Attempt) => boolean): Promise<string[]> {
  const different: string[] = [];
  const askBoth = async (attempt: Attempt) => {
    const told = await ask(stage, attempt, stage.victim.ids);
    if (isUnknownAsked(attempt)) unknown.set(attempt, await ask(stage, attempt, stage.nowhere));
    const expected = unknown.get(attempt);
    const isAlike = told.status === expected?.status && told.text === expected.text;
    if (!isAlike || !isRefused(attempt.line.refusal, told) || told.text.includes(canary.name))
      different.push(`${titleOf(attempt)}: ${told.status} ${told.text} — ${expected?.status} ${expected?.text}`);
  };
  const isWord = ({ line }: Attempt) => line.refusal === 'word';
  await eachOf(
    attempts.filter((attempt) => !isWord(attempt)),
    askBoth,
  );
  // These may leave something behind at home: one at a time.
  for (const attempt of attempts.filter(isWord)) await askBoth(attempt);
  return different;
}

describe('experiment 13: another shop', () => {
  it('finds nothing by any id at any door, is answered in the words of what exists nowhere, and changes nothing', async () => {
    expect(attempts.length).toBeGreaterThan(150);
    const before = await keptOf(stage);
    expect(await cross(() => true)).toEqual([]);
    expect(await keptOf(stage)).toEqual(before);
  });

  it('lists nothing of it, whatever it is asked for', async () => {
    const { side, url } = stage.attacker;
    const { ids } = stage.victim;
    const headers = { authorization: `Bearer ${side.accessToken}` };
    for (const query of [
      '',
      `?email=${canary.email}`,
      `?shopifyCustomerId=${ids.customerId}`,
      '?externalId=crossing',
    ]) {
      const { body } = await call({ url: `${url}/api/v1/members${query}`, headers });
      expect(body.toString('utf8')).not.toContain(ids.memberId);
    }
    const { body } = await call({ url: `${url}/api/v1/programs`, headers });
    expect(body.toString('utf8')).not.toContain(ids.programId);
  });

  it('gets no answer of its own call replayed by the other with the same key', async () => {
    const key = randomUUID();
    const made: string[] = [];
    for (const { accessToken, ids } of [stage.victim, stage.attacker.side]) {
      const headers = { authorization: `Bearer ${accessToken}`, 'idempotency-key': key };
      const body = JSON.stringify({ externalId: 'same-key-1', programId: ids.programId });
      const answer = await call({ url: `${stage.attacker.url}/api/v1/members`, headers, body });
      expect(answer.status).toBe(201);
      made.push((JSON.parse(answer.body.toString('utf8')) as { id: string }).id);
    }
    expect(new Set(made).size).toBe(2);
  });

  it('learns nothing from how long it takes: an id of the other is refused as fast as one that exists nowhere', async () => {
    // Behind the door, where alone the two could differ: what comes before it is the same, and a hundred times as noisy.
    const { shopId } = stage.attacker.side.shop;
    const ways = {
      reading: (ids: Ids) => () => memberDetail(shopId, ids.memberId, {}).catch(() => null),
      changing:
        ({ reservationId }: Ids) =>
        () =>
          releaseReservation({ shopId, reservationId, actor: 'staff:1' }).catch(() => null),
    };
    for (const [name, way] of Object.entries(ways)) {
      const both = [way(stage.victim.ids), way(stage.nowhere)] as const;
      expect([name, await both[0](), await both[1]()]).toEqual([name, null, null]);
      // The measure itself: a door that looks once more before it refuses is found out.
      const twice = async () => [await both[0](), await both[0]()];
      const leaking: [number[], number[]] = [[], []];
      for (let round = 0; round < 20 && !(difference(leaking) > tMax); round += 1)
        await measure(leaking, 300, [twice, both[1]]);
      expect([name, difference(leaking)]).toEqual([name, expect.toSatisfy((t: number) => t > tMax)]);
      expect([name, await leastDifference(1_000, both)]).toEqual([name, expect.toSatisfy((t: number) => t < tMax)]);
    }
  });
});

describe('experiment 14: with its own checks taken out of every statement, the product', () => {
  let bare: BareStatements;
  beforeAll(() => {
    bare = removeShopChecks();
  });
  afterAll(() => bare.end());

  it('still finds nothing, tells nothing and changes nothing: row-level security alone stops all of it', async () => {
    const before = await keptOf(stage);
    // What leaves something behind at home is compared anew: all else with what was told before.
    expect(await cross(({ line }) => line.refusal === 'word')).toEqual([]);
    expect(await keptOf(stage)).toEqual(before);
    expect(bare.changed()).toBeGreaterThan(100);
    expect(bare.left()).toEqual([]);
  });

  it('goes on working at home, so that every attempt above was refused for its id and for nothing else', async () => {
    const same: string[] = [];
    // At home all names of a line are one's own, so one attempt of each is enough.
    const lines = attempts.filter(({ line }, place) => attempts.findLastIndex((one) => one.line === line) === place);
    const inOrder = lines.toSorted((one, two) => (one.line.rank ?? 0) - (two.line.rank ?? 0));
    for (const attempt of inOrder.filter(({ line }) => line.refusal !== 'word')) {
      const told = await ask(stage, attempt, stage.attacker.side.ids);
      const expected = unknown.get(attempt);
      if (told.status === expected?.status && told.text === expected.text)
        same.push(`${titleOf(attempt)}: ${told.text}`);
    }
    expect(same).toEqual([]);
  });

  const isToldMore = async (attempt: Attempt) => {
    const nobody = await ask(stage, attempt, stage.nowhere);
    const told = await ask(stage, attempt, stage.victim.ids);
    return told.status !== nobody.status || told.text !== nobody.text;
  };

  it.each(Object.entries(tables))('would let somebody through if %s were not kept apart by the database', async (table, names) => {
    await stage.system.sql(`alter table ${table} disable row level security`);
    const before = await rowsOf(stage, table);
    const through: Attempt[] = [];
    const isReading = ({ line }: Attempt) => line.route.includes('loader') || line.route.startsWith('get');
    const asked = attempts.filter((attempt) => attempt.names.length === 1 && names.includes(attempt.names[0] as keyof Ids));
    for (const attempt of asked.toSorted((one, two) => Number(isReading(two)) - Number(isReading(one)))) {
      if (await isToldMore(attempt)) through.push(attempt);
      if (through.length > 0) break;
    }
    const isChanged = JSON.stringify(before) !== JSON.stringify(await rowsOf(stage, table));
    await stage.system.sql(`alter table ${table} enable row level security`);
    expect([...through.map(titleOf), ...(isChanged ? ['changed'] : [])]).not.toEqual([]);
    for (const attempt of through) expect([titleOf(attempt), await isToldMore(attempt)]).toEqual([titleOf(attempt), false]);
  }); // prettier-ignore
});
