-- Cards and their devices, consent and audit, follow-up work, privacy cases, integrators, and what is kept beside them.

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
