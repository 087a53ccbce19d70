-- Who works in a shop: their role in the admin, where they may stand at a till, and the PIN that shows it is them.
create table shop_staff (
  shop_id uuid not null references shop (id),
  id uuid not null,
  -- Shopify's id of the user: all that a session token says about a person.
  user_id text not null check (user_id ~ '^[0-9]{1,20}$'),
  role text not null check (role in ('owner', 'manager', 'marketer', 'support', 'viewer', 'auditor')),
  -- Their name in the owner's words, sealed.
  name bytea,
  -- Short, for typing at a till.
  number integer not null check (number > 0),
  -- Ids of Shopify's locations; null is everywhere, an empty list nowhere.
  locations text[],
  pin_hash text check (pin_hash like '$2_$12$%'),
  pin_set_at timestamptz,
  -- From then on a forgotten PIN may be replaced without knowing it; null while nobody asked.
  pin_reset_at timestamptz,
  is_locked boolean not null default false,
  expires_at timestamptz,
  added_by text not null,
  created_at timestamptz not null,
  last_seen_at timestamptz,
  primary key (shop_id, id),
  unique (shop_id, user_id),
  unique (shop_id, number),
  -- An auditor's visit always ends.
  check (role <> 'auditor' or expires_at is not null),
  check (role <> 'owner' or (expires_at is null and not is_locked))
);

-- How a shop lets people in, and from which cost on a redemption needs a manager. Without a row: the defaults here.
create table access_settings (
  shop_id uuid primary key references shop (id),
  default_role text not null default 'viewer' check (default_role in ('manager', 'marketer', 'support', 'viewer')),
  -- Whether a Shopify user we do not know yet may serve at every till.
  is_till_open boolean not null default true,
  till_cost_max bigint check (till_cost_max >= 0),
  api_cost_max bigint check (api_cost_max >= 0),
  updated_by text not null,
  updated_at timestamptz not null
);

-- Wrong PINs in a row, by person and by till.
create table pin_lockout (
  shop_id uuid not null references shop (id),
  target text not null,
  failures integer not null,
  locked_until timestamptz,
  updated_at timestamptz not null,
  primary key (shop_id, target)
);
create index pin_lockout_age on pin_lockout (shop_id, updated_at);

-- Somebody looked through who may do what, and put their name to it.
create table access_review (
  shop_id uuid not null references shop (id),
  id uuid not null,
  people jsonb not null,
  note text,
  signed_by text not null,
  signed_at timestamptz not null,
  primary key (shop_id, id)
);
create index access_review_newest on access_review (shop_id, signed_at desc, id desc);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['shop_staff', 'access_settings', 'pin_lockout', 'access_review'] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format(
      'create policy tenant on %I to stampwell_web, stampwell_worker, stampwell_auditor using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()))',
      tenant_table);
    execute format('create policy whole on %I for select to stampwell_backup using (true)', tenant_table);
  end loop;
end $$;
grant select on access_settings, pin_lockout, access_review to stampwell_auditor, stampwell_backup;
grant select on shop_staff to stampwell_backup;
-- Who had which role is the auditor's business; names and PINs are not.
grant select (shop_id, id, user_id, role, number, locations, pin_set_at, pin_reset_at, is_locked, expires_at, added_by, created_at, last_seen_at)
  on shop_staff to stampwell_auditor;
grant select, insert, update, delete on shop_staff, access_settings, pin_lockout to stampwell_web, stampwell_worker;
-- A review that was signed stays as it is.
grant select, insert on access_review to stampwell_web, stampwell_worker;
grant delete on access_review to stampwell_worker;
