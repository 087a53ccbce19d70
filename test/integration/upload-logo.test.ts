/** A logo from the merchant's file to the cards of members. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
import { downloadApplePass } from '#app/flows/cards/download-apple-pass.ts';
import { publishCardDesign } from '#app/flows/cards/publish-card-design.ts';
import { uploadLogo } from '#app/flows/cards/upload-logo.ts';
import { starterDesign } from '#app/domain/cards/starter-design.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { InvalidInput, RateLimited } from '#app/lib/errors.ts';
import { pngSize } from '#app/gateways/pass-images.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { logoPicture } from '#test/support/logo-files.ts';
import { trustRoot } from '#test/support/trust-root.ts';
import { authorizationOf, createDevice, holdPass, passPath } from '#test/support/wallet-device.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';
import { call } from '#test/platform/http.ts';
import { conformantPass } from '#test/support/conformant-pass.ts';

const actor = 'staff:1';
const dayMs = 24 * 3_600_000;

let wallets: TestWallets;
let system: TestSystem;
let edge: Edge;
let shop: TestShop;
let forgetRoot: () => void;
let picture: Buffer;
beforeAll(async () => {
  wallets = await startWallets();
  forgetRoot = trustRoot(wallets.pems.root);
  system = await openTestSystem('stampwell_web');
  edge = await startEdge();
  picture = await logoPicture({ width: 640, height: 200 }).png().toBuffer();
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
afterEach(() => setClockOffsetMs(0));

const upload = (content = picture, where = shop) => uploadLogo({ shopId: where.shopId, content, actor });
const publish = (logoImage: string | null, where = shop) =>
  publishCardDesign({
    shopId: where.shopId,
    programId: where.programId,
    design: { ...starterDesign('Blue Door'), logoImage },
    actor,
  });
const imagesOf = (where: TestShop) =>
  system.sql<{ hash: string; width: number; height: number }>(
    'select hash, width, height from shop_image where shop_id = $1',
    [where.shopId],
  );
const auditsOf = (where: TestShop) =>
  system.sql<{ actor: string; object: string }>(
    `select actor, object from audit_record where shop_id = $1 and action = 'logo.upload'`,
    [where.shopId],
  );
const show = (path: string) => call({ url: `${edge.url}/images/${path}` });

async function passFiles(cardUrl: string): Promise<Map<string, Buffer>> {
  const { body } = await downloadApplePass({ token: cardUrl.split('/').at(-1) ?? '' });
  return (await conformantPass(body, wallets.pems.root)).files;
}

describe('uploading', () => {
  it('keeps the picture once, however often and at once it is sent, and notes who did it', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => upload()));
    const [image] = await imagesOf(shop);
    expect(answers).toEqual(Array.from({ length: 5 }, () => ({ hash: image?.hash })));
    expect(await imagesOf(shop)).toEqual([{ hash: image?.hash, width: 640, height: 200 }]);
    expect(await auditsOf(shop)).toEqual([{ actor, object: `image:${image?.hash}` }]);
    expect(await verifyChain({ shopId: shop.shopId, chain: 'audit' })).toMatchObject({ firstBad: null });
  });

  it('keeps nothing of a file that is refused', async () => {
    await expect(upload(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).rejects.toThrow(InvalidInput);
    expect(await imagesOf(shop)).toEqual([]);
    expect(await auditsOf(shop)).toEqual([]);
  });

  it('ends for the day after fifty different pictures, and goes on the next', async () => {
    await system.sql(
      `insert into shop_image (shop_id, hash, content, width, height, created_at)
       select $1, lpad(to_hex(n), 64, '0'), '\\x00', 1, 1, now() from generate_series(1, 50) n`,
      [shop.shopId],
    );
    await expect(upload()).rejects.toThrow(RateLimited);
    expect(await imagesOf(shop)).toHaveLength(50);
    setClockOffsetMs(dayMs + 60_000);
    await upload();
  });
});

describe('the address of a logo', () => {
  it('shows the picture as it is on the pass, to be kept for ever', async () => {
    const { hash } = await upload();
    const answer = await show(`logo/${hash}.png`);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'content-type': 'image/png', 'x-content-type-options': 'nosniff' });
    expect(answer.headers['cache-control']).toContain('immutable');
    expect(pngSize(answer.body)).toEqual({ width: 480, height: 150 });
  });

  it.each([`logo/${'0'.repeat(64)}.png`, 'logo/1.png', `logo/${'A'.repeat(64)}.png`, `logo/${'a'.repeat(64)}.svg`])(
    'that nobody uploaded is not found: %s',
    async (path) => {
      expect((await show(path)).status).toBe(404);
    },
  );
});

describe('a design', () => {
  it('with a logo puts it on passes at every scale, and on Google’s picture', async () => {
    const { cardUrl } = await makeMember(shop);
    const before = await passFiles(cardUrl);
    const { hash } = await upload();
    const { number } = await publish(hash);
    const after = await passFiles(cardUrl);
    expect(
      [1, 2, 3].map((scale) => pngSize(after.get(scale === 1 ? 'logo.png' : `logo@${scale}x.png`) ?? Buffer.alloc(0))),
    ).toEqual([
      { width: 160, height: 50 },
      { width: 320, height: 100 },
      { width: 480, height: 150 },
    ]);
    expect(after.get('logo@3x.png')).toEqual((await show(`logo/${hash}.png`)).body);
    expect(before.get('logo.png')).not.toEqual(after.get('logo.png'));
    expect(before.get('strip.png')).toEqual(after.get('strip.png'));
    const google = await show(`${shop.programId}/${number}/logo.png`);
    expect(pngSize(google.body)).toEqual({ width: 660, height: 660 });
    expect(google.body).not.toEqual((await show(`${shop.programId}/1/logo.png`)).body);
  });

  it('reaches a phone that asks for its pass, and leaves it again with the logo', async () => {
    const { cardUrl } = await makeMember(shop);
    const held = await holdPass(cardUrl, wallets.pems.root);
    const { hash } = await upload();
    const logoOnPhone = async () => {
      const answer = await createDevice(edge).ask(passPath(held), { authorization: authorizationOf(held) });
      return (await conformantPass(answer.body, wallets.pems.root)).files.get('logo@3x.png');
    };
    const stamp = await logoOnPhone();
    await publish(hash);
    expect(await logoOnPhone()).toEqual((await show(`logo/${hash}.png`)).body);
    await publish(null);
    expect(await logoOnPhone()).toEqual(stamp);
  });

  it('cannot use another shop’s logo, although its hash is public', async () => {
    const { hash } = await upload();
    const other = await makeShop();
    await expect(publish(hash, other)).rejects.toMatchObject({ code: 'logo-not-found' });
    await expect(publish('0'.repeat(64))).rejects.toMatchObject({ code: 'logo-not-found' });
    await upload(picture, other);
    await publish(hash, other);
  });

  it('falls back to its stamp when the picture is gone', async () => {
    const { cardUrl } = await makeMember(shop);
    const stamp = (await passFiles(cardUrl)).get('logo.png');
    await publish((await upload()).hash);
    // As after a restart: nobody remembers the picture.
    await system.sql(
      `update card_design set design = jsonb_set(design, '{logoImage}', to_jsonb(repeat('0', 64))) where shop_id = $1`,
      [shop.shopId],
    );
    expect((await passFiles(cardUrl)).get('logo.png')).toEqual(stamp);
  });
});
