/** Deliveries: stored before they are answered, applied once, visible when they cannot be. */
import type { Tx } from '#app/data/tenancy.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type NewDelivery = {
  shopId: ShopId;
  webhookId: string;
  topic: string;
  state: 'pending' | 'quarantined';
  /** Allow-listed JSON text without personal data. */
  projection: string | null;
  /** Identity or a quarantined body, sealed. */
  sealed: Buffer | null;
  problem: string | null;
  triggeredAt: Date | null;
};

export type DueDelivery = {
  deliveryId: string;
  webhookId: string;
  topic: string;
  projection: string | null;
  sealed: Buffer | null;
  attempts: number;
  /** The shop was erased: what it still sends is acknowledged and not kept. */
  isShopErased: boolean;
};

/** The place of a sealed delivery: a ciphertext moved to another row does not open. */
export const deliveryPlace = (webhookId: string) => ({ table: 'inbox', column: 'sealed', row: webhookId });

/** Adds a delivery of our own making (a re-fetched order) inside a transaction. Seen before: changes nothing. */
export async function addDelivery(tx: Tx, delivery: Omit<NewDelivery, 'shopId' | 'state' | 'problem'>): Promise<void> {
  await tx.query(
    `insert into inbox (shop_id, webhook_id, topic, projection, sealed, triggered_at) values ($1, $2, $3, $4, $5, $6)
     on conflict (shop_id, webhook_id) do nothing`,
    [tx.shopId, delivery.webhookId, delivery.topic, delivery.projection, delivery.sealed, delivery.triggeredAt],
  );
}

/**
 * Sets something of our own aside with a reason a merchant can read, such as an order that was fetched and cannot be
 * counted. The same again is the same one.
 */
export async function addParkedDelivery(
  tx: Tx,
  delivery: Pick<NewDelivery, 'webhookId' | 'topic' | 'projection'> & { problem: string },
): Promise<void> {
  await tx.query(
    `insert into inbox (shop_id, webhook_id, topic, projection, state, problem) values ($1, $2, $3, $4, 'parked', $5)
     on conflict (shop_id, webhook_id) do update set state = 'parked', projection = excluded.projection,
       problem = excluded.problem, attempts = 0`,
    [tx.shopId, delivery.webhookId, delivery.topic, delivery.projection, delivery.problem],
  );
}

// The limit stands in the text: as a parameter nobody knows how large it is, and each batch is planned anew.
const takeStatement = (limit: number) => `
  with due as (
    select ctid as place, id, webhook_id, topic, projection, sealed, attempts, due_at from inbox
    where shop_id = $1 and state = 'pending' and due_at <= now() order by due_at, id limit ${limit}
    for update skip locked
  ), taken as (
    update inbox set state = 'done', projection = null, sealed = null, problem = null from due
    where inbox.shop_id = $1 and inbox.ctid = due.place returning due.*
  )
  select id::text, webhook_id, topic, projection, sealed, attempts,
    (select state = 'redacted' from shop where shop.id = $1) as is_shop_erased
  from taken order by due_at, taken.id`;

/**
 * Takes up to `limit` due deliveries that nobody else is working on, oldest first. With this transaction they are marked
 * applied and forget what they carried; where it does not commit, they are due as before. `limit` is one of a few constants.
 */
export async function takeDeliveries(tx: Tx, limit: number): Promise<DueDelivery[]> {
  const rows = await tx.query<{
    id: string;
    webhook_id: string;
    topic: string;
    projection: string | null;
    sealed: Buffer | null;
    attempts: number;
    is_shop_erased: boolean;
  }>(takeStatement(limit), [tx.shopId]);
  return rows.map((row) => ({
    deliveryId: row.id,
    webhookId: row.webhook_id,
    topic: row.topic,
    projection: row.projection,
    sealed: row.sealed,
    attempts: row.attempts,
    isShopErased: row.is_shop_erased,
  }));
}

/** Puts a delivery off after a failure that may pass. */
export async function postponeDelivery(tx: Tx, webhookId: string, delayMs: number, problem: string): Promise<void> {
  await tx.query(
    `update inbox set attempts = attempts + 1, due_at = now() + make_interval(secs => $3 / 1000.0), problem = $4
     where shop_id = $1 and webhook_id = $2 and state = 'pending'`,
    [tx.shopId, webhookId, delayMs, problem],
  );
}

/** Sets a waiting delivery aside with a reason a merchant can read; a person may retry it. One applied since stays so. */
export async function parkDelivery(tx: Tx, webhookId: string, problem: string): Promise<void> {
  await tx.query(
    `update inbox set state = 'parked', attempts = attempts + 1, problem = $3
     where shop_id = $1 and webhook_id = $2 and state = 'pending'`,
    [tx.shopId, webhookId, problem],
  );
}

