-- Keys: what is known of each without its material, and rotations in progress. The material itself stays where it is: in
-- the wrapped bundle in shop.data_key.

alter table shop add column data_key_wrapped_at timestamptz;
update shop set data_key_wrapped_at = created_at where data_key is not null;

create table shop_key (
  shop_id uuid not null references shop (id),
  purpose text not null check (purpose in ('data', 'links')),
  version integer not null check (version > 0),
  -- 'current' seals or signs; 'retiring' still opens; 'retired' was destroyed.
  state text not null check (state in ('current', 'retiring', 'retired')),
  created_by text not null,
  created_at timestamptz not null,
  -- Until when a retiring link key opens links; null for data keys, whose end is when nothing is sealed with them.
  valid_until timestamptz,
  retired_at timestamptz,
  primary key (shop_id, purpose, version),
  check ((state = 'retired') = (retired_at is not null))
);
create unique index shop_key_current on shop_key (shop_id, purpose) where state = 'current';

insert into shop_key (shop_id, purpose, version, state, created_by, created_at)
select id, purpose, 1, 'current', 'system', created_at from shop, unnest(array['data', 'links']) as purpose
where data_key is not null;

create table key_rotation (
  shop_id uuid not null references shop (id),
  id uuid not null,
  to_version integer not null,
  -- 'announced': known and not used yet; 'sealing' again what is under the old key; 'settling' until nobody can still hold
  -- that one; 'done' once it is destroyed.
  state text not null default 'announced' check (state in ('announced', 'sealing', 'settling', 'done')),
  rows_total bigint not null default 0,
  rows_done bigint not null default 0,
  settles_at timestamptz,
  started_by text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (shop_id, id)
);
create unique index key_rotation_running on key_rotation (shop_id) where state <> 'done';

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['shop_key', 'key_rotation'] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format(
      'create policy tenant on %I to stampwell_web, stampwell_worker, stampwell_auditor using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()))',
      tenant_table);
    execute format('create policy whole on %I for select to stampwell_backup using (true)', tenant_table);
    execute format('grant select on %I to stampwell_auditor, stampwell_backup', tenant_table);
    execute format('grant select, insert, update on %I to stampwell_web, stampwell_worker', tenant_table);
  end loop;
end $$;

-- Of the platform, and of no shop. Which key-encryption keys there were: an id is of one key for ever.
create table platform_key (
  id text primary key,
  fingerprint text not null,
  first_used_at timestamptz not null default now()
);
-- Public keys of evidence, each with a later key's word for it.
create table evidence_key (
  id text primary key,
  document jsonb not null,
  noted_at timestamptz not null default now()
);
-- Jobs whose payload is not as it was queued. They are kept for looking at and are never run.
create table parked_job (
  id bigint generated always as identity primary key,
  task text not null,
  problem text not null,
  payload text not null,
  parked_at timestamptz not null default now()
);
grant select, insert on platform_key, parked_job to stampwell_web, stampwell_worker;
grant select, insert, update on evidence_key to stampwell_web, stampwell_worker;
grant delete on parked_job to stampwell_worker;
grant select on platform_key, evidence_key, parked_job to stampwell_auditor, stampwell_backup;
