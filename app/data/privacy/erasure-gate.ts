/**
 * Erasing a person and applying news about people exclude each other: whoever writes identity or customer ids holds the
 * gate open until its transaction ends, and an erasure passes only when nobody does. What was written before an erasure
 * is seen by it, what is written after it sees it.
 */
import type { Tx } from '#app/data/tenancy.ts';

/** SQL for the gate's key; `$1` is the shop. */
export const gateKey = `hashtextextended('erasure/' || $1::text, 0)`;

/** Keeps erasures out until the transaction ends; any number of writers may. Must come before anything is read. */
export async function keepErasureOut(tx: Tx): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock_shared(${gateKey}) is null as locked`, [tx.shopId]);
}

/** Waits for every writer under way and keeps new ones out until the transaction ends. Must come before anything is read. */
export async function waitForWriters(tx: Tx): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(${gateKey}) is null as locked`, [tx.shopId]);
}