export type VisibleDelivery = {
  deliveryId: string;
  topic: string;
  state: 'quarantined' | 'parked';
  problem: string | null;
  receivedAt: Date;
};

/** Deliveries that need a person, newest first, at most `limit`. */
export async function listVisibleDeliveries(tx: Tx, limit: number): Promise<VisibleDelivery[]> {
  const rows = await tx.query<{
    id: string;
    topic: string;
    state: VisibleDelivery['state'];
    problem: string | null;
    received_at: Date;
  }>(
    `select id::text, topic, state, problem, received_at from inbox
     where shop_id = $1 and state in ('quarantined', 'parked') order by inbox.id desc limit $2`,
    [tx.shopId, limit],
  );
  return rows.map((row) => ({
    deliveryId: row.id,
    topic: row.topic,
    state: row.state,
    problem: row.problem,
    receivedAt: row.received_at,
  }));
}

export type SetAsideDelivery = Omit<DueDelivery, 'isShopErased'> & {
  state: 'quarantined' | 'parked';
  triggeredAt: Date | null;
  receivedAt: Date;
};

/** Locks one delivery that was set aside, or answers null. */
export async function lockSetAsideDelivery(tx: Tx, deliveryId: string): Promise<SetAsideDelivery | null> {
  const [row] = await tx.query<{
    id: string;
    webhook_id: string;
    topic: string;
    projection: string | null;
    sealed: Buffer | null;
    attempts: number;
    state: SetAsideDelivery['state'];
    triggered_at: Date | null;
    received_at: Date;
  }>(
    `select id::text, webhook_id, topic, projection, sealed, attempts, state, triggered_at, received_at from inbox
     where shop_id = $1 and id = $2::bigint and state in ('quarantined', 'parked') for update`,
    [tx.shopId, deliveryId],
  );
  if (row === undefined) return null;
  return {
    deliveryId: row.id,
    webhookId: row.webhook_id,
    topic: row.topic,
    projection: row.projection,
    sealed: row.sealed,
    attempts: row.attempts,
    state: row.state,
    triggeredAt: row.triggered_at,
    receivedAt: row.received_at,
  };
}

/** Puts a set-aside delivery back in line, with a fresh projection where the body had not fitted before. */
export async function requeueDelivery(
  tx: Tx,
  webhookId: string,
  content: { projection: string | null; sealed: Buffer | null },
): Promise<void> {
  await tx.query(
    `update inbox set state = 'pending', due_at = now(), attempts = 0, problem = null, projection = $3, sealed = $4
     where shop_id = $1 and webhook_id = $2`,
    [tx.shopId, webhookId, content.projection, content.sealed],
  );
}

/** Removes what is older: applied deliveries, or those set aside. At most `limit` at a time; answers how many. */
export async function purgeDeliveries(
  tx: Tx,
  options: { states: ('done' | 'quarantined' | 'parked')[]; before: Date; limit: number },
): Promise<number> {
  const rows = await tx.query(
    `delete from inbox where shop_id = $1 and webhook_id in (
       select webhook_id from inbox where shop_id = $1 and state = any($2) and received_at < $3 limit $4) returning 1 as one`,
    [tx.shopId, options.states, options.before, options.limit],
  );
  return rows.length;
}

/**
 * Forgets what waiting deliveries say of people: set-aside bodies, any of which may name the person who is being erased,
 * and these customers' ids in orders that wait. `everybody` forgets all of it, for a shop that is erased. Safe to repeat.
 */
export async function forgetWaitingDeliveries(tx: Tx, who: { customerIds: string[] } | 'everybody'): Promise<number> {
  const sealed = await tx.query(
    `update inbox set sealed = null where shop_id = $1 and sealed is not null and (state in ('quarantined', 'parked') or $2)
     returning 1 as one`,
    [tx.shopId, who === 'everybody'],
  );
  const ids = who === 'everybody' ? String.raw`\d+` : `(?:${who.customerIds.join('|')})`;
  if (who !== 'everybody' && who.customerIds.length === 0) return sealed.length;
  // Our own text, written without spaces; ids are digits, so they mean nothing to a pattern.
  const thin = await tx.query(
    `update inbox set projection = regexp_replace(projection, $2, '"customerId":null', 'g')
     where shop_id = $1 and projection ~ $2 and state in ('pending', 'parked') returning 1 as one`,
    [tx.shopId, `"customerId":"${ids}"`],
  );
  return sealed.length + thin.length;
}
