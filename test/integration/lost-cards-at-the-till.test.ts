/** What a till is told about cards that are frozen or were replaced, through the wire. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { posMemberAnswerSchema } from '#app/contracts/pos.ts';
import { freezeCard } from '#app/flows/cards/freeze-card.ts';
import { reissueCard } from '#app/flows/cards/reissue-card.ts';
import { unfreezeCard } from '#app/flows/cards/unfreeze-card.ts';
import { authorize, cardCodeOf, type ExtensionRig, startExtensionRig, tillFields } from '#test/support/extensions.ts';
import { balancesOf, makeDocument, makeMember, makeShop, type TestShop } from '#test/support/factories.ts';
import { expectProblem, tillCalls, tillRewards } from '#test/support/till-calls.ts';

let rig: ExtensionRig;
let shop: TestShop;
let other: TestShop;
let memberId: string;
const { stamp, redeem, scan, give } = tillCalls(() => ({ rig, shop, memberId }));

beforeAll(async () => {
  rig = await startExtensionRig();
  shop = await makeShop(makeDocument({ rewards: tillRewards }));
  other = await makeShop(makeDocument({ rewards: tillRewards }));
  await authorize(rig.shopify, shop);
  await authorize(rig.shopify, other);
});
afterAll(() => rig.close());
beforeEach(async () => {
  ({ memberId } = await makeMember(shop, { name: 'Ada' }));
  await give('stamps', 12);
});

const staff = () => ({ shopId: shop.shopId, memberId, by: 'staff' as const, actor: 'staff:1' });

it('a frozen card is shown as frozen, gives nothing and takes nothing, and is good again once unfrozen', async () => {
  const code = await cardCodeOf(shop, memberId);
  await freezeCard(staff());
  const { member } = posMemberAnswerSchema.parse((await scan(code)).body);
  expect(member).toMatchObject({ memberId, status: 'frozen' });
  expect(member.rewards.every((reward) => !reward.affordable)).toBe(true);
  expect(member.balances[1]).toMatchObject({ unit: 'stamps', collected: 12 });
  expectProblem(await stamp(), 409, 'card-frozen');
  expectProblem(await redeem('coffee'), 409, 'card-frozen');
  expect(await balancesOf(rig.system, memberId)).toMatchObject({ stamps: 12 });
  await unfreezeCard(staff());
  expect((await stamp()).status).toBe(200);
  expect((await redeem('coffee')).status).toBe(200);
  expect(await balancesOf(rig.system, memberId)).toMatchObject({ stamps: 3 });
});

it('a replaced card is told apart from an unknown one, and only to the shop it was of', async () => {
  const code = await cardCodeOf(shop, memberId);
  await reissueCard({ ...staff(), ifGeneration: null });
  const refused = await scan(code);
  expectProblem(refused, 409, 'card-replaced');
  expect(String(refused.body['detail'])).toContain('replaced');
  expectProblem(await scan(code, other), 404, 'member-not-found');
  const { member } = posMemberAnswerSchema.parse((await scan(await cardCodeOf(shop, memberId))).body);
  expect(member).toMatchObject({ memberId, status: 'active' });
});

it('a stamp that was sent before the freeze is answered the same when it is sent again', async () => {
  const fields = { amount: 1, ...tillFields() };
  const first = await stamp(fields);
  await freezeCard(staff());
  const again = await stamp(fields);
  expect([again.status, again.body['entryId']]).toEqual([200, first.body['entryId']]);
  expect(await balancesOf(rig.system, memberId)).toMatchObject({ stamps: 13 });
});
