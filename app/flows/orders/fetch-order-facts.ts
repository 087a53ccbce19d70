/** What rules must know of an order and only Shopify can tell is asked for, kept, pinned on the order; then it is settled. */
import { settleOrders } from '#app/data/ledger/settlement.ts';
import { keepMemberTags } from '#app/data/members/member-tags.ts';
import { readMember } from '#app/data/members/members.ts';
import {
  type FactsMissing,
  type FactsWanted,
  findMissingFacts,
  pinToldFacts,
  type ToldFacts,
} from '#app/data/orders/order-facts.ts';
import { findOrder } from '#app/data/orders/orders.ts';
import { readAskingTime, writeProductFacts } from '#app/data/orders/product-facts.ts';
import { keepErasureOut } from '#app/data/privacy/erasure-gate.ts';
import { listRuleVersions } from '#app/data/programs/programs.ts';
import { withAccessToken } from '#app/data/shops/sessions.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { type FetchedProduct, fetchCustomer, fetchMarket, fetchProducts } from '#app/gateways/shopify-facts.ts';
import { type AdminCaller, refreshGrant } from '#app/gateways/shopify.ts';
import { now } from '#app/lib/clock.ts';
import { Forbidden, Unavailable } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Shopify tells markets only to apps that were granted this. */
const marketScope = 'read_markets';

/**
 * Looks up what an order waits for and settles it. An order without a member, and a shop we may not act for any more, end
 * the job; the order then goes on waiting. Safe to repeat: what is pinned stays. Throws `Unavailable` to be tried again.
 */
export async function fetchOrderFacts({ shopId, orderId }: { shopId: ShopId; orderId: string }): Promise<void> {
  const open = await withShop(shopId, (tx) => findOpenOrder(tx, orderId));
  if (open === null) return;
  let told: Told;
  try {
    told = await withAccessToken(shopId, refreshGrant, (caller) => ask(caller, open));
  } catch (error) {
    if (error instanceof Forbidden) return;
    throw error;
  }
  const isPinned = await withShop(shopId, (tx) => keep(tx, open, told));
  // A product or the customer changed while Shopify was asked, or the order became another's.
  if (!isPinned) throw new Unavailable('facts-changed', 'What was asked for changed meanwhile');
  await withShop(shopId, (tx) => settleOrders(tx, [{ orderId, news: null, memberId: null }], now()));
}

type OpenOrder = FactsWanted & { missing: FactsMissing; askedAt: string; canAskMarkets: boolean };

async function findOpenOrder(tx: Tx, orderId: string): Promise<OpenOrder | null> {
  const askedAt = await readAskingTime(tx);
  const wanted = await findWanted(tx, orderId);
  if (wanted === null) return null;
  const { scopes } = await readShop(tx);
  const canAskMarkets = (scopes ?? '').split(',').includes(marketScope);
  return { ...wanted, missing: await findMissingFacts(tx, wanted), askedAt, canAskMarkets };
}

/** The order with the rules it counts by and its member; null when it has none to count for. */
async function findWanted(tx: Tx, orderId: string): Promise<FactsWanted | null> {
  const order = await findOrder(tx, orderId);
  if (order === null || order.memberId === null || order.ruleVersionId === null) return null;
  const member = await readMember(tx, order.memberId);
  const versions = await listRuleVersions(tx);
  const version = versions.find(({ versionId }) => versionId === order.ruleVersionId);
  if (version === undefined || member.state === 'erased') return null;
  return { order, document: version.document, member };
}

type Told = ToldFacts & {
  products: Map<string, FetchedProduct>;
  /** Null when they were not asked for. */
  tags: { customerId: string; tags: string[] } | null;
};

async function ask(caller: AdminCaller, { order, member, missing, canAskMarkets }: OpenOrder): Promise<Told> {
  const customerId = member.shopifyCustomerId;
  const products = await fetchProducts(caller, missing.productIds);
  const asksCustomer = customerId !== null && (missing.memberTags || missing.segmentIds.length > 0);
  const customer = asksCustomer
    ? await fetchCustomer(caller, { customerId, segmentIds: missing.segmentIds })
    : { tags: [], segmentIds: [] };
  const marketId = missing.market && canAskMarkets ? await fetchMarket(caller, order.state.orderId) : null;
  const tags = customerId !== null && missing.memberTags ? { customerId, tags: customer.tags } : null;
  return { products, tags, segmentIds: customer.segmentIds, marketId };
}

async function keep(tx: Tx, { order, askedAt }: OpenOrder, told: Told): Promise<boolean> {
  await keepErasureOut(tx);
  await writeProductFacts(tx, told.products, askedAt);
  if (told.tags !== null)
    await keepMemberTags(tx, told.tags.customerId, { tags: told.tags.tags, at: new Date(askedAt) });
  const wanted = await findWanted(tx, order.state.orderId);
  if (wanted === null) return true;
  const { timeZone } = await readShop(tx);
  return pinToldFacts(tx, wanted, { ...told, timeZone, askedOf: order.memberId });
}
