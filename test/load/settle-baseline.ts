/**
 * The baseline of `settle`: one order, one transaction, one statement after the other, and the job queued in it. The
 * same tables, rules, row-level security and end result; statements are prepared and the rules are in memory.
 */
import { createHash } from 'node:crypto';

import pg from 'pg';

import { settle, type Settlement } from '#app/domain/earning/earning.ts';
import { newcomer, plainFacts } from '#app/domain/earning/facts.ts';
import { needsHistory, settleHistory } from '#app/domain/earning/history.ts';
import { type KeptState, unpackState } from '#app/data/orders/orders.ts';
import { emptyOrder, mergeNews } from '#app/domain/orders/order-merge.ts';
import type { OrderNews, OrderState } from '#app/domain/orders/order.ts';
import { type NewsOnWire, unpackNews } from '#app/domain/orders/order-wire.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';

export type BaselineRules = { shopId: string; versionId: string; document: ProgramDocument };

type Run = (name: string, text: string, values: unknown[]) => Promise<Record<string, unknown>[]>;

/** One settler on a connection of its own. `settleNext` answers false when the shop has nothing left. */
export async function openBaselineSettler(url: string): Promise<{
  settleNext: (rules: BaselineRules) => Promise<boolean>;
  close: () => Promise<void>;
}> {
  const client = new pg.Client({ connectionString: url, options: '-c role=stampwell_worker -c timezone=UTC' });
  await client.connect();
  const run: Run = async (name, text, values) =>
    (await client.query({ name, text, values })).rows as Record<string, unknown>[];
  return {
    settleNext: async (rules) => {
      await client.query(`begin; select set_config('app.shop_id', '${rules.shopId}', true)`);
      const isSettled = await settleOne(run, rules);
      await client.query('commit');
      return isSettled;
    },
    close: () => client.end(),
  };
}

async function settleOne(run: Run, { shopId, versionId, document }: BaselineRules): Promise<boolean> {
  const [delivery] = await run(
    'claim',
    `select webhook_id, projection from inbox where shop_id = $1 and state = 'pending' and due_at <= now()
     order by due_at, id limit 1 for update skip locked`,
    [shopId],
  );
  if (delivery === undefined) return false;
  await settleOrder(
    run,
    { shopId, versionId, document },
    unpackNews(JSON.parse(String(delivery['projection'])) as NewsOnWire),
  );
  await run(
    'inbox-done',
    `update inbox set state = 'done', projection = null, sealed = null, problem = null where shop_id = $1 and webhook_id = $2`,
    [shopId, delivery['webhook_id']],
  );
  return true;
}

/** Where rules look at the member's other orders, these are read for every order anew. */
async function settlementOf(
  run: Run,
  member: { shopId: string; memberId: unknown; document: ProgramDocument },
  state: OrderState,
): Promise<Settlement> {
  const { shopId, memberId, document } = member;
  if (!needsHistory(document)) return settle({ order: state, document, facts: plainFacts('UTC'), standing: newcomer });
  const rows = await run('history', 'select order_id, state from order_state where shop_id = $1 and member_id = $2', [
    shopId,
    memberId,
  ]);
  const others = rows
    .filter((row) => row['order_id'] !== state.orderId)
    .map((row) => unpackState(String(row['order_id']), row['state'] as KeptState));
  const facts = plainFacts('UTC');
  const orders = [...others, state].map((one) => ({ state: one, document, facts }));
  const settlement = settleHistory({ orders, events: [] }).orders.get(state.orderId);
  if (settlement === undefined) throw new Error('an order of its own history was not settled');
  return settlement;
}

