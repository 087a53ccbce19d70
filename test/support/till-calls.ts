/** Calls of a till, as the POS extension makes them, and looks into what came of them. */
import { randomUUID } from 'node:crypto';

import { expect } from 'vitest';

import { problemSchema } from '#app/contracts/problem.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { Shop } from '#test/platform/shopify-shops.ts';
import { type ExtensionAnswer, type ExtensionRig, tillFields } from '#test/support/extensions.ts';
import type { TestShop } from '#test/support/factories.ts';

export const minuteMs = 60_000;

/** One reward of each kind, and two that cannot be had: a product that is gone, and other money than the shop's. */
export const tillRewards: ProgramDocument['rewards'] = [
  { id: 'coffee', name: 'Free coffee', unit: 'stamps', cost: 10, benefit: { kind: 'custom', instructions: 'Any coffee' } },
  { id: 'five-off', name: '5 off', unit: 'points', cost: 100, benefit: { kind: 'amount-off', amountMinor: 500, currency: 'USD' } },
  { id: 'tenth-off', name: '10 % off', unit: 'points', cost: 50, benefit: { kind: 'percent-off', percent: 10 } },
  { id: 'beans', name: 'Beans', unit: 'points', cost: 60, benefit: { kind: 'free-product', productId: '7001003' } },
  { id: 'gone', name: 'Gone', unit: 'points', cost: 60, benefit: { kind: 'free-product', productId: '404' } },
  { id: 'euros', name: 'Euros', unit: 'points', cost: 10, benefit: { kind: 'amount-off', amountMinor: 500, currency: 'EUR' } },
]; // prettier-ignore

type Fields = Record<string, unknown>;
type Call = (fields?: Fields, where?: TestShop) => Promise<ExtensionAnswer>;

export type TillCalls = {
  stamp: Call;
  redeem: (rewardId: string, fields?: Fields, where?: TestShop) => Promise<ExtensionAnswer>;
  undo: (target: Fields, fields?: Fields, where?: TestShop) => Promise<ExtensionAnswer>;
  scan: (code: string, where?: TestShop) => Promise<ExtensionAnswer>;
  /** Gives the member value that no till gave. */
  give: (unit: string, amount: number) => Promise<void>;
  heldOf: (unit: string) => Promise<number>;
  countEntries: () => Promise<number>;
  discountOf: (code: unknown) => Shop['discounts'][number] | undefined;
};

/** Calls about whichever member is at the till; each has a fresh idempotency key unless it is given one. */
export function tillCalls(at: () => { rig: ExtensionRig; shop: TestShop; memberId: string }): TillCalls {
  const post = (path: string, fields: Fields, where: TestShop | undefined) =>
    at().rig.ask(where ?? at().shop, path, { body: { ...tillFields(), ...fields } });
  return {
    stamp: (fields, where) =>
      post('/pos/v1/stamps', { memberId: at().memberId, unit: 'stamps', amount: 1, ...fields }, where),
    redeem: (rewardId, fields, where) =>
      post('/pos/v1/redemptions', { memberId: at().memberId, rewardId, ...fields }, where),
    undo: (target, fields, where) => post('/pos/v1/undo', { ...target, ...fields }, where),
    scan: (code, where) => at().rig.ask(where ?? at().shop, `/pos/v1/members?code=${encodeURIComponent(code)}`),
    give: async (unit, amount) => {
      const { shop, memberId } = at();
      const base = { shopId: shop.shopId, memberId, reason: 'arranged', actor: 'staff:1', source: 'staff' } as const;
      await adjustBalance({ ...base, unit, amount, idempotencyKey: randomUUID() });
    },
    heldOf: async (unit) => {
      const { rig, memberId } = at();
      const rows = await rig.system.sql<{ held: string }>(
        'select held from balance where member_id = $1 and unit = $2',
        [memberId, unit],
      );
      return Number(rows[0]?.held);
    },
    countEntries: async () => {
      const { rig, memberId } = at();
      return (await rig.system.sql('select 1 as one from ledger_entry where member_id = $1', [memberId])).length;
    },
    discountOf: (code) => {
      const { rig, shop } = at();
      return rig.shopify.shop(shop.domain).discounts.find((discount) => discount.code === code);
    },
  };
}

/** A refusal the extension can read: a problem of this status and code, with CORS headers. */
export function expectProblem(answer: ExtensionAnswer, status: number, code: string): void {
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.headers['access-control-allow-origin']).toBe('*');
  expect(problemSchema.parse(answer.body)).toMatchObject({ status, code });
  expect(answer.status).toBe(status);
  if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="Stampwell"/);
}
