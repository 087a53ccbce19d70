/** What the data layer asks of PostgreSQL, and how PostgreSQL would answer it in a large shop. */
import pg from 'pg';

import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { ShopId } from '#app/lib/ids.ts';
import type { TestSystem } from '#test/support/factories.ts';

type Statement = { text: string; values: unknown[] };

/** The statements that some work in a transaction of the shop runs, in order. */
export async function statementsOf(shopId: ShopId, work: (tx: Tx) => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = [];
  await withShop(shopId, (tx) =>
    work({
      shopId: tx.shopId,
      query: (text, values) => {
        statements.push({ text, values });
        return tx.query(text, values);
      },
      get orm() {
        return tx.orm;
      },
    }),
  );
  return statements;
}

const literal = (value: unknown): string => {
  if (value === null || Array.isArray(value)) return 'null';
  if (Buffer.isBuffer(value)) return `'\\x${value.toString('hex')}'`;
  if (value instanceof Date) return pg.escapeLiteral(value.toISOString());
  return pg.escapeLiteral(typeof value === 'string' ? value : JSON.stringify(value));
};

/** The plan that is kept for a statement after its first uses: made for all values, with the indexes a large shop makes worth while. */
export async function keptPlan(system: TestSystem, { text, values }: Statement): Promise<string> {
  await system.sql(`set plan_cache_mode = force_generic_plan`);
  for (const way of ['seqscan', 'bitmapscan', 'sort']) await system.sql(`set enable_${way} = off`);
  await system.sql(`prepare kept as ${text}`);
  try {
    const rows = await system.sql<{ 'QUERY PLAN': string }>(
      `explain (costs off) execute kept(${values.map(literal).join(', ')})`,
    );
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  } finally {
    await system.sql('deallocate kept');
    await system.sql('reset all');
  }
}