async function settleOrder(run: Run, { shopId, versionId, document }: BaselineRules, news: OrderNews): Promise<void> {
  const { orderId } = news;
  await run(
    'order-add',
    `insert into order_state (shop_id, order_id, state) values ($1, $2, $3) on conflict (shop_id, order_id) do nothing`,
    [shopId, orderId, JSON.stringify({ orderId })],
  );
  const [stored] = await run(
    'order-lock',
    'select state, booked from order_state where shop_id = $1 and order_id = $2 for update',
    [shopId, orderId],
  );
  const state = mergeNews({ ...emptyOrder(orderId), ...(stored?.['state'] as Partial<OrderState>) }, news);
  const booked = (stored?.['booked'] ?? {}) as Record<string, number>;
  const [member] = await run('member', 'select id from member where shop_id = $1 and shopify_customer_id = $2', [
    shopId,
    state.latest?.customerId ?? null,
  ]);
  if (member === undefined) throw new Error('every sample order has a member');
  const settlement = await settlementOf(run, { shopId, memberId: member['id'], document }, state);
  for (const target of settlement.targets) {
    const delta = target.amount - (booked[target.unit] ?? 0);
    if (delta <= 0) continue;
    booked[target.unit] = target.amount;
    await post(run, {
      shopId,
      versionId,
      orderId,
      memberId: member['id'],
      unit: target.unit,
      delta,
      state,
      why: target.explanation,
    });
  }
  await run(
    'order-write',
    `update order_state set state = $3, member_id = $4, customer_id = $5, rule_version_id = $6, booked = $7,
       settlements = settlements + 1, processed_at = $8, updated_at = now() where shop_id = $1 and order_id = $2`,
    [
      shopId,
      orderId,
      JSON.stringify(state),
      member['id'],
      state.latest?.customerId,
      versionId,
      JSON.stringify(booked),
      state.latest?.processedAt,
    ],
  );
}

type Posting = {
  shopId: string;
  versionId: string;
  orderId: string;
  memberId: unknown;
  unit: string;
  delta: number;
  state: OrderState;
  why: unknown;
};

async function post(run: Run, posting: Posting): Promise<void> {
  const { shopId, memberId, unit, delta, orderId, versionId, state } = posting;
  const at = new Date();
  const sourceKey = `order:${orderId}:${unit}:1`;
  const hash = createHash('sha256').update(JSON.stringify(state)).update(versionId).digest();
  await run(
    'balance-lock',
    'select amount from balance where shop_id = $1 and member_id = $2 and unit = $3 for update',
    [shopId, memberId, unit],
  );
  const [entry] = await run(
    'entry',
    `insert into ledger_entry (shop_id, member_id, unit, kind, amount, source, source_key, order_id, rule_version_id, inputs_hash,
       explanation, actor, occurred_at, booked_at)
     values ($1, $2, $3, 'accrual', $4, 'order', $5, $6, $7, $8, $9, 'system', $10, $11) returning id`,
    [
      shopId,
      memberId,
      unit,
      delta,
      sourceKey,
      orderId,
      versionId,
      hash,
      JSON.stringify(posting.why),
      state.latest?.processedAt,
      at,
    ],
  );
  await run(
    'source',
    'insert into ledger_source (shop_id, source_key, entry_id, inputs_hash, booked_at) values ($1, $2, $3, $4, $5)',
    [shopId, sourceKey, entry?.['id'], hash, at],
  );
  await run('balance', 'update balance set amount = amount + $4 where shop_id = $1 and member_id = $2 and unit = $3', [
    shopId,
    memberId,
    unit,
    delta,
  ]);
  await run(
    'lot',
    `insert into lot (shop_id, id, member_id, unit, order_id, amount, remaining, available_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $6, $7, $7)`,
    [shopId, entry?.['id'], memberId, unit, orderId, delta, state.latest?.processedAt],
  );
  const passes = await run(
    'pass',
    `update pass set version = version + 1, changed_xid = pg_current_xact_id(),
       last_modified = greatest(last_modified + interval '1 second', date_trunc('second', clock_timestamp()))
     where shop_id = $1 and member_id = $2 returning id`,
    [shopId, memberId],
  );
  for (const pass of passes)
    await run(
      'job',
      `select 1 from graphile_worker.add_job('regenerate-pass', $1::json, job_key := $2, job_key_mode := 'preserve_run_at', max_attempts := 12)`,
      [JSON.stringify({ shopId, passId: pass['id'] }), `regenerate-pass:${String(pass['id'])}`],
    );
}
