-- API clients that are bound to programs, networks, a pace and a time; secrets exchanged with an overlap; tokens taken back.
alter table api_client
  -- Null: every program.
  add column program_ids uuid[] check (program_ids is null or cardinality(program_ids) between 1 and 50),
  -- In CIDR notation; empty: from anywhere.
  add column networks text[] not null default '{}' check (cardinality(networks) <= 50),
  -- Of the whole fleet; null: what the platform allows everybody.
  add column requests_per_second integer check (requests_per_second between 1 and 1000),
  add column expires_at timestamptz,
  -- The open beginning of the secret, by which people recognise it and a leaked one is found.
  add column key_prefix text,
  add column rotated_at timestamptz,
  -- The secret before, while both are good.
  add column previous_hash text,
  add column previous_prefix text,
  add column previous_until timestamptz,
  -- Tokens of an earlier epoch are refused.
  add column token_epoch integer not null default 0,
  -- Sealed. With it this client knows each member by an id of its own.
  add column pseudonym_key bytea,
  add column created_by text,
  add column revoked_by text,
  add column revoked_reason text,
  add check ((previous_hash is null) = (previous_until is null));
-- Whoever found a secret knows no shop.
create index api_client_key_prefix on api_client (key_prefix) where key_prefix is not null;
create index api_client_previous_prefix on api_client (previous_prefix) where previous_prefix is not null;

-- Tokens that were taken back before their time.
create table revoked_token (
  shop_id uuid not null references shop (id),
  token_id text not null check (length(token_id) <= 64),
  client_id text not null,
  -- When it would have ended anyway.
  expires_at timestamptz not null,
  primary key (shop_id, token_id)
);
create index revoked_token_end on revoked_token (shop_id, expires_at);

-- What each client asked for, by the day.
create table api_client_usage (
  shop_id uuid not null references shop (id),
  client_id text not null,
  day date not null,
  requests bigint not null default 0,
  -- Answered with 4xx, 429 apart.
  refused bigint not null default 0,
  limited bigint not null default 0,
  failed bigint not null default 0,
  bytes_out bigint not null default 0,
  primary key (shop_id, client_id, day)
);

-- When one of the platform's operators may look into a shop: opened by themselves in an emergency, or granted by the merchant.
create table support_access (
  shop_id uuid not null references shop (id),
  id uuid not null,
  kind text not null check (kind in ('break-glass', 'grant')),
  -- Null: whichever operator takes up a grant.
  operator text,
  scopes text[] not null check (cardinality(scopes) > 0),
  reason text not null check (length(reason) between 1 and 500),
  opened_by text not null,
  opened_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > opened_at and expires_at <= opened_at + interval '8 days'),
  ended_at timestamptz,
  ended_by text,
  primary key (shop_id, id),
  check (kind <> 'break-glass' or operator is not null)
);
create index support_access_newest on support_access (shop_id, opened_at desc, id desc);

-- The platform's operators. They belong to no shop; what they did in one stands in that shop's audit chain.
create table operator_account (
  name text primary key check (name ~ '^[a-z][a-z0-9.-]{1,39}$'),
  password_hash text not null check (password_hash like '$2_$12$%'),
  -- Sealed under the platform's key.
  totp_secret bytea not null,
  totp_key text not null,
  -- The newest half minute a code was taken of: no code counts twice.
  totp_step bigint not null default 0,
  created_at timestamptz not null,
  signed_in_at timestamptz,
  disabled_at timestamptz
);
create table operator_session (
  -- A digest: whoever reads the table cannot take over a session.
  id_hash bytea primary key,
  operator text not null references operator_account (name),
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index operator_session_end on operator_session (expires_at);
create table operator_record (
  id bigint generated always as identity primary key,
  operator text not null,
  action text not null,
  object text,
  at timestamptz not null
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['revoked_token', 'api_client_usage', 'support_access'] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format(
      'create policy tenant on %I to stampwell_web, stampwell_worker, stampwell_auditor using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()))',
      tenant_table);
    execute format('create policy whole on %I for select to stampwell_backup using (true)', tenant_table);
  end loop;
end $$;
grant select on revoked_token, api_client_usage, support_access to stampwell_auditor, stampwell_backup;
grant select on operator_account, operator_session, operator_record to stampwell_backup;
grant select, insert, delete on revoked_token to stampwell_web, stampwell_worker;
grant select, insert, update, delete on api_client_usage to stampwell_web, stampwell_worker;
grant select, insert, update on support_access to stampwell_web, stampwell_worker;
-- Operators sign in at the web process. It cannot make accounts: that is done by a command that runs as a worker.
grant select on operator_account to stampwell_web;
grant update (totp_step, totp_secret, totp_key, signed_in_at) on operator_account to stampwell_web;
grant select, insert, update on operator_account to stampwell_worker;
grant select, insert, delete on operator_session to stampwell_web, stampwell_worker;
-- Append-only, like the chains.
grant select, insert on operator_record to stampwell_web, stampwell_worker;

-- Shops with a client whose secret begins like this.
grant select (key_prefix, previous_prefix) on api_client to stampwell_directory;
create function find_shops_by_key_prefix(wanted text) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public as $$
  select shop_id from api_client where key_prefix = wanted
  union select shop_id from api_client where previous_prefix = wanted
  limit 10
$$;
alter function find_shops_by_key_prefix(text) owner to stampwell_directory;
revoke all on function find_shops_by_key_prefix(text) from public;
grant execute on function find_shops_by_key_prefix(text) to stampwell_web, stampwell_worker;
