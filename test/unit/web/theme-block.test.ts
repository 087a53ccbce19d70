// @vitest-environment jsdom
/// <reference lib="dom" />
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { shownEstimateQuerySchema } from '#app/contracts/shown-estimate.ts';
import { type BlockPlace, drawThemeBlock } from '#test/platform/theme-block.ts';

const theme = join(import.meta.dirname, '../../../extensions/theme-loyalty');
const script = readFileSync(join(theme, 'assets/estimate.js'), 'utf8');
const product = { productId: 11, variantId: 12, priceMinor: 380, isGiftCard: false };
const plain: BlockPlace = { product, locale: 'en', currency: 'USD', taxesIncluded: false };

type Reply = { status: number; body: unknown };
let requests: { url: string; body: unknown }[] = [];
let replies: Record<string, Reply | 'no-network'> = {};

const answer = (amounts: object[], isMember = true): Reply => ({
  status: 200,
  body: { programName: 'Coffee Club', isMember, isUpTo: false, amounts },
});
const points = (amount: number) => ({ unit: 'points', kind: 'point', label: 'Points', amount });

beforeEach(() => {
  requests = [];
  replies = {};
  vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
    requests.push({ url, body: typeof init?.body === 'string' ? JSON.parse(init.body) : null });
    const reply = replies[url] ?? 'no-network';
    if (reply === 'no-network') throw new TypeError('Failed to fetch');
    return new Response(JSON.stringify(reply.body), { status: reply.status });
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  document.body.innerHTML = '';
});

/** Draws the block into a page with a form of the theme and runs the script as the page would. */
async function show(place: BlockPlace): Promise<HTMLElement> {
  const form = `<form action="/en/cart/add"><input name="id" value="12"><input name="quantity" value="2"></form>`;
  document.body.innerHTML = `${place.product === null ? '' : form}${await drawThemeBlock(place)}`;
  runInThisContext(script);
  const block = document.querySelector<HTMLElement>('[data-stampwell]');
  if (block === null) throw new Error('No block');
  return block;
}

const asked = () => requests.find(({ url }) => url === '/apps/stampwell/estimate')?.body;

