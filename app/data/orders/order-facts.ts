/**
 * Facts of orders: what rules must know beyond the order itself. Looked up once, when the order is first settled, from
 * what is kept here; where that is not enough, a job asks Shopify and the order waits. What was pinned never changes: an
 * edit that brings in another product adds that product's facts and no more.
 */
import type { Member } from '#app/data/members/members.ts';
import type { StoredOrder } from '#app/data/orders/orders.ts';
import { readProductFacts } from '#app/data/orders/product-facts.ts';
import { addToOutbox } from '#app/data/system/outbox.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type OrderFacts, plainFacts, type ProductFacts } from '#app/domain/earning/facts.ts';
import { lacksReceived } from '#app/domain/orders/edits.ts';
import { type FactsNeeded, factsNeeded } from '#app/domain/orders/facts-needed.ts';
import { isShopifyOrderId } from '#app/domain/orders/order-ids.ts';
import type { OrderState } from '#app/domain/orders/order.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { MemberId } from '#app/lib/ids.ts';

export type FactsWanted = { order: StoredOrder; document: ProgramDocument; member: Member };

/**
 * The facts of each order by its id, or 'missing' when only Shopify can tell them: the order is then marked, a job is asked
 * for, and the order must not be settled before. Pins what it finds on the orders; `writeOrders` keeps it. Costs nothing
 * where no rule needs anything. Safe to repeat.
 */
export async function pinFacts(
  tx: Tx,
  wanted: FactsWanted[],
  timeZone: string,
): Promise<Map<string, OrderFacts | 'missing'>> {
  const answers = new Map<string, OrderFacts | 'missing'>();
  const open: OpenOrder[] = [];
  const needsOf = memoized(factsNeeded);
  const plain = plainFacts(timeZone);
  for (const each of wanted) {
    const { order, document } = each;
    const needs = needsOf(document);
    order.needsFetch = false;
    if (canEarn(order.state) && (needsPinning(needs) || needs.tenders)) open.push({ ...each, needs });
    else answers.set(order.state.orderId, order.facts ?? plain);
  }
  await askForPayments(tx, wanted);
  if (open.length === 0) return answers;
  const cached = await readProductFacts(tx, [...new Set(open.flatMap(productsToKnow))]);
  const jobs = open.flatMap((each) => pinOne(each, { cached, timeZone }));
  for (const { order } of open) answers.set(order.state.orderId, order.needsFetch ? 'missing' : (order.facts ?? plain));
  await addToOutbox(
    tx,
    jobs.map(({ job, orderId }) => ({ job, payload: { shopId: tx.shopId, orderId } })),
  );
  return answers;
}

/** Such an order is settled by what is known, and once more when its payments are. */
async function askForPayments(tx: Tx, wanted: FactsWanted[]): Promise<void> {
  const lacking = wanted.filter(({ order: { state } }) => canEarn(state) && lacksReceived(state));
  await addToOutbox(
    tx,
    lacking.map(({ order }) => ({
      job: 'refetch-order',
      payload: { shopId: tx.shopId, orderId: order.state.orderId },
    })),
  );
}

type OpenOrder = FactsWanted & { needs: FactsNeeded };
type Cached = { cached: ReadonlyMap<string, ProductFacts>; timeZone: string };

function productsToKnow({ order, needs }: Pick<OpenOrder, 'order' | 'needs'>): string[] {
  return needs.products ? unknownProducts(order.state, order.facts) : [];
}

/** Pins what is known on one order. Answers the jobs that bring in what is not. */
function pinOne({ order, needs, member }: OpenOrder, known: Cached): { job: string; orderId: string }[] {
  const { orderId } = order.state;
  const facts = needsPinning(needs) ? gatherFacts({ order, needs, member }, known) : order.facts;
  const isMissing = facts === null && needsPinning(needs);
  if (!isMissing) order.facts = facts;
  const isLackingTenders = lacksTenders(order.state, needs);
  order.needsFetch = isMissing || isLackingTenders;
  return [
    ...(isMissing ? [{ job: 'fetch-order-facts', orderId }] : []),
    ...(isLackingTenders ? [{ job: 'refetch-order', orderId }] : []),
  ];
}

/** What is pinned on an order, or what holds where nothing had to be looked up. */
export function readPinnedFacts(order: Pick<StoredOrder, 'facts'>, timeZone: string): OrderFacts {
  return order.facts ?? plainFacts(timeZone);
}

/** What only Shopify can tell of an order. */
export type FactsMissing = {
  productIds: string[];
  memberTags: boolean;
  segmentIds: string[];
  market: boolean;
};

/** What has to be asked for before an order can be settled, as far as it is not pinned or known already. */
export async function findMissingFacts(tx: Tx, { order, document, member }: FactsWanted): Promise<FactsMissing> {
  const needs = factsNeeded(document);
  const productIds = productsToKnow({ order, needs });
  const cached = await readProductFacts(tx, productIds);
  const isOpen = order.facts === null || order.facts.isOfAnother === true;
  const isCustomer = member.shopifyCustomerId !== null;
  return {
    productIds: productIds.filter((productId) => !cached.has(productId)),
    memberTags: isOpen && isCustomer && needs.memberTags && member.tags === null,
    segmentIds: isOpen && isCustomer ? needs.segmentIds : [],
    market: isOpen && asksMarket(order, needs),
  };
}

