/** A member's card on a phone, in a shop that has a neighbour: anew for each test of the file that asks for one. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

import { setClockOffsetMs } from '#app/lib/clock.ts';
import { conformantPass } from '#test/support/conformant-pass.ts';
import { type Edge, startEdge } from '#test/support/edge.ts';
import { makeMember, makeShop, openTestSystem, type TestShop, type TestSystem } from '#test/support/factories.ts';
import { sellAt } from '#test/support/lost-cards.ts';
import { createDevice, type HeldPass, holdPass, type WalletDevice } from '#test/support/wallet-device.ts';
import { startWallets, type TestWallets } from '#test/support/wallets.ts';

type Ground = { wallets: TestWallets; system: TestSystem; edge: Edge; shop: TestShop; other: TestShop };
type Card = { memberId: string; customerId: string; cardUrl: string; pass: HeldPass; phone: WalletDevice };

export type CardStage = Readonly<Ground & Card> & {
  /** Names the member as the flows want them named; of another shop, when one is given. */
  here: (where?: TestShop) => { shopId: TestShop['shopId']; memberId: string };
  /** What a phone shows of a pass now, checked against Apple's rules. */
  shown: (held?: HeldPass, device?: WalletDevice) => ReturnType<typeof conformantPass>;
  /** Tells the shop of a paid order and settles it. */
  sell: (body: Record<string, unknown>) => Promise<void>;
};

async function layGround(): Promise<Ground> {
  const wallets = await startWallets();
  const system = await openTestSystem('stampwell_worker', 24);
  const edge = await startEdge();
  return { wallets, system, edge, shop: await makeShop(), other: await makeShop() };
}

async function dealCard({ shop, wallets, edge }: Ground): Promise<Card> {
  const { memberId, customerId, cardUrl } = await makeMember(shop, { name: 'Ada Lovelace' });
  const pass = await holdPass(cardUrl, wallets.pems.root);
  const phone = createDevice(edge);
  await phone.register(pass);
  return { memberId, customerId, cardUrl, pass, phone };
}

function dealt<Part>(part: Part | null): Part {
  if (part === null) throw new Error('the card is dealt before each test, not earlier');
  return part;
}

/** Lays the ground before the tests of the file that calls it, deals a card before each, and clears up after them. */
export function setCardStage(): CardStage {
  let ground: Ground | null = null;
  let card: Card | null = null;
  beforeAll(async () => {
    ground = await layGround();
  });
  beforeEach(async () => {
    card = await dealCard(dealt(ground));
  });
  afterEach(() => setClockOffsetMs(0));
  afterAll(async () => {
    await ground?.edge.close();
    await ground?.system.close();
    await ground?.wallets.close();
  });
  const stage: CardStage = {
    get wallets() {
      return dealt(ground).wallets;
    },
    get system() {
      return dealt(ground).system;
    },
    get edge() {
      return dealt(ground).edge;
    },
    get shop() {
      return dealt(ground).shop;
    },
    get other() {
      return dealt(ground).other;
    },
    get memberId() {
      return dealt(card).memberId;
    },
    get customerId() {
      return dealt(card).customerId;
    },
    get cardUrl() {
      return dealt(card).cardUrl;
    },
    get pass() {
      return dealt(card).pass;
    },
    get phone() {
      return dealt(card).phone;
    },
    here: (where = stage.shop) => ({ shopId: where.shopId, memberId: stage.memberId }),
    shown: async (held = stage.pass, device = stage.phone) =>
      conformantPass((await device.get(held)).body, stage.wallets.pems.root),
    sell: (body) => sellAt(stage.shop, body),
  };
  return stage;
}
