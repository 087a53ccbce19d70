-- What settlement appends named its shop in a foreign key: a look-up and a row lock on `shop` for each of five rows an
-- order, about a sixth of PostgreSQL's work for it, and all orders of a busy shop lock the same row. Row-level security
-- ties the shop_id of every row to the shop that is set, so it is enough to ask once per statement whether there is such
-- a shop. Shops are never deleted: nobody who runs may, and the keys of what a shop owns still forbid it.
create function require_shop() returns trigger
language plpgsql as $$
begin
  -- Without a shop only the owner of the tables gets this far, who is bound by nothing.
  if current_shop() is not null and not exists (select from shop where id = current_shop()) then
    raise exception 'there is no shop %', current_shop() using errcode = 'foreign_key_violation';
  end if;
  return null;
end $$;

do $$
declare
  appended text;
begin
  foreach appended in array array['order_state', 'ledger_entry', 'ledger_source', 'lot', 'outbox'] loop
    execute format('alter table %I drop constraint %I', appended, appended || '_shop_id_fkey');
    execute format('create trigger require_shop after insert on %I for each statement execute function require_shop()', appended);
  end loop;
end $$;
