import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { makeShop, openTestSystem, orderBody, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { type Edge, headersOf, hmacOf, post, startEdge, talk } from '#test/support/edge.ts';

let system: TestSystem;
let shop: TestShop;
let edge: Edge;
beforeAll(async () => {
  system = await openTestSystem('stampwell_web');
  shop = await makeShop();
  edge = await startEdge();
});
afterAll(async () => {
  await edge.close();
  await system.close();
});

const body = JSON.stringify(orderBody());
const good = hmacOf(body);
const mebibyte = 1024 * 1024;

async function stored(): Promise<number> {
  const [row] = await system.sql<{ n: number }>('select count(*)::int as n from inbox');
  return row?.n ?? -1;
}

/** The request as raw bytes, so that nothing between tidies it up. */
function rawHead(headers: [string, string][]): string {
  return `POST /webhooks/shopify HTTP/1.1\r\nhost: x\r\n${headers.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`;
}

describe('the signature of a delivery', () => {
  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['of other bytes', hmacOf(`${body} `)],
    ['made with another secret', hmacOf(body, 'wrong-secret')],
    ['truncated', good.slice(0, -4)],
    ['without its padding', good.slice(0, -1)],
    ['hex-coded', Buffer.from(good, 'base64').toString('hex')],
    ['base64 of the hex', Buffer.from(Buffer.from(good, 'base64').toString('hex')).toString('base64')],
    ['written twice in one header', `${good}, ${good}`],
    ['written twice without a break', `${good}${good}`],
    ['followed by more', `${good}AAAA`],
    ['with a space inside', `${good.slice(0, 20)} ${good.slice(20)}`],
    ['in the URL alphabet', Buffer.alloc(32, 255).toString('base64url')],
    [
      'with spare bits set',
      `${good.slice(0, 42)}${good.charAt(42) === 'A' ? 'B' : String.fromCharCode(good.charCodeAt(42) + 1)}=`,
    ],
    ['not base64 at all', 'ÿ'.repeat(44)],
  ])('that is %s is refused with 401 and nothing is stored', async (_name, hmac) => {
    const before = await stored();
    const answer = await post(edge, { body, shop: shop.domain, headers: { 'x-shopify-hmac-sha256': hmac } });
    const challenge = answer.headers['www-authenticate'];
    expect([answer.status, answer.body.length, challenge]).toEqual([401, 0, 'Shopify-Hmac-SHA256 realm="Stampwell"']);
    expect(await stored()).toBe(before);
  });

  it('that comes in two headers is refused', async () => {
    const usual = Object.entries({ ...headersOf({ body, shop: shop.domain }), 'content-length': String(body.length) });
    const doubled: [string, string][] = [...usual, ['x-shopify-hmac-sha256', good], ['connection', 'close']];
    expect(await talk(edge, async (send) => void (await send(rawHead(doubled) + body)))).toMatch(/^HTTP\/1.1 401 /);
  });

  it('made with the secret before the newest is still accepted', async () => {
    expect((await post(edge, { body, shop: shop.domain, secret: 'older-secret' })).status).toBe(200);
  });

  it('is judged before the headers and the body are looked at', async () => {
    const answer = await post(edge, { body: '{', shop: 'nonsense', headers: { 'x-shopify-hmac-sha256': good } });
    expect(answer.status).toBe(401);
  });
});

describe('the headers of a delivery', () => {
  it.each([
    ['without a topic', { 'x-shopify-topic': undefined }],
    ['with a topic that is none', { 'x-shopify-topic': '../../etc/passwd' }],
    ['without a shop', { 'x-shopify-shop-domain': undefined }],
    ['of a shop elsewhere', { 'x-shopify-shop-domain': 'shop.example.com' }],
    ['of a shop that only ends alike', { 'x-shopify-shop-domain': 'evil.com/x.myshopify.com' }],
    ['without a delivery id', { 'x-shopify-webhook-id': undefined }],
    ['with an endless delivery id', { 'x-shopify-webhook-id': 'x'.repeat(300) }],
    ['that claim a compressed body', { 'content-encoding': 'gzip' }],
    ['that claim an unknown coding', { 'content-encoding': 'br, identity' }],
  ])('%s are refused with 400', async (_name, headers) => {
    const before = await stored();
    expect((await post(edge, { body, shop: shop.domain, headers })).status).toBe(400);
    expect(await stored()).toBe(before);
  });
});

