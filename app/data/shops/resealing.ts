/** Sealing again: what lies under an earlier data key, table by table in slices, while everybody goes on reading and writing. */
import { type SealedTable, sealedTables } from '#app/data/sealed-columns.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { lowestId } from '#app/data/page-bounds.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { invariant } from '#app/lib/errors.ts';
import { blindIndex, seal, sealedPrefix, type ShopKeys, unseal } from '#app/lib/sealed-box.ts';

type SealedRow = { key: string[]; row: string } & Record<string, Buffer | null | string[] | string>;

type Statements = { count: string; slice: string; write: string };

/** Under another data key than the one named by its prefix in `$2`. */
const isEarlier = ({ columns }: SealedTable) =>
  `(${columns.map((column) => `substring(${column} from 1 for 3) <> $2`).join(' or ')})`;

/** No key is as low as these. */
const lowest = { uuid: lowestId, text: `''`, integer: '-1' };

function statementsOf(sealed: SealedTable): Statements {
  const { table, columns, key, row, indexes } = sealed;
  const names = key.map(({ name }) => name);
  const after = key.map(({ type }, index) => `coalesce(($3::text[])[${index + 1}]::${type}, ${lowest[type]})`);
  const written = [...columns, ...indexes.map(({ column }) => column)];
  const arrays = [...key.map(({ type }) => type), ...written.map(() => 'bytea')];
  return {
    count: `select count(*) as n from ${table} where shop_id = $1 and ${isEarlier(sealed)}`,
    slice: `select array[${names.map((name) => `${name}::text`).join(', ')}] as key, ${row} as row, ${columns.join(', ')}
      from ${table} where shop_id = $1 and ${isEarlier(sealed)}
        and (${names.join(', ')}) > (${after.join(', ')})
      order by ${names.join(', ')} limit $4 for update`,
    write: `update ${table} as t set ${written.map((column) => `${column} = v.${column}`).join(', ')}
      from unnest(${arrays.map((type, index) => `$${index + 2}::${type}[]`).join(', ')})
        as v(${[...names.map((_, index) => `k${index}`), ...written].join(', ')})
      where t.shop_id = $1 and ${names.map((name, index) => `t.${name} = v.k${index}`).join(' and ')}`,
  };
}

const tables = sealedTables.map((sealed) => ({ sealed, statements: statementsOf(sealed) }));

/** How many tables there are to go through. */
export const sealedTableCount = tables.length;

function prefixOf(keys: ShopKeys): Buffer {
  const [key] = keys.dataKeys;
  invariant(key !== undefined, 'a shop has a data key');
  return sealedPrefix(key.version);
}

/** How many rows hold something that is sealed under an earlier data key. */
export async function countEarlierSealed(tx: Tx): Promise<number> {
  const prefix = prefixOf(await readShopKeys(tx));
  let total = 0;
  for (const { statements } of tables) {
    const [row] = await tx.query<{ n: number }>(statements.count, [tx.shopId, prefix]);
    total += row?.n ?? 0;
  }
  return total;
}

function sealAgain(keys: ShopKeys, sealed: SealedTable, row: SealedRow): (Buffer | null)[] {
  const opened = new Map<string, string | null>();
  for (const column of sealed.columns) {
    const value = row[column];
    const place = { table: sealed.table, column, row: row.row };
    opened.set(column, Buffer.isBuffer(value) ? unseal(keys, place, value) : null);
  }
  const values = sealed.columns.map((column) => {
    const plain = opened.get(column) ?? null;
    return plain === null ? null : seal(keys, { table: sealed.table, column, row: row.row }, plain);
  });
  const indexes = sealed.indexes.map(({ of, purpose, normalize }) => {
    const plain = opened.get(of) ?? null;
    return plain === null ? null : blindIndex(keys, purpose, normalize(plain));
  });
  return [...values, ...indexes];
}

export type ResealedSlice = { rows: number; after: string[] | null };

/**
 * Seals the next slice of a table again under the newest data key, with the blind indexes that go with it. `after` is where
 * to go on, null when the table is through. Safe to repeat and to begin anew: what is under the newest key is left alone.
 */
export async function resealSlice(
  tx: Tx,
  { table, after, limit }: { table: number; after: string[] | null; limit: number },
): Promise<ResealedSlice> {
  const entry = tables[table];
  invariant(entry !== undefined, 'there is such a table');
  const { sealed, statements } = entry;
  const keys = await readShopKeys(tx);
  const rows = await tx.query<SealedRow>(statements.slice, [tx.shopId, prefixOf(keys), after, limit]);
  const last = rows.at(-1);
  if (last === undefined) return { rows: 0, after: null };
  const values = rows.map((row) => sealAgain(keys, sealed, row));
  const keyArrays = sealed.key.map((_, index) => rows.map((row) => row.key[index] ?? null));
  const valueArrays = (values[0] ?? []).map((_, index) => values.map((row) => row[index] ?? null));
  await tx.query(statements.write, [tx.shopId, ...keyArrays, ...valueArrays]);
  return { rows: rows.length, after: rows.length < limit ? null : last.key };
}
