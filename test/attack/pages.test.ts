/** What a hostile name, page or form can do to people's browsers: nothing. On the running system, in a real browser. */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';

import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';

import { sectionsFor } from '#app/components/admin/sections.ts';
import { defaultProgram } from '#app/domain/programs/default-program.ts';
import { call } from '#test/platform/http.ts';
import { setStage } from '#test/support/browser-stage.ts';
import { jsonOf, tokenFor } from '#test/support/callers.ts';
import { joinShop, type OpenShop, openShop } from '#test/support/shop-floor.ts';

const hostile = `"'><img src=x onerror=window.owned=2><script>window.owned=1</script>{{7*7}}`;
/** As long as names of programs and rewards may be. */
const hostileName = '<img src=x onerror=window.owned=1>';

// Two web processes: while one has slow callers, the other says how fast this machine is.
const stage = setStage(() => ({ stage: 'test', webCount: 2 }));
let shop: OpenShop;
let cardUrl: string;
let token: string;
/** Those who are slow begin at once: until they are let go, other tests have their time. */
let slow: Promise<{ answer: string; afterMs: number }[]>;
/** How long others waited meanwhile, there and where nobody is slow. */
let meanwhile: { besideSlow: number; besideNobody: number };

beforeAll(async () => {
  const port = Number(new URL(stage.system.addresses.app).port);
  slow = Promise.all(Array.from({ length: 200 }, () => dawdle(port)));
  meanwhile = await waitOfOthers();
  shop = await openShop(stage.system, 'hostile-names.myshopify.com');
  token = await tokenFor(stage.system.addresses.app, shop);
  const plain = defaultProgram({ shopName: 'Names', currency: 'USD' });
  const document = {
    ...plain,
    name: hostileName,
    rewards: plain.rewards.map((reward) => ({ ...reward, name: hostileName })),
  };
  await done('PUT', `/programs/${shop.programId}/draft`, document);
  await done('POST', `/programs/${shop.programId}/publish`, {});
  ({ cardUrl } = await joinShop(stage.system, shop));
  const member = { name: hostile.slice(0, 100), externalId: randomUUID(), programId: shop.programId };
  await done('POST', '/members', member);
});

async function write(method: string, path: string, body: unknown): Promise<{ status: number; text: string }> {
  const answer = await call({
    url: `${stage.system.addresses.app}/api/v1${path}`,
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, text: answer.body.toString('utf8') };
}

/** A call that must work for anything here to mean something. */
async function done(method: string, path: string, body: unknown): Promise<void> {
  const { status, text } = await write(method, path, body);
  if (status >= 300) throw new Error(`${path} was answered with ${status}: ${text}`);
}

/** What was run that came from a name, in the page and in every frame of it, also one that waits to be looked at. */
async function owned(page: Page): Promise<(number | null)[]> {
  await page.locator('iframe[loading=lazy]').evaluateAll((frames) => {
    for (const frame of frames) frame.setAttribute('loading', 'eager');
  });
  return Promise.all(
    page.frames().map((frame) => frame.evaluate(() => (window as unknown as { owned?: number }).owned ?? null)),
  );
}

function publicPages(): string[] {
  const { app } = stage.system.addresses;
  return [
    '/',
    `/join/${shop.programSlug}`,
    `/join/${shop.programSlug}/poster`,
    '/trust',
    '/security-report',
    '/card/nonsense',
  ]
    .map((path) => `${app}${path}`)
    .concat(cardUrl);
}

describe('experiment 21: a name that is a script', () => {
  it('runs on no page a shopper sees, and is read as it was written', async () => {
    for (const url of publicPages()) {
      const page = await stage.newPage();
      await page.goto(url);
      const found = await owned(page);
      expect({ url, owned: found.filter((value) => value !== null) }).toEqual({ url, owned: [] });
      await page.close();
    }
    const join = await call({ url: `${stage.system.addresses.app}/join/${shop.programSlug}`, method: 'GET' });
    expect(join.body.toString('utf8')).toContain('&lt;img src=x');
  });

  it('runs on no page of the admin', async () => {
    const paths = ['/app', ...sectionsFor('owner').flatMap(({ pages }) => pages.map(({ url }) => url))];
    expect(paths.length).toBeGreaterThan(10);
    for (const path of paths) {
      const { page } = await stage.openAdmin(shop.shopDomain, { path });
      const found = await owned(page);
      expect({ path, owned: found.filter((value) => value !== null) }).toEqual({ path, owned: [] });
      await page.close();
    }
  });
});

describe('every page', () => {
  it('F29 C09 sets no cookie, and none calls anybody else', async () => {
    for (const url of publicPages()) {
      const page = await stage.newPage();
      const strangers: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(stage.system.addresses.app) && !request.url().startsWith('data:'))
          strangers.push(request.url());
      });
      await page.goto(url);
      expect({ url, cookies: await page.context().cookies(), strangers }).toEqual({ url, cookies: [], strangers: [] });
      await page.close();
    }
  });

  it('W09 C07 may be framed by nobody but Shopify’s admin, runs no foreign script, and is not guessed at', async () => {
    for (const url of [...publicPages(), `${stage.system.addresses.app}/app?shop=${shop.shopDomain}&host=x`]) {
      const { headers } = await call({ url, method: 'GET' });
      const policy = String(headers['content-security-policy'] ?? '');
      if (headers.location !== undefined) continue;
      expect({ url, policy }).toMatchObject({ policy: expect.stringContaining("frame-ancestors 'none'") });
      expect(policy).toContain("script-src 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['set-cookie']).toBeUndefined();
    }
    const embedded = await stage.openAdmin(shop.shopDomain);
    expect(embedded.errors.filter((error) => error.includes('Content Security Policy'))).toEqual([]);
    await embedded.page.close();
  });
});