describe('the body of a delivery', () => {
  it.each([
    ['is empty', ''],
    ['is cut off', body.slice(0, -1)],
    ['is followed by more', `${body}{}`],
    ['is a script', 'alert(1)'],
    ['has a byte order mark', `\uFEFF${body}`],
  ])('that %s is refused with 400', async (_name, text) => {
    expect((await post(edge, { body: text, shop: shop.domain })).status).toBe(400);
  });

  it.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a sequence cut off', [0xe2, 0x82]],
  ])('that is not UTF-8 (%s) is refused with 400', async (_name, bytes) => {
    const text = Buffer.concat([Buffer.from('{"note":"'), Buffer.from(bytes), Buffer.from('"}')]);
    expect((await post(edge, { body: text, shop: shop.domain })).status).toBe(400);
  });

  it('of exactly 2 MiB is read, one byte more is refused with 413', async () => {
    const fitting = Buffer.alloc(2 * mebibyte, ' ');
    fitting.write('{}');
    expect((await post(edge, { body: fitting, shop: shop.domain })).status).toBe(200);
    expect((await post(edge, { body: Buffer.concat([fitting, Buffer.from(' ')]), shop: shop.domain })).status).toBe(
      413,
    );
  });

  it('that lies about its length is refused with 413 before it was sent', async () => {
    const head = rawHead([['content-length', String(1024 * mebibyte)]]);
    expect(await talk(edge, async (send) => void (await send(head)))).toMatch(/^HTTP\/1.1 413 /);
  });

  it('that never ends and never says its length is cut off with 413, and memory stays flat', async () => {
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, ' '), Buffer.from('\r\n')]);
    const before = process.memoryUsage().rss;
    let chunks = 0;
    const answer = await talk(edge, async (send) => {
      await send(rawHead([['transfer-encoding', 'chunked']]));
      while (chunks < 4_096 && (await send(chunk))) chunks += 1;
    });
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(chunks).toBeLessThan(4_096);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * mebibyte);
  });

  it('that is a gzip bomb is never unpacked', async () => {
    const member = gzipSync(Buffer.alloc(16 * mebibyte));
    const bomb = Buffer.concat(Array.from({ length: 60 }, () => member));
    const before = process.memoryUsage().rss;
    for (const headers of [{ 'content-encoding': 'gzip' }, {}])
      expect((await post(edge, { body: bomb, shop: shop.domain, headers })).status).toBe(400);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * mebibyte);
  });

  it('that is compressed well and signed as such is refused all the same', async () => {
    const answer = await post(edge, {
      body: gzipSync(body),
      shop: shop.domain,
      headers: { 'content-encoding': 'gzip' },
    });
    expect(answer.status).toBe(400);
  });

  it('that is never finished leaves nothing behind', async () => {
    const before = await stored();
    const head = rawHead([
      ...Object.entries(headersOf({ body, shop: shop.domain })),
      ['content-length', String(body.length)],
    ]);
    for (const part of [head.slice(0, 60), head, head + body.slice(0, 100)])
      await new Promise<void>((resolve) => {
        const socket = connect(edge.port, '127.0.0.1', () =>
          socket.write(part, () => setTimeout(() => socket.destroy(), 30)),
        );
        socket.on('close', () => resolve());
      });
    expect(await stored()).toBe(before);
    expect((await post(edge, { body, shop: shop.domain })).status).toBe(200);
  });
});
