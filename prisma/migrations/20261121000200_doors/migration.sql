-- Who may see and do what. Row-level security is forced on every tenant table; the functions here are the only way
-- to learn which shop something belongs to before a shop is set, and they return ids alone.

create function current_shop() returns uuid
language sql stable parallel safe as $$ select nullif(current_setting('app.shop_id', true), '')::uuid $$;

do $$
declare
  tenant_table text;
begin
  for tenant_table in
    select c.relname from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'shop_id' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    -- The sub-select makes it an init plan: evaluated once, and the index on shop_id is used.
    execute format(
      'create policy tenant on %I to stampwell_web, stampwell_worker, stampwell_auditor using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()))',
      tenant_table);
    execute format('create policy whole on %I for select to stampwell_backup using (true)', tenant_table);
  end loop;
end $$;

alter table shop enable row level security;
alter table shop force row level security;
create policy tenant on shop to stampwell_web, stampwell_worker, stampwell_auditor
  using (id = (select current_shop())) with check (id = (select current_shop()));
create policy whole on shop for select to stampwell_backup using (true);

-- The outbox is a queue: the relay empties it for all shops at once. It holds ids only.
create policy relay on outbox to stampwell_worker using (true) with check (true);

grant select on all tables in schema public to stampwell_auditor, stampwell_backup;
revoke select on session, member_profile, api_client from stampwell_auditor;

-- Append-only for everybody who runs: entries, their sources, and both chains.
grant select, insert on ledger_entry, ledger_source, consent_record, audit_record, tombstone, purge_report
  to stampwell_web, stampwell_worker;
grant usage on sequence ledger_entry_id to stampwell_web, stampwell_worker;

grant select, insert, update on
  shop, program, rule_version, card_design, reward, member, member_profile, inbox, order_state, balance, lot,
  reservation, pass, device_registration, chain_head, erasure_case, api_client, api_idempotency, shop_image, session
  to stampwell_web, stampwell_worker;
grant insert on outbox to stampwell_web;
grant select, insert, update, delete on outbox to stampwell_worker;
grant delete on session, device_registration to stampwell_web;
grant delete on
  session, device_registration, member_profile, inbox, order_state, api_client, api_idempotency, shop_image
  to stampwell_worker;
grant select, insert, update on system_fact to stampwell_web, stampwell_worker;
-- Published versions never change, whoever asks.
revoke update on rule_version, card_design from stampwell_web, stampwell_worker;
grant update (google_class_synced_at) on card_design to stampwell_web, stampwell_worker;

-- The directory: from a public name to its shop.
grant select (id, domain, state) on shop to stampwell_directory;
grant select (shop_id, id, slug, state) on program to stampwell_directory;
grant select (shop_id, id, serial, changed_xid, state, wallet) on pass to stampwell_directory;
grant select (shop_id, pass_id, device_library_identifier) on device_registration to stampwell_directory;
grant select (shop_id, id, revoked_at) on api_client to stampwell_directory;
grant select (shop_id, id, state, due_at) on inbox to stampwell_directory;
create policy directory on shop for select to stampwell_directory using (true);
create policy directory on program for select to stampwell_directory using (true);
create policy directory on pass for select to stampwell_directory using (true);
create policy directory on device_registration for select to stampwell_directory using (true);
create policy directory on api_client for select to stampwell_directory using (true);
create policy directory on inbox for select to stampwell_directory using (true);

create function find_shop_by_domain(wanted text) returns uuid
language sql stable security definer set search_path = pg_catalog, public as $$
  select id from shop where domain = wanted
$$;

create function find_shop_by_program_slug(wanted text) returns table (shop_id uuid, program_id uuid)
language sql stable security definer set search_path = pg_catalog, public as $$
  select p.shop_id, p.id from program p where p.slug = wanted
$$;

create function find_shop_by_program(wanted uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, public as $$
  select shop_id from program where id = wanted
$$;

create function find_shop_by_serial(wanted text) returns uuid
language sql stable security definer set search_path = pg_catalog, public as $$
  select shop_id from pass where serial = wanted
$$;

create function find_shop_by_api_client(wanted text) returns uuid
language sql stable security definer set search_path = pg_catalog, public as $$
  select shop_id from api_client where id = wanted and revoked_at is null
$$;

create function list_shops(after uuid, most integer) returns table (shop_id uuid, domain text, state text)
language sql stable security definer set search_path = pg_catalog, public as $$
  select id, shop.domain, shop.state from shop where after is null or id > after order by id limit least(most, 1000)
$$;

-- Shops with deliveries that are due, found by hopping along the index instead of reading every row.
create function shops_with_due_deliveries(most integer) returns setof uuid
language sql volatile security definer set search_path = pg_catalog, public as $$
  with recursive hop as (
    (select i.shop_id from inbox i where i.state = 'pending' order by i.shop_id limit 1)
    union all
    select (select i.shop_id from inbox i where i.state = 'pending' and i.shop_id > hop.shop_id order by i.shop_id limit 1)
    from hop where hop.shop_id is not null
  )
  select hop.shop_id from hop
  where hop.shop_id is not null
    and exists (select from inbox i where i.shop_id = hop.shop_id and i.state = 'pending' and i.due_at <= now())
  limit least(most, 1000)
$$;

-- One device's passes that changed in or after the snapshot it was last told of. Crosses shops by design: a device
-- holds cards of many. Every transaction below the returned horizon is finished, so none can appear behind it later.
create function passes_of_device(device text, since xid8) returns table (serial text, horizon xid8)
language sql stable security definer set search_path = pg_catalog, public as $$
  select p.serial, pg_snapshot_xmin(pg_current_snapshot())
  from device_registration r
  join pass p on p.shop_id = r.shop_id and p.id = r.pass_id
  where r.device_library_identifier = device and p.wallet = 'apple'
    and (since is null or p.changed_xid >= since)
  order by p.serial
$$;

do $$
declare
  door text;
begin
  foreach door in array array[
    'find_shop_by_domain(text)', 'find_shop_by_program_slug(text)', 'find_shop_by_program(uuid)', 'find_shop_by_serial(text)',
    'find_shop_by_api_client(text)', 'list_shops(uuid, integer)', 'shops_with_due_deliveries(integer)',
    'passes_of_device(text, xid8)'
  ] loop
    execute format('alter function %s owner to stampwell_directory', door);
    execute format('revoke all on function %s from public', door);
    execute format('grant execute on function %s to stampwell_web, stampwell_worker', door);
  end loop;
end $$;

revoke all on function ensure_ledger_partition(date) from public;
grant execute on function ensure_ledger_partition(date) to stampwell_worker;

-- The whole of what a webhook request does in the database: one statement, one commit.
create function receive_delivery(
  to_shop uuid, delivery text, of_topic text, as_state text, thin text, identity bytea, trouble text, at timestamptz
) returns void
language plpgsql as $$
begin
  perform set_config('app.shop_id', to_shop::text, true);
  insert into inbox (shop_id, webhook_id, topic, state, projection, sealed, problem, triggered_at)
  values (to_shop, delivery, of_topic, as_state, thin, identity, trouble, at)
  on conflict (shop_id, webhook_id) do nothing;
end $$;
revoke all on function receive_delivery(uuid, text, text, text, text, bytea, text, timestamptz) from public;
grant execute on function receive_delivery(uuid, text, text, text, text, bytea, text, timestamptz) to stampwell_web, stampwell_worker;