describe('an address that was never meant to be served', () => {
  it('is a 404 like any other: no repository, no source, no settings, no list of files, no word of what runs here', async () => {
    const paths = ['/.git/config', '/.git/HEAD', '/.env', '/package.json', '/lib/env.ts', '/assets/', '/metrics'];
    for (const path of [...paths, '/assets/..%2f..%2f..%2fpackage.json', '/%2e%2e/package.json', '/server/index.js']) {
      const { status, headers, body } = await call({ url: `${stage.system.addresses.app}${path}`, method: 'GET' });
      expect([path, status, headers['content-type']]).toEqual([path, 404, 'text/html; charset=utf-8']);
      expect(body.toString('utf8')).not.toMatch(
        /repositoryformatversion|"dependencies"|node_modules|index of|    at /i,
      );
      expect([headers['x-powered-by'], headers['server']]).toEqual([undefined, undefined]);
    }
    // Below the admin's address a stranger is asked who it is before anything is said, also of what does not exist.
    const asked = await call({ url: `${stage.system.addresses.app}/app/lib/env.ts`, method: 'GET' });
    expect([asked.status, asked.body.length]).toEqual([302, 0]);
    expect(asked.headers.location).toMatch(/^\/session-token\?/);
  });

  it('answers no TRACE: what a browser sent along does not come back', async () => {
    for (const path of ['/', '/trust', `/join/${shop.programSlug}`, '/app']) {
      const headers = { 'x-secret': 'canary-4711', cookie: 'canary=4712' };
      const { body } = await call({ url: `${stage.system.addresses.app}${path}`, method: 'TRACE', headers });
      expect(body.toString('utf8')).not.toMatch(/canary-4711|canary=4712/);
    }
  });

  it('says which methods it has: a pass and a save link are read, a page also takes a form', async () => {
    const path = new URL(cardUrl).pathname;
    for (const [asked, method, allow] of [
      [`${path}/apple.pkpass`, 'POST', 'GET, HEAD'],
      [`${path}/google`, 'POST', 'GET, HEAD'],
      [`${path}/code`, 'POST', 'GET, HEAD'],
      ['/export/x', 'POST', 'GET, HEAD'],
      ['/trust', 'POST', 'GET, HEAD'],
      ['/', 'POST', 'GET, HEAD'],
      [`/join/${shop.programSlug}/poster`, 'POST', 'GET, HEAD'],
      [path, 'DELETE', 'GET, HEAD, POST'],
    ] as const) {
      const answer = await call({ url: `${stage.system.addresses.app}${asked}`, method });
      expect([answer.status, answer.headers.allow]).toEqual([405, allow]);
      expect(answer.body.toString('utf8')).toBe(`Only ${allow.replace(/, (?=\w+$)/, ' and ')} are allowed here.`);
    }
  });
});

describe('what is no document', () => {
  it('says nosniff and is framed by nobody either: styles, scripts, files, refusals and redirects', async () => {
    const page = await call({ url: `${stage.system.addresses.app}/join/${shop.programSlug}`, method: 'GET' });
    const [style = '/'] = /\/assets\/[\w-]+\.css/.exec(page.body.toString('utf8')) ?? [];
    for (const path of [style, '/nothing', '/app/audit/file', '/card/nonsense/apple.pkpass', '/app?shop=x&host=y']) {
      const { headers } = await call({ url: `${stage.system.addresses.app}${path}`, method: 'GET' });
      expect([path, headers['x-content-type-options']]).toEqual([path, 'nosniff']);
      expect([path, String(headers['content-security-policy'])]).toEqual([
        path,
        expect.stringContaining('frame-ancestors'),
      ]);
    }
  });

  it('is kept by no browser where it is somebody’s: pages and data of the admin say no-store', async () => {
    for (const path of [
      `/app?shop=${shop.shopDomain}&host=x`,
      `/session-token?shop=${shop.shopDomain}`,
      `/join/${shop.programSlug}`,
    ]) {
      const { headers } = await call({ url: `${stage.system.addresses.app}${path}`, method: 'GET' });
      expect([path, String(headers['cache-control'])]).toEqual([path, expect.stringContaining('no-store')]);
    }
    const admin = await stage.newPage();
    const kept: string[] = [];
    admin.on('response', (response) => {
      const { pathname } = new URL(response.url());
      const control = response.headers()['cache-control'] ?? '';
      if (pathname.startsWith('/app') && !control.includes('no-store')) kept.push(pathname);
    });
    await admin.goto(`${stage.system.addresses.platform}/admin/${shop.shopDomain}?path=%2Fapp%2Fmembers`);
    await admin.waitForLoadState('networkidle');
    await admin.close();
    expect(kept).toEqual([]);
  });
});

