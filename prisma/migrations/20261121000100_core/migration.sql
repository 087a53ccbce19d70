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

create sequence ledger_entry_id;

create table ledger_entry (
  shop_id uuid not null references shop (id),
  id bigint not null default nextval('ledger_entry_id'),
  member_id uuid not null,
  unit text not null,
  kind text not null check (kind in ('accrual', 'redemption', 'reversal', 'expiration', 'adjustment')),
  amount bigint not null check (amount <> 0),
  source text not null check (source in ('order', 'pos', 'staff', 'api', 'schedule', 'reward')),
  -- What caused it: an order, a lot, a reservation …; unique per cause through ledger_source.
  source_key text not null,
  order_id text,
  rule_version_id uuid,
  inputs_hash bytea,
  lot_id bigint,
  reverses bigint,
  -- Lines of "why these points": they add up to what the order should have earned.
  explanation jsonb,
  actor text not null,
  reason text,
  occurred_at timestamptz not null,
  booked_at timestamptz not null,
  primary key (shop_id, id, booked_at)
) partition by range (booked_at);
create index ledger_entry_member on ledger_entry (shop_id, member_id, id desc);
-- Entries of months without a partition yet are kept too: nothing is ever refused for want of one.
create table ledger_entry_default partition of ledger_entry default;

-- Idempotency must outlive partitions, so it has a table of its own.
create table ledger_source (
  shop_id uuid not null references shop (id),
  source_key text not null,
  entry_id bigint not null,
  inputs_hash bytea,
  booked_at timestamptz not null,
  primary key (shop_id, source_key)
);

create table balance (
  shop_id uuid not null references shop (id),
  member_id uuid not null,
  unit text not null,
  -- Opening balance of purged partitions plus the sum of entries, kept in the entry's own transaction.
  amount bigint not null default 0,
  opening bigint not null default 0,
  -- Reserved for sales that are going on: reduces what is available, not the balance.
  held bigint not null default 0 check (held >= 0),
  primary key (shop_id, member_id, unit),
  foreign key (shop_id, member_id) references member (shop_id, id)
);

create table lot (
  shop_id uuid not null references shop (id),
  -- A lot is what one accrual brought: it has that entry's id.
  id bigint not null,
  member_id uuid not null,
  unit text not null,
  order_id text,
  amount bigint not null check (amount > 0),
  remaining bigint not null check (remaining >= 0),
  -- What of it expired and has not given way to a later reversal.
  expired bigint not null default 0 check (expired >= 0),
  available_at timestamptz not null,
  expires_at timestamptz,
  created_at timestamptz not null,
  primary key (shop_id, id),
  check (remaining + expired <= amount)
);
create index lot_open on lot (shop_id, member_id, unit, expires_at, created_at, id) where remaining > 0;
create index lot_expiring on lot (shop_id, expires_at, id) where remaining > 0 and expires_at is not null;
create index lot_order on lot (shop_id, order_id) where order_id is not null;

create table reservation (
  shop_id uuid not null references shop (id),
  id uuid not null,
  member_id uuid not null,
  program_id uuid not null,
  reward_id text not null,
  unit text not null,
  cost bigint not null check (cost > 0),
  state text not null check (state in ('reserved', 'committed', 'released')),
  channel text not null,
  idempotency_key text not null,
  inputs_hash bytea not null,
  discount_code text,
  discount_id text,
  order_id text,
  entry_id bigint,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  settled_at timestamptz,
  primary key (shop_id, id),
  unique (shop_id, idempotency_key),
  foreign key (shop_id, member_id) references member (shop_id, id)
);
create index reservation_open on reservation (shop_id, expires_at) where state = 'reserved';
create index reservation_code on reservation (shop_id, discount_code) where discount_code is not null;
create index reservation_member on reservation (shop_id, member_id, created_at desc);

create table pass (
  shop_id uuid not null references shop (id),
  id uuid not null,
  member_id uuid not null,
  wallet text not null check (wallet in ('apple', 'google')),
  -- Random; devices name a pass by it before any shop is known, so it is unique across shops.
  serial text not null unique,
  state text not null default 'active' check (state in ('active', 'void')),
  -- Rises whenever the card would look different.
  version bigint not null default 1,
  -- What the wallet is told; at least one second later than the one before.
  last_modified timestamptz not null default date_trunc('second', now()),
  -- The transaction that changed it last: update tags come from snapshots, so none is ever lost.
  changed_xid xid8 not null default pg_current_xact_id(),
  -- What was announced to the wallet: version, and the fingerprint of its visible content.
  announced_version bigint not null default 0,
  announced_hash bytea,
  -- The newest version a device is known to hold.
  seen_version bigint not null default 0,
  seen_at timestamptz,
  voided_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (shop_id, id),
  unique (shop_id, member_id, wallet),
  foreign key (shop_id, member_id) references member (shop_id, id)
);

