/**
 * Where a page begins that begins nowhere yet. A statement is planned once for all its values, so `$2 is null or id > $2`
 * would be asked of every row from the start, page after page; `id > coalesce($2, lowest)` starts the index right there.
 */

/** SQL: below every id. */
export const lowestId = `'00000000-0000-0000-0000-000000000000'::uuid`;

/** SQL: above every id. */
export const highestId = `'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid`;

/** SQL: above every number that counts rows. */
export const highestNumber = `'9223372036854775807'::bigint`;