describe('the block of the theme', () => {
  test('says what a product earns, in a place that screen readers announce', async () => {
    replies['/apps/stampwell/estimate'] = answer([points(1_212)]);
    const block = await show(plain);
    await vi.waitFor(() => expect(block.textContent).toBe('You earn 1,212 Points'));
    expect([block.getAttribute('role'), block.getAttribute('aria-live')]).toEqual(['status', 'polite']);
    expect(shownEstimateQuerySchema.parse(asked()).cart).toEqual({
      currency: 'USD',
      taxesIncluded: false,
      lines: [{ productId: '11', variantId: '12', vendor: null, quantity: 2, total: '7.60', isGiftCard: false }],
    });
  });

  test.each([
    ['en', 'You earn up to 12 Points'],
    ['de', 'Du sammelst bis zu 12 Points'],
    ['fr', 'Vous gagnez jusqu’à 12 Points'],
    ['es', 'Consigues hasta 12 Points'],
    ['nl', 'Je spaart tot 12 Points'],
  ])('says in %s when it may be less', async (locale, words) => {
    const body = { programName: 'Coffee Club', isMember: true, isUpTo: true, amounts: [points(12)] };
    replies['/apps/stampwell/estimate'] = { status: 200, body };
    const block = await show({ ...plain, locale, taxesIncluded: true });
    await vi.waitFor(() => expect(block.textContent).toBe(words));
  });

  test.each([
    ['en', 'Join our loyalty program and earn 12 Points + 1 Stamps'],
    ['de', 'Mach bei unserem Treueprogramm mit und sammle 12 Points + 1 Stamps'],
    ['fr', 'Rejoignez notre programme de fidélité et gagnez 12 Points + 1 Stamps'],
    ['es', 'Únete a nuestro programa de fidelidad y consigue 12 Points + 1 Stamps'],
    ['nl', 'Doe mee met ons spaarprogramma en spaar 12 Points + 1 Stamps'],
  ])('invites guests in %s', async (locale, words) => {
    const stamps = { unit: 'stamps', kind: 'stamp', label: 'Stamps', amount: 1 };
    replies['/apps/stampwell/estimate'] = answer([points(12), stamps], false);
    const block = await show({ ...plain, locale });
    await vi.waitFor(() => expect(block.textContent).toBe(words));
  });

  test('asks with the cart as it is, with discounts of the whole cart apart', async () => {
    replies['/cart.js'] = {
      status: 200,
      body: {
        currency: 'JPY',
        cart_level_discount_applications: [{ total_allocated_amount: 5_000 }, { total_allocated_amount: 2_500 }],
        items: [
          { product_id: 11, variant_id: 12, vendor: 'Acme', quantity: 3, gift_card: false, final_line_price: 150_000 },
          { product_id: 31, variant_id: 32, vendor: null, quantity: 1, gift_card: true, final_line_price: 100_000 },
        ],
      },
    };
    replies['/apps/stampwell/estimate'] = answer([points(5)]);
    const block = await show({ ...plain, product: null, currency: 'JPY', taxesIncluded: true });
    await vi.waitFor(() => expect(block.textContent).toBe('You earn 5 Points'));
    expect(shownEstimateQuerySchema.parse(asked()).cart).toEqual({
      currency: 'JPY',
      taxesIncluded: true,
      discount: '75.00',
      lines: [
        { productId: '11', variantId: '12', vendor: 'Acme', quantity: 3, total: '1500.00', isGiftCard: false },
        { productId: '31', variantId: '32', vendor: null, quantity: 1, total: '1000.00', isGiftCard: true },
      ],
    });
  });

  test('follows the quantity, and the last answer asked for wins', async () => {
    replies['/apps/stampwell/estimate'] = answer([points(7)]);
    const block = await show(plain);
    await vi.waitFor(() => expect(block.textContent).toBe('You earn 7 Points'));
    replies['/apps/stampwell/estimate'] = answer([points(19)]);
    const quantity = document.querySelector<HTMLInputElement>('[name=quantity]');
    if (quantity === null) throw new Error('No quantity');
    quantity.value = '5';
    quantity.dispatchEvent(new Event('change', { bubbles: true }));
    await vi.waitFor(() => expect(block.textContent).toBe('You earn 19 Points'));
    expect(requests.at(-1)?.body).toMatchObject({ cart: { lines: [{ quantity: 5, total: '19.00' }] } });
  });

  test.each([
    ['no network', 'no-network' as const],
    ['a refusal', { status: 401, body: { code: 'proxy-signature-invalid' } }],
    ['nothing to earn', answer([])],
    ['a page instead of an answer', { status: 200, body: null }],
  ])('stays empty with %s', async (_, reply) => {
    replies['/apps/stampwell/estimate'] = reply;
    const block = await show(plain);
    await vi.waitFor(() => expect(requests).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(block.textContent.trim()).toBe('');
  });

  test('writes labels as text, never as markup', async () => {
    replies['/apps/stampwell/estimate'] = answer([{ ...points(1), label: '<img src=x onerror=alert(1)>$&' }]);
    const block = await show(plain);
    await vi.waitFor(() => expect(block.textContent).toBe('You earn 1 <img src=x onerror=alert(1)>$&'));
    expect(block.children).toHaveLength(0);
  });
});

describe('what the blocks load', () => {
  test('is at most 10 KB, all together and uncompressed', () => {
    const files = readdirSync(join(theme, 'assets'));
    expect(files.toSorted()).toEqual(['estimate.css', 'estimate.js']);
    const bytes = files.reduce((sum, file) => sum + statSync(join(theme, 'assets', file)).size, 0);
    expect(bytes).toBeLessThanOrEqual(10 * 1024);
  });

  test('comes from nobody else, and keeps nothing in the browser', () => {
    expect(script).not.toMatch(/https?:|\/\/[a-z]|cookie|storage|indexedDB|import\(|sendBeacon/i);
  });
});
