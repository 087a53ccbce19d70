/** Pictures for the strip, and logos that are fetched from the web: from the merchant to the cards of members. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { downloadApplePass } from '#app/flows/cards/download-apple-pass.ts';
import { fetchLogo } from '#app/flows/cards/fetch-logo.ts';
import { publishCardDesign } from '#app/flows/cards/publish-card-design.ts';
import { uploadStripPicture } from '#app/flows/cards/upload-strip-picture.ts';
import { plainProgram } from '#app/domain/programs/program.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { pngSize } from '#app/gateways/pass-images.ts';
import { InvalidInput, RateLimited } from '#app/lib/errors.ts';
import { guardedFetch, type GuardedAnswer, type GuardedLimits } from '#app/lib/guarded-fetch.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { makeDocument, makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts'; // prettier-ignore
import { logoPicture } from '#test/support/logo-files.ts';
import { tokenOf } from '#test/support/lost-cards.ts';
import { trustRoot } from '#test/support/trust-root.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';
import { call } from '#test/platform/http.ts';
import { conformantPass } from '#test/support/conformant-pass.ts';

const actor = 'staff:1';

let wallets: TestWallets;
let system: TestSystem;
let edge: Edge;
let shop: TestShop;
let other: TestShop;
let forgetRoot: () => void;
let picture: Buffer;

beforeAll(async () => {
  wallets = await startWallets();
  forgetRoot = trustRoot(wallets.pems.root);
  system = await openTestSystem('stampwell_web');
  edge = await startEdge();
  other = await makeShop();
  picture = await logoPicture({ width: 1_125, height: 432 }).png().toBuffer();
});
afterAll(async () => {
  await edge.close();
  await system.close();
  await wallets.close();
  forgetRoot();
});
beforeEach(async () => {
  shop = await makeShop();
});

const upload = (where = shop, content = picture) => uploadStripPicture({ shopId: where.shopId, content, actor });
const publish = (stripImage: string, where = shop) =>
  publishCardDesign({
    shopId: where.shopId,
    programId: where.programId,
    design: { ...starterDesign('Blue Door'), stripImage },
    actor,
  });
const auditsOf = (where: TestShop, action: string) =>
  system.sql('select object from audit_record where shop_id = $1 and action = $2', [where.shopId, action]);
const show = (path: string) => call({ url: `${edge.url}/images/${path}` });

async function passFiles(cardUrl: string): Promise<Map<string, Buffer>> {
  const { body } = await downloadApplePass({ token: tokenOf(cardUrl) });
  return (await conformantPass(body, wallets.pems.root)).files;
}

describe('a picture for the strip', () => {
  it('is kept once, however often and at once it is sent, and is another shop’s only if they send it too', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => upload()));
    expect(new Set(answers.map(({ hash }) => hash)).size).toBe(1);
    const hash = answers[0]?.hash ?? '';
    expect(await auditsOf(shop, 'strip.upload')).toEqual([{ object: `image:${hash}` }]);
    await expect(publish(hash, other)).rejects.toMatchObject({
      code: 'strip-not-found',
      issues: [{ path: 'stripImage', message: expect.any(String) as string }],
    });
    await upload(other);
    await publish(hash, other);
  });

  it('lies behind the stamps of passes and of Google’s picture once it is published', async () => {
    const { cardUrl } = await makeMember(shop);
    const before = await passFiles(cardUrl);
    const { number } = await publish((await upload()).hash);
    const after = await passFiles(cardUrl);
    for (const [index, name] of ['strip.png', 'strip@2x.png', 'strip@3x.png'].entries()) {
      expect(after.get(name)).not.toEqual(before.get(name));
      expect(pngSize(after.get(name) ?? Buffer.alloc(0))).toEqual({
        width: 375 * (index + 1),
        height: 144 * (index + 1),
      });
    }
    expect(after.get('logo.png')).toEqual(before.get('logo.png'));
    const hero = await show(`${shop.programId}/${number}/hero/10/3.png`);
    expect(hero.body).not.toEqual((await show(`${shop.programId}/1/hero/10/3.png`)).body);
  });

  it('stands alone on a card of points, in both wallets', async () => {
    const points = await makeShop(
      makeDocument({
        ...plainProgram,
        units: [{ kind: 'point', id: 'points', label: 'Points' }],
        earnRules: makeDocument().earnRules.filter((rule) => rule.unit === 'points'),
        rewards: [],
      }),
    );
    const { cardUrl } = await makeMember(points);
    expect((await passFiles(cardUrl)).has('strip.png')).toBe(false);
    const { hash } = await upload(points);
    const { number } = await publish(hash, points);
    expect((await passFiles(cardUrl)).has('strip@3x.png')).toBe(true);
    const hero = await show(`${points.programId}/${number}/hero.png`);
    expect([hero.status, pngSize(hero.body)]).toEqual([200, { width: 1_032, height: 336 }]);
    expect((await show(`${points.programId}/1/hero.png`)).status).toBe(404);
  });

  it('is shown by its hash for previews, and nothing else is', async () => {
    const { hash } = await upload();
    const answer = await show(`strip/${hash}.png`);
    const head = await call({ url: `${edge.url}/images/strip/${hash}.png`, method: 'HEAD' });
    expect([head.status, head.body.length, head.headers['content-length']]).toEqual([
      200,
      0,
      String(answer.body.length),
    ]);
    expect([answer.status, pngSize(answer.body)]).toEqual([200, { width: 1_125, height: 432 }]);
    expect(answer.headers).toMatchObject({ 'content-type': 'image/png', 'x-content-type-options': 'nosniff' });
    expect((await show(`strip/${'0'.repeat(64)}.png`)).status).toBe(404);
  });

  it('that is refused leaves nothing, and fifty pictures a day are the end', async () => {
    await expect(upload(shop, Buffer.from('<svg onload="alert(1)"/>'))).rejects.toThrow(InvalidInput);
    expect(await system.sql('select 1 from shop_image where shop_id = $1', [shop.shopId])).toEqual([]);
    await system.sql(
      `insert into shop_image (shop_id, hash, content, width, height, created_at)
       select $1, lpad(to_hex(n), 64, '0'), '\\x00', 1, 1, now() from generate_series(1, 50) n`,
      [shop.shopId],
    );
    await expect(upload()).rejects.toThrow(RateLimited);
  });
});

describe('a logo from the web', () => {
  const asked: GuardedLimits[] = [];
  const answering = (answer: Partial<GuardedAnswer>) => (_request: unknown, limits: GuardedLimits) => {
    asked.push(limits);
    return Promise.resolve({ status: 200, headers: {}, body: picture, ...answer });
  };
  const fetchFrom = (answer: Partial<GuardedAnswer>) =>
    fetchLogo({ shopId: shop.shopId, url: 'https://shop.example/logo.png', actor, fetch: answering(answer) });

  it('is kept like one that was uploaded, and fetched within limits', async () => {
    const { hash } = await fetchFrom({});
    expect(await fetchFrom({})).toEqual({ hash });
    expect(await auditsOf(shop, 'logo.upload')).toEqual([{ object: `image:${hash}` }]);
    expect(asked[0]).toMatchObject({ redirectsMax: 3, bytesMax: 2 * 1024 * 1024, timeoutMs: 10_000 });
    expect((await show(`logo/${hash}.png`)).status).toBe(200);
  });

  it('is refused with the field that is wrong', async () => {
    await expect(fetchFrom({ status: 404 })).rejects.toMatchObject({
      code: 'url-no-picture',
      issues: [{ path: 'url' }],
    });
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>');
    await expect(fetchFrom({ body: svg })).rejects.toMatchObject({ code: 'logo-not-a-picture', issues: [{ path: 'logo' }] }); // prettier-ignore
    expect(await system.sql('select 1 from shop_image where shop_id = $1', [shop.shopId])).toEqual([]);
  });

  it.each([
    'https://127.0.0.1/logo.png',
    'https://localhost/logo.png',
    'http://shop.example/logo.png',
    `https://[::ffff:7f00:1]/`,
  ])('is never looked for inside: %s', async (url) => {
    const work = fetchLogo({ shopId: shop.shopId, url, actor, fetch: guardedFetch });
    await expect(work).rejects.toMatchObject({ issues: [{ path: 'url' }] });
  });
});
