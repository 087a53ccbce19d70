-- The core tables. Every table but `shop` carries shop_id; every key and index starts with it, except where a caller
-- is known by something else first (those few say so).

create table shop (
  id uuid primary key,
  domain text not null unique check (domain ~ '^[a-z0-9][a-z0-9-]*\.myshopify\.com$'),
  -- 'pending': Shopify told us of it before anyone opened the app.
  state text not null default 'pending' check (state in ('pending', 'installed', 'uninstalled', 'redacted')),
  name text,
  currency text check (currency ~ '^[A-Z]{3}$'),
  time_zone text not null default 'UTC',
  country text,
  scopes text,
  -- The shop's data key, wrapped; null once it was destroyed.
  data_key bytea,
  data_key_kek text,
  needs_reauthorization boolean not null default false,
  installed_at timestamptz,
  uninstalled_at timestamptz,
  created_at timestamptz not null default now()
);

create table session (
  shop_id uuid not null references shop (id),
  id text not null,
  -- Everything Shopify gave us, tokens included, sealed as one.
  content bytea not null,
  expires_at timestamptz,
  refresh_expires_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (shop_id, id)
);

create table program (
  shop_id uuid not null references shop (id),
  id uuid not null,
  -- Public address of the join page: unique across shops, because it comes before the shop is known.
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
  state text not null default 'draft' check (state in ('draft', 'live', 'ended')),
  draft jsonb not null,
  draft_revision integer not null default 1,
  sign_up_places text[] not null default '{}',
  created_at timestamptz not null default now(),
  primary key (shop_id, id)
);

create table rule_version (
  shop_id uuid not null references shop (id),
  id uuid not null,
  program_id uuid not null,
  number integer not null check (number > 0),
  document jsonb not null,
  -- Orders made from this moment on count by this version.
  effective_from timestamptz not null,
  published_at timestamptz not null,
  published_by text not null,
  primary key (shop_id, id),
  unique (shop_id, program_id, number),
  foreign key (shop_id, program_id) references program (shop_id, id)
);

create table card_design (
  shop_id uuid not null references shop (id),
  program_id uuid not null,
  number integer not null check (number > 0),
  design jsonb not null,
  published_at timestamptz not null,
  -- When the Google class for this design was last accepted; null until then.
  google_class_synced_at timestamptz,
  primary key (shop_id, program_id, number),
  foreign key (shop_id, program_id) references program (shop_id, id)
);

create table reward (
  shop_id uuid not null references shop (id),
  program_id uuid not null,
  id text not null,
  document jsonb not null,
  is_active boolean not null default true,
  primary key (shop_id, program_id, id),
  foreign key (shop_id, program_id) references program (shop_id, id)
);

create table member (
  shop_id uuid not null references shop (id),
  id uuid not null,
  program_id uuid not null,
  shopify_customer_id text check (shopify_customer_id ~ '^[0-9]{1,20}$'),
  external_id text,
  -- The random part of the code on the card: identity only, never value.
  card_id text not null,
  state text not null default 'active' check (state in ('active', 'frozen', 'erased')),
  locale text not null default 'en',
  enrolled_at timestamptz not null,
  enrolled_via text not null check (enrolled_via in ('checkout', 'pos', 'link', 'api', 'admin')),
  enrolled_location text,
  primary key (shop_id, id),
  foreign key (shop_id, program_id) references program (shop_id, id)
);
create unique index member_customer on member (shop_id, program_id, shopify_customer_id) where shopify_customer_id is not null;
create unique index member_external on member (shop_id, program_id, external_id) where external_id is not null;
create unique index member_card on member (shop_id, card_id);
create index member_newest on member (shop_id, enrolled_at desc, id desc);

create table member_profile (
  shop_id uuid not null references shop (id),
  member_id uuid not null,
  -- Sealed fields; each has a keyed blind index where it must be found by its value.
  name bytea,
  email bytea,
  email_index bytea,
  phone bytea,
  phone_index bytea,
  birthday bytea,
  updated_at timestamptz not null default now(),
  primary key (shop_id, member_id),
  foreign key (shop_id, member_id) references member (shop_id, id)
);
create index member_profile_email on member_profile (shop_id, email_index) where email_index is not null;
create index member_profile_phone on member_profile (shop_id, phone_index) where phone_index is not null;

create table inbox (
  shop_id uuid not null references shop (id),
  id bigint generated always as identity,
  webhook_id text not null,
  topic text not null,
  -- 'quarantined': valid JSON that does not fit; 'parked': could not be applied, a person may retry it.
  state text not null default 'pending' check (state in ('pending', 'done', 'quarantined', 'parked')),
  -- The allow-listed projection, without personal data; null once applied.
  projection text,
  -- Identity or a quarantined body, sealed; null once applied.
  sealed bytea,
  problem text,
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  triggered_at timestamptz,
  received_at timestamptz not null default now(),
  primary key (shop_id, webhook_id)
);
create index inbox_pending on inbox (shop_id, due_at, id) where state = 'pending';
create index inbox_visible on inbox (shop_id, id desc) where state in ('quarantined', 'parked');
create index inbox_age on inbox (shop_id, received_at);
-- Rows live seconds as pending and days as done: keep dead versions few.
alter table inbox set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, fillfactor = 70);

create table order_state (
  shop_id uuid not null references shop (id),
  order_id text not null,
  member_id uuid,
  customer_id text,
  rule_version_id uuid,
  -- Newest snapshot, newest paid-up snapshot, refunds by id: see domain/order.ts.
  state jsonb not null,
  -- What is booked for this order, by unit.
  booked jsonb not null default '{}',
  settlements integer not null default 0,
  needs_fetch boolean not null default false,
  processed_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (shop_id, order_id)
);
create index order_state_customer on order_state (shop_id, customer_id, order_id) where customer_id is not null;
create index order_state_member on order_state (shop_id, member_id, order_id) where member_id is not null;