/** What Shopify told of the person and the sale; products and tags are read from where they are kept. */
export type ToldFacts = { segmentIds: string[]; marketId: string | null };

/**
 * Pins facts on an order that waits for them; what is pinned already stays. False when something is still missing, or the
 * order is no more `askedOf`'s, of whom it was told. The caller settles the order afterwards.
 */
export async function pinToldFacts(
  tx: Tx,
  { order, document, member }: FactsWanted,
  told: ToldFacts & { timeZone: string; askedOf: MemberId | null },
): Promise<boolean> {
  const needs = factsNeeded(document);
  const cached = await readProductFacts(tx, productsToKnow({ order, needs }));
  const facts = gatherFacts({ order, needs, member }, { cached, timeZone: told.timeZone, told });
  if (facts === null) return false;
  const pinned = await tx.query(
    // Another settlement may have pinned it meanwhile.
    `update order_state set facts = case when facts is null or facts ? 'isOfAnother' then $3::jsonb
       else jsonb_set(facts, '{products}', ($3::jsonb->'products') || (facts->'products')) end
     where shop_id = $1 and order_id = $2 and member_id = $4 returning 1 as one`,
    [tx.shopId, order.state.orderId, JSON.stringify(facts), told.askedOf],
  );
  return pinned.length > 0;
}

/** An order that earns nothing whatever the facts are need not know them yet. */
function canEarn({ latest, paidUp }: OrderState): boolean {
  return paidUp !== null && latest !== null && !latest.isTest && latest.cancelledAt === null;
}

/** Tenders are kept with the order's state: they go on changing. */
function needsPinning({ products, memberTags, market, timeZone, segmentIds }: FactsNeeded): boolean {
  return products || memberTags || market || timeZone || segmentIds.length > 0;
}

/** Products of the order that are not pinned yet. */
function unknownProducts({ latest, paidUp }: OrderState, pinned: OrderFacts | null): string[] {
  const lines = [...(latest?.lines ?? []), ...(paidUp?.lines ?? [])];
  const productIds = new Set(lines.flatMap((line) => line.productId ?? []));
  return [...productIds].filter((productId) => pinned === null || !Object.hasOwn(pinned.products, productId));
}

/** Money moves between tenders with every refund, so what is known must be as new as the order. */
function lacksTenders({ latest, tenders }: OrderState, needs: FactsNeeded): boolean {
  if (!needs.tenders || latest === null || !latest.hasGiftCardTender) return false;
  return tenders === null || tenders.asOf < latest.updatedAt;
}

type Subject = { order: StoredOrder; needs: FactsNeeded; member: Member };

/** All facts of an order, pinned ones first; null when something is missing. */
function gatherFacts(subject: Subject, known: Cached & { told?: ToldFacts }): OrderFacts | null {
  const { order, needs, member } = subject;
  const productIds = productsToKnow(subject);
  const products = new Map(productIds.map((productId) => [productId, known.cached.get(productId)]));
  if ([...products.values()].includes(undefined)) return null;
  const pinned = order.facts;
  if (pinned !== null && pinned.isOfAnother !== true)
    return productIds.length === 0 ? pinned : { ...pinned, products: { ...pinned.products, ...fromMap(products) } };
  const memberTags = tagsOf(member, needs);
  const told = known.told ?? toldByNobody(subject);
  if (memberTags === null || told === null) return null;
  const { segmentIds, marketId } = told;
  const timeZone = pinned?.timeZone ?? known.timeZone;
  return { timeZone, products: { ...fromMap(products), ...pinned?.products }, memberTags, segmentIds, marketId };
}

/** A member's tags as far as they are needed; null when they have to be asked for. */
function tagsOf({ shopifyCustomerId, tags }: Member, needs: FactsNeeded): string[] | null {
  return needs.memberTags && shopifyCustomerId !== null ? tags : [];
}

/** What there is to tell of a sale whose segments and market nobody needs; null when Shopify has to be asked. */
function toldByNobody({ order, member, needs }: Subject): ToldFacts | null {
  const isSettled = !asksMarket(order, needs) && (needs.segmentIds.length === 0 || member.shopifyCustomerId === null);
  return isSettled ? { segmentIds: [], marketId: null } : null;
}

/** Only Shopify's own orders are of a market. */
function asksMarket({ state }: Pick<StoredOrder, 'state'>, needs: FactsNeeded): boolean {
  return needs.market && isShopifyOrderId(state.orderId);
}

function fromMap(products: ReadonlyMap<string, ProductFacts | undefined>): Record<string, ProductFacts> {
  return Object.fromEntries([...products].flatMap(([id, facts]) => (facts === undefined ? [] : [[id, facts]])));
}

function memoized<Argument extends object, Answer>(
  work: (argument: Argument) => Answer,
): (argument: Argument) => Answer {
  const answers = new Map<Argument, Answer>();
  return (argument) => {
    const known = answers.get(argument) ?? work(argument);
    answers.set(argument, known);
    return known;
  };
}
