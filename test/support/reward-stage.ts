/** A shop with rewards and a member who collects: a member anew for each test, with the books checked after it. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { setClockOffsetMs } from '#app/lib/clock.ts';
import { expectBalanced } from '#test/support/extensions.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { mustSpend, programWith, requestOf, rewardOf } from '#test/support/rewards.ts';

type Settings = Partial<ProgramDocument['settings']>;
type Who = { memberId: string; customerId: string };
type Asked = Partial<Parameters<typeof requestOf>[1]>;

export type RewardStage = {
  readonly system: TestSystem;
  readonly shop: TestShop;
  readonly memberId: string;
  readonly customerId: string;
  /** A shop of its own for this test; without rewards named, one thing for fifty points. */
  open: (settings: Settings, rewards?: ProgramDocument['rewards'], changes?: Partial<ProgramDocument>) => Promise<void>;
  /** From now on the test speaks of another member. */
  become: (who: Who) => void;
  /** What the member asks for when a reward is reserved. */
  ask: (rewardId: string, changes?: Asked) => ReturnType<typeof requestOf>;
  /** Reserves a reward and commits it; `fifty` unless another is named. */
  spend: (rewardId?: string, orderId?: string | null) => ReturnType<typeof mustSpend>;
};

export const fifty = rewardOf('fifty', { cost: 50 });

function set<Part>(part: Part | null): Part {
  if (part === null) throw new Error('this is there only within a test, and the shop once it was opened');
  return part;
}

/** Sets the stage for the file that calls it: with a program its shop serves all tests, without one each test opens its own. */
export function setRewardStage(program: ProgramDocument | null = null): RewardStage {
  let system: TestSystem | null = null;
  let shop: TestShop | null = null;
  let member: Who | null = null;
  beforeAll(async () => {
    system = await openTestSystem('stampwell_worker', 12);
    if (program !== null) shop = await makeShop(program);
  });
  beforeEach(async () => {
    setClockOffsetMs(0);
    if (program !== null) member = await makeMember(set(shop));
  });
  afterEach(() => expectBalanced(set(shop).shopId));
  afterAll(() => system?.close());
  const stage: RewardStage = {
    get system() {
      return set(system);
    },
    get shop() {
      return set(shop);
    },
    get memberId() {
      return set(member).memberId;
    },
    get customerId() {
      return set(member).customerId;
    },
    open: async (settings, rewards = [fifty], changes = {}) => {
      shop = await makeShop(programWith(rewards, changes, settings));
      member = await makeMember(shop);
    },
    become: (who) => {
      member = who;
    },
    ask: (rewardId, changes = {}) => requestOf(stage.shop.shopId, { memberId: stage.memberId, rewardId, ...changes }),
    spend: (rewardId = 'fifty', orderId = null) =>
      mustSpend(stage.shop.shopId, { memberId: stage.memberId, rewardId }, orderId),
  };
  return stage;
}
