/** After any restore, phones know more than the database does. */
import type { Client } from 'pg';

const tables = ['pass', 'outbox'];

/**
 * Phones know what the lost database told them last. Every card counts as changed now, in this database's own count of
 * transactions, so that each phone fetches it once more and none keeps showing what was lost. Within a transaction.
 */
export async function renewCards(client: Client): Promise<void> {
  // Row-level security is forced on owners too, and knows no policy for them. It is back before anybody else looks.
  for (const table of tables) await client.query(`alter table public.${table} no force row level security`);
  await client.query(
    `with touched as (
       update public.pass set version = version + 1, changed_xid = pg_current_xact_id(),
         last_modified = greatest(last_modified + interval '1 second', date_trunc('second', clock_timestamp()))
       where state = 'active' or voided_at > clock_timestamp() - interval '30 days' returning shop_id, id)
     insert into public.outbox (shop_id, job, payload)
     select shop_id, 'regenerate-pass', jsonb_build_object('shopId', shop_id, 'passId', id, 'isBulk', true) from touched`,
  );
  await client.query('update public.pass set changed_xid = pg_current_xact_id()');
  for (const table of tables) await client.query(`alter table public.${table} force row level security`);
}
