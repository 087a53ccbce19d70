/**
 * `withShop` is the only door to a shop's rows. It opens one transaction, tells PostgreSQL the shop, and hands out a
 * `Tx`. Outside of it row-level security shows nothing. The unscoped client is not exported.
 *
 * A `Tx` speaks SQL for the hot paths (`query`) and Prisma for ordinary work (`orm`), both on the same connection and
 * in the same transaction.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';

import { describeDatabaseError, isWorthRepeating, pool, prepared } from '#app/data/database.ts';
import { PrismaClient } from '#app/data/generated/client.ts';
import { invariant } from '#app/lib/errors.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';

export type Row = Record<string, unknown>;

export type Tx = {
  readonly shopId: ShopId;
  /** Runs one prepared statement. `text` must be a constant. */
  query<Result extends Row>(text: string, values: unknown[]): Promise<Result[]>;
  readonly orm: Orm;
};

/** Models only: raw queries and transactions of their own would leave the door. */
export type Orm = Omit<PrismaClient, `$${string}`>;

const repeatsMax = 4;

const current = new AsyncLocalStorage<pg.PoolClient>();

/** A pool without connections of its own: Prisma's statements run on the connection of the transaction at hand. */
class TransactionPool extends pg.Pool {
  override query(...statement: unknown[]): never {
    const client = current.getStore();
    invariant(client !== undefined, 'Prisma was used outside withShop');
    const query: (...statement: unknown[]) => unknown = client.query.bind(client);
    return query(...statement) as never;
  }

  override connect(): never {
    throw new Error('Broken invariant: Prisma must not open a transaction of its own inside withShop');
  }
}

let orm: PrismaClient | undefined;

function sharedOrm(): Orm {
  orm ??= new PrismaClient({ adapter: new PrismaPg(new TransactionPool()) });
  return orm;
}

async function runOnce<T>(shopId: ShopId, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool().connect();
  let failure: Error | undefined;
  try {
    // One round trip; the id was checked to be a UUID, so it can be written into the text.
    await client.query(`begin; select set_config('app.shop_id', '${shopId}', true)`);
    const tx: Tx = {
      shopId,
      query: async <Result extends Row>(text: string, values: unknown[]) =>
        (await client.query<Result>(prepared(text, values))).rows,
      get orm() {
        // Prisma speaks on the connection at hand: inside another withShop that would be the other shop's.
        invariant(current.getStore() === client, 'a transaction was used outside its own withShop');
        return sharedOrm();
      },
    };
    const result = await current.run(client, () => work(tx));
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      failure = rollbackError;
    });
    throw error;
  } finally {
    // A connection that could not even roll back is thrown away.
    client.release(failure);
  }
}

/**
 * Runs `work` in one transaction that sees only this shop. Commits when it resolves, rolls back when it throws, and
 * repeats it (so it must have no effect outside the database) when PostgreSQL reports a deadlock.
 * Throws `Unavailable` when the database does not answer.
 */
export async function withShop<T>(shopId: ShopId, work: (tx: Tx) => Promise<T>): Promise<T> {
  invariant(isId(shopId), 'withShop needs a shop id');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(shopId, work);
    } catch (error) {
      if (attempt < repeatsMax && isWorthRepeating(error)) continue;
      throw describeDatabaseError(error);
    }
  }
}
