/** A shop whose rules need facts that only Shopify can tell, with a stand-in Shopify to ask. */
import { plainProgram } from '#app/domain/programs/program.ts';
import type { Conditions } from '#app/domain/programs/earn-rules.ts';
import { authorize, type StandInShopify, startShopify } from '#test/support/extensions.ts';
import {
  balancesOf,
  deliver,
  drain,
  makeDocument,
  makeMember,
  makeShop,
  openTestSystem,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';
import type { OrderBody } from '#test/platform/order-body.ts';
import type { OrderInput } from '#test/platform/order-parts.ts';
import { buildOrder, createIds } from '#test/platform/orders.ts';
import type { Product, Shop } from '#test/platform/shopify-shops.ts';

export const nextId = createIds();
export const coffeeId = 7_001_001;
export const beansId = 7_001_003;

export type FactRig = { standIn: StandInShopify; system: TestSystem; close: () => Promise<void> };

/** Starts everything. */
export async function startFactRig(): Promise<FactRig> {
  const standIn = await startShopify();
  const system = await openTestSystem();
  return {
    standIn,
    system,
    close: async () => {
      await system.close();
      await standIn.close();
    },
  };
}

export type Till = {
  rig: FactRig;
  shop: TestShop;
  shopify: Shop;
  memberId: string;
  customerId: string;
  sell: (input?: Partial<OrderInput>) => Promise<OrderBody>;
};

/** A shop whose one rule gives a point for each dollar of what it is for. */
export async function openTill(rig: FactRig, conditions: Conditions, settings: object = {}): Promise<Till> {
  const { standIn } = rig;
  const document = makeDocument({ settings: { ...plainProgram.settings, ...settings } });
  const [spend] = document.earnRules;
  if (spend === undefined) throw new Error('the program has no rule');
  const shop = await makeShop({ ...document, earnRules: [{ ...spend, conditions }] });
  await authorize(standIn.shopify, shop);
  const shopify = standIn.shopify.shop(shop.domain);
  const { memberId, customerId } = await makeMember(shop);
  const customer = { id: Number(customerId), email: 'a@example.com', firstName: 'A', lastName: 'B' };
  shopify.customers.set(customer.id, { ...customer, phone: null });
  const sell = async (input: Partial<OrderInput> = {}) => {
    const lines = [{ title: 'Flat white', unitPriceMinor: 1_000, quantity: 1, productId: coffeeId }];
    const order = buildOrder(
      { number: 1, at: new Date(), currency: 'USD', channel: 'online', lines, customer, ...input },
      nextId,
    );
    shopify.orders.set(order.id, order);
    await tell({ shop, shopify }, 'orders/paid', order);
    return order;
  };
  return { rig, shop, shopify, memberId, customerId, sell };
}

/** Tells the shop something, and lets it be applied. */
export async function tell(
  { shop, shopify }: Pick<Till, 'shop' | 'shopify'>,
  topic: string,
  body: unknown,
): Promise<void> {
  if (topic.startsWith('orders/')) shopify.orders.set((body as OrderBody).id, body as OrderBody);
  await deliver(shop, topic, body);
  await drain(shop);
}

/** A product of the shop, to be changed. */
export const productOf = ({ shopify }: Till, productId: number): Product => {
  const product = shopify.products.find((candidate) => candidate.productId === productId);
  if (product === undefined) throw new Error('the shop has no such product');
  return product;
};

/** The member's points. */
export const pointsOf = async ({ rig, memberId }: Till) => (await balancesOf(rig.system, memberId))['points'] ?? 0;
/** The job that asks about an order. */
export const jobOf = ({ shop }: Till, order: OrderBody) => ({ shopId: shop.shopId, orderId: String(order.id) });
/** Which operations Shopify was asked, in order. */
export const callsMade = ({ standIn }: FactRig) => standIn.shopify.adminCalls.map(({ operation }) => operation);

/** How many such jobs were asked for since the last look. */
export async function jobsAsked({ rig, shop }: Till, job = 'fetch-order-facts'): Promise<number> {
  const rows = await rig.system.sql('delete from outbox where shop_id = $1 and job = $2 returning 1 as one', [
    shop.shopId,
    job,
  ]);
  return rows.length;
}

export type StoredFacts = { facts: Record<string, unknown> | null; needs_fetch: boolean };

/** What is pinned on an order. */
export async function storedOrder({ system }: FactRig, order: OrderBody): Promise<StoredFacts | undefined> {
  const rows = await system.sql<StoredFacts>('select facts, needs_fetch from order_state where order_id = $1', [
    String(order.id),
  ]);
  return rows[0];
}
