/** A shop whose rewards are carried out at Shopify, with a member who can pay for three: anew for each test of a file. */
import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

import { redeemReward } from '#app/flows/members/redeem-reward.ts';
import { undoEntry } from '#app/flows/members/undo-entry.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import type { Shop } from '#test/platform/shopify-shops.ts';
import { authorize, expectBalanced, type StandInShopify, startShopify } from '#test/support/extensions.ts';
import {
  balancesOf,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import { give, programWith, requestOf, rewardOf } from '#test/support/rewards.ts';

const usd = 'USD';
const rewards = [
  rewardOf('amount', { benefit: { kind: 'amount-off', amountMinor: 500, currency: usd } }),
  rewardOf('percent', { benefit: { kind: 'percent-off', percent: 15 } }),
  rewardOf('product', { benefit: { kind: 'free-product', productId: '7001003' } }),
  rewardOf('gone', { benefit: { kind: 'free-product', productId: '404' } }),
  rewardOf('shipping', { benefit: { kind: 'free-shipping' } }),
  rewardOf('credit', { benefit: { kind: 'store-credit', amountMinor: 500, currency: usd } }),
  rewardOf('card', { benefit: { kind: 'gift-card', amountMinor: 1_000, currency: usd } }),
  rewardOf('handed'),
];
const claim = { locationId: '7', staffMemberId: '5', deviceId: null };

/** Who the running test acts for, and what it asks and does. */
export type BenefitStage = {
  standIn: StandInShopify;
  system: TestSystem;
  shop: TestShop;
  memberId: string;
  customerId: string;
};

/** Sets the stage before the tests of the file that calls it; after each the books must balance. */
export function setBenefitStage(): BenefitStage {
  // Filled before the first test runs.
  const stage = {} as BenefitStage;
  beforeAll(async () => {
    stage.standIn = await startShopify();
    stage.system = await openTestSystem('stampwell_worker', 12);
  });
  beforeEach(async () => {
    setClockOffsetMs(0);
    stage.shop = await makeShop(programWith(rewards));
    await authorize(stage.standIn.shopify, stage.shop);
    Object.assign(stage, await makeMember(stage.shop));
    const id = Number(stage.customerId);
    shopAtShopify(stage).customers.set(id, { id, email: 'a@example.com', firstName: 'A', lastName: 'B', phone: null });
    await give(stage.shop.shopId, stage.memberId, 'points', 300);
  });
  afterEach(() => expectBalanced(stage.shop.shopId));
  afterAll(async () => {
    await stage.system.close();
    await stage.standIn.close();
  });
  return stage;
}

const shopAtShopify = ({ standIn, shop }: BenefitStage): Shop => standIn.shopify.shop(shop.domain);

/** What tests of benefits do on the stage. */
export function benefitActions(stage: BenefitStage) {
  return {
    atShopify: () => shopAtShopify(stage),
    pointsOf: async () => (await balancesOf(stage.system, stage.memberId))['points'],
    ask: (rewardId: string) => requestOf(stage.shop.shopId, { memberId: stage.memberId, rewardId }),
    redeem: (rewardId: string, idempotencyKey: string = randomUUID()) =>
      redeemReward({
        shopId: stage.shop.shopId,
        memberId: stage.memberId,
        rewardId,
        idempotencyKey,
        actor: 'staff:1',
        claim,
        approvedBy: null,
      }),
    undo: (reservationId: string) =>
      undoEntry({
        shopId: stage.shop.shopId,
        target: { reservationId },
        idempotencyKey: randomUUID(),
        actor: 'staff:1',
        claim,
      }),
    job: (reservationId: string) => ({ shopId: stage.shop.shopId, reservationId }),
    jobsFor: async (name: string, reservationId: string) =>
      (
        await stage.system.sql("select 1 from outbox where job = $1 and payload->>'reservationId' = $2", [
          name,
          reservationId,
        ])
      ).length,
  };
}
