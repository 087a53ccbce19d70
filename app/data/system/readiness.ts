/** Whether the database does what it is there for: one that answers may still have no room left, or take no writes. */
import { pool } from '#app/data/database.ts';

/** What was proven a moment ago is not proven again, however many ask. */
const provenForMs = 1_000;
let provenAtMs = Number.NEGATIVE_INFINITY;

/**
 * One statement in three parts, and one transaction: sorting more than fits into memory takes room on the disk, where a small
 * write would find some for long after larger ones fail; and taking a slot of a bucket of its own is a write that must be
 * committed, which a database that is read-only, or waits for a standby, does not do.
 */
const proof = `
  select set_config('work_mem', '64kB', true);
  select count(*) from (select repeat('x', 1000) from generate_series(1, 256) as n order by n, 1 offset 0) as sorted;
  select granted from take_tokens('readiness', 1000, 1000, 1)`;

/** Throws when the database does not take what is written, or has no room for it. Repeating is safe. */
export async function proveWrites(): Promise<void> {
  if (performance.now() - provenAtMs < provenForMs) return;
  await pool().query(proof);
  provenAtMs = performance.now();
}