create table device_registration (
  shop_id uuid not null references shop (id),
  pass_id uuid not null,
  device_library_identifier text not null check (length(device_library_identifier) between 1 and 255),
  push_token bytea not null,
  registered_at timestamptz not null,
  -- When the push token was last told to us: an older "gone" from Apple does not count.
  token_at timestamptz not null,
  last_pushed_version bigint not null default 0,
  last_pushed_at timestamptz,
  last_fetched_version bigint not null default 0,
  last_fetched_at timestamptz,
  primary key (shop_id, pass_id, device_library_identifier),
  foreign key (shop_id, pass_id) references pass (shop_id, id)
);
-- A device asks for all its passes at once, whichever shops they are of.
create index device_registration_device on device_registration (device_library_identifier);

create table chain_head (
  shop_id uuid not null references shop (id),
  chain text not null check (chain in ('consent', 'audit')),
  sequence bigint not null,
  hash bytea not null,
  primary key (shop_id, chain)
);

create table consent_record (
  shop_id uuid not null references shop (id),
  sequence bigint not null,
  -- A pseudonym: the member id, which says nothing once the profile is gone.
  subject uuid not null,
  purpose text not null check (purpose in ('program', 'marketing', 'analytics')),
  channel text not null check (channel in ('wallet', 'email', 'sms')),
  granted boolean not null,
  wording_version text not null,
  locale text not null,
  source text not null,
  occurred_at timestamptz not null,
  previous_hash bytea not null,
  hash bytea not null,
  primary key (shop_id, sequence)
);
create index consent_record_subject on consent_record (shop_id, subject, sequence desc);

create table audit_record (
  shop_id uuid not null references shop (id),
  sequence bigint not null,
  actor text not null,
  action text not null,
  object text not null,
  before_hash bytea,
  after_hash bytea,
  reason text,
  occurred_at timestamptz not null,
  previous_hash bytea not null,
  hash bytea not null,
  primary key (shop_id, sequence)
);

create table outbox (
  shop_id uuid not null references shop (id),
  id bigint generated always as identity,
  job text not null,
  payload jsonb not null,
  run_at timestamptz,
  primary key (id)
);

create table erasure_case (
  shop_id uuid not null references shop (id),
  id uuid not null,
  kind text not null check (kind in ('access', 'erasure', 'shop-erasure')),
  origin text not null,
  -- What to look for, sealed: ids and addresses as Shopify named them. Destroyed when the case is closed.
  subject bytea,
  member_ids uuid[] not null default '{}',
  state text not null default 'open' check (state in ('open', 'closed')),
  -- Receipts of the steps done, in order: [{step, at, count}].
  receipts jsonb not null default '[]',
  -- For access cases: the answer, sealed, until it is handed over.
  answer bytea,
  source_key text not null,
  requested_at timestamptz not null,
  due_at timestamptz not null,
  closed_at timestamptz,
  primary key (shop_id, id),
  unique (shop_id, source_key)
);

-- Keyed fingerprints of erased people, re-applied after every restore. Nothing can be read from them.
create table tombstone (
  shop_id uuid not null references shop (id),
  fingerprint bytea not null,
  erased_at timestamptz not null,
  primary key (shop_id, fingerprint)
);

create table api_client (
  shop_id uuid not null references shop (id),
  -- Named by callers before any shop is known, so it is unique across shops.
  id text not null unique,
  name text not null,
  secret_hash text not null,
  scopes text[] not null,
  created_at timestamptz not null,
  revoked_at timestamptz,
  last_used_at timestamptz,
  primary key (shop_id, id)
);

create table api_idempotency (
  shop_id uuid not null references shop (id),
  client_id text not null,
  key text not null,
  inputs_hash bytea not null,
  status integer not null,
  response text not null,
  created_at timestamptz not null,
  primary key (shop_id, client_id, key)
);

create table shop_image (
  shop_id uuid not null references shop (id),
  hash text not null check (hash ~ '^[0-9a-f]{64}$'),
  content bytea not null,
  width integer not null,
  height integer not null,
  created_at timestamptz not null,
  primary key (shop_id, hash)
);

create table purge_report (
  shop_id uuid not null references shop (id),
  id bigint generated always as identity,
  class text not null,
  removed bigint not null,
  older_than timestamptz not null,
  ran_at timestamptz not null,
  primary key (shop_id, id)
);

-- Facts about the whole system, not about any shop.
create table system_fact (
  key text primary key,
  value jsonb not null
);

-- Monthly partitions, made ahead of time by the worker.
create function ensure_ledger_partition(month date) returns boolean
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  starts date := date_trunc('month', month)::date;
  ends date := (date_trunc('month', month) + interval '1 month')::date;
  partition text := format('ledger_entry_%s', to_char(starts, 'YYYY_MM'));
begin
  perform pg_advisory_xact_lock(hashtext('ensure_ledger_partition'));
  if to_regclass(format('public.%I', partition)) is not null then return false; end if;
  -- Rows that fell into the default partition stay there: a month that already has some is left to it.
  perform 1 from ledger_entry_default where booked_at >= starts and booked_at < ends limit 1;
  if found then return false; end if;
  execute format('create table public.%I partition of public.ledger_entry for values from (%L) to (%L)', partition, starts, ends);
  return true;
end $$;

select ensure_ledger_partition((date_trunc('month', now()) + make_interval(months => m))::date) from generate_series(-1, 3) m;
