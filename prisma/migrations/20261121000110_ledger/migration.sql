-- The ledger: entries, what caused them, balances, lots, and what is held for sales going on.

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