describe('a form of another site', () => {
  it('is refused, and one without an origin has no session', async () => {
    for (const path of ['/app/program', '/app/staff', '/app/privacy', '/app/keys']) {
      const answer = await call({
        url: `${stage.system.addresses.app}${path}?shop=${shop.shopDomain}`,
        method: 'POST',
        headers: { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' },
        body: 'intent=save',
      });
      const bare = await call({
        url: `${stage.system.addresses.app}${path}?shop=${shop.shopDomain}`,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'intent=save',
      });
      expect({ path, status: bare.status }).toEqual({ path, status: 401 });
      expect({ path, status: answer.status }).toEqual({ path, status: 403 });
    }
  });
});

describe('experiment 23: settings that name the prototype', () => {
  it.each(['{"__proto__":{"isAdmin":true},"name":"x"}', '{"constructor":{"prototype":{"isAdmin":true}}}'])(
    'K04 are refused: %s',
    async (body) => {
      expect((await write('PUT', `/programs/${shop.programId}/draft`, body)).status).toBe(422);
      expect((await write('POST', '/members', body)).status).toBe(422);
      const { text } = await write('POST', '/members', { externalId: randomUUID(), programId: shop.programId });
      expect(text).not.toContain('isAdmin');
    },
  );
});

/** Somebody who sends a header a byte at a time: what they are answered in the end, and after how long. */
function dawdle(port: number): Promise<{ answer: string; afterMs: number }> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('POST /api/v1/members HTTP/1.1\r\nHost: x\r\nX-Slow: '),
    );
    const drip = setInterval(() => socket.writable && socket.write('x'), 500);
    let answer = '';
    socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      clearInterval(drip);
      resolve({ answer: answer.split('\r\n')[0] ?? '', afterMs: performance.now() - startedAt });
    });
  });
}

/** The middle of how long three hundred callers with nothing to hide wait at either process, in turns. */
async function waitOfOthers(): Promise<{ besideSlow: number; besideNobody: number }> {
  const { app, webs } = stage.system.addresses;
  const [besideSlow, besideNobody]: [number[], number[]] = [[], []];
  for (let index = 0; index < 300; index += 1)
    for (const [url, times] of [
      [app, besideSlow],
      [webs[1], besideNobody],
    ] as const) {
      const { status, durationMs } = await call({ url: `${url}/healthz` });
      expect(status).toBe(200);
      times.push(durationMs);
    }
  const middleOf = (times: number[]) => times.toSorted((one, two) => one - two)[150] ?? 0;
  return { besideSlow: middleOf(besideSlow), besideNobody: middleOf(besideNobody) };
}

describe('experiment 18: bodies that want too much', () => {
  it('that come a byte at a time are cut off with 408, 200 of them at once, and nobody else waits', async () => {
    for (const { answer, afterMs } of await slow) {
      expect(answer).toBe('HTTP/1.1 408 Request Timeout');
      expect(afterMs).toBeLessThan(20_000);
    }
    expect(meanwhile.besideSlow).toBeLessThan(2 * meanwhile.besideNobody + 1);
  });

  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
  const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`k${index}`, index])));
  it.each([
    ['deep', deep],
    ['wide', wide],
    ['with a number beyond all', '{"externalId":1e400}'],
    ['with NaN', '{"externalId":NaN}'],
    ['with a name twice', '{"externalId":"one","externalId":"two"}'],
    ['with half a character', '{"externalId":"\\ud800"}'],
    ['that are no text', Buffer.from([0xff, 0xfe, 0x00]).toString('latin1')],
  ])('%s get a clear no, and the next caller is served', async (_name, body) => {
    const refused = await write('POST', '/members', body);
    expect([400, 413, 422]).toContain(refused.status);
    const next = await call({
      url: `${stage.system.addresses.app}/api/v1/members?limit=1`,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(jsonOf(next)).toHaveProperty('members');
  });
});
