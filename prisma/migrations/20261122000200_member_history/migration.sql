-- What a member did beside buying, who brought them, and what became of every lot.

-- Every lot accounts for all of its accrual: what remains, was spent, expired, or was taken back.
alter table lot add column consumed bigint not null default 0 check (consumed >= 0);
alter table lot add column reversed bigint not null default 0 check (reversed >= 0);
-- The part of what was spent whose accrual was taken back and forgiven.
alter table lot add column written_off bigint not null default 0 check (written_off >= 0 and written_off <= consumed);
-- The event or referral it came from; null for orders and hands.
alter table lot add column cause_id uuid;
-- Months after the last activity at which it expires; null when activity changes nothing.
alter table lot add column slides_months integer check (slides_months > 0);
-- Null: not before its order is fulfilled.
alter table lot alter column available_at drop not null;

-- Redeemed and not given back: what was ever collected is amount + spent.
alter table balance add column spent bigint not null default 0;
-- When the member last earned or spent this unit, by the time of the sale.
alter table balance add column active_at timestamptz;

-- What is there already tells what it was: redemptions name the lots they took from. Row-level security is forced on
-- these tables, so their owner steps past it for the while.
alter table lot no force row level security;
alter table balance no force row level security;
alter table ledger_entry no force row level security;
update lot set consumed = least(lot.amount - lot.remaining - lot.expired, greatest(0, spent.amount))
from (
  select e.shop_id, (share->>'lotId')::bigint as lot_id,
    sum(case e.kind when 'redemption' then (share->>'amount')::bigint else -(share->>'amount')::bigint end) as amount
  from ledger_entry e, jsonb_array_elements(e.explanation->'lots') share
  where e.source = 'reward' and e.kind in ('redemption', 'reversal')
  group by 1, 2
) spent
where lot.shop_id = spent.shop_id and lot.id = spent.lot_id;
update lot set reversed = amount - remaining - expired - consumed where amount <> remaining + expired + consumed;
update balance set spent = coalesce(e.spent, 0), active_at = e.active_at
from (
  select shop_id, member_id, unit,
    -sum(amount) filter (where kind = 'redemption' or (kind = 'reversal' and source = 'reward')) as spent,
    max(occurred_at) filter (where kind in ('accrual', 'redemption')) as active_at
  from ledger_entry group by 1, 2, 3
) e
where balance.shop_id = e.shop_id and balance.member_id = e.member_id and balance.unit = e.unit;
alter table lot force row level security;
alter table balance force row level security;
alter table ledger_entry force row level security;

alter table lot drop constraint lot_check;
alter table lot add constraint lot_conserved check (remaining + consumed + expired + reversed = amount);
create index lot_sliding on lot (shop_id, member_id) where slides_months is not null and remaining > 0;
create index lot_cause on lot (shop_id, cause_id) where cause_id is not null;
-- All lots of a member are looked at now, not only those with something left.
drop index lot_open;
create index lot_member on lot (shop_id, member_id, unit, id);

alter table ledger_entry drop constraint ledger_entry_source_check;
alter table ledger_entry add constraint ledger_entry_source_check
  check (source in ('order', 'pos', 'staff', 'api', 'schedule', 'reward', 'event', 'referral', 'merge'));

-- Shopify made two customers one: the member of the one that is gone points at the other.
alter table member add column folded_into uuid;
alter table member add column folded_at timestamptz;
alter table member add constraint member_folded check ((folded_into is null) = (folded_at is null) and folded_into <> id);
alter table member add constraint member_folded_into_fkey foreign key (shop_id, folded_into) references member (shop_id, id);
create index member_folded on member (shop_id, folded_into) where folded_into is not null;
-- What a friend is given to join with.
alter table member add column referral_code text;
create unique index member_referral_code on member (shop_id, referral_code) where referral_code is not null;

-- Whose sale it was, where that member was folded into another since: it counts by how that one stood.
alter table order_state add column account_id uuid;

-- Since when the birthday is known: one that is told today is not paid today.
alter table member_profile add column birthday_since timestamptz;

create table member_event (
  shop_id uuid not null references shop (id),
  id uuid not null,
  member_id uuid not null,
  -- Who it was when it happened: differs from the member once that one was folded into another.
  account_id uuid not null,
  kind text not null check (kind in ('sign-up', 'birthday', 'review', 'custom')),
  name text check ((name is not null) = (kind = 'custom')),
  -- Unique per cause: the same event told again is the same event.
  event_key text not null,
  inputs_hash bytea not null,
  occurred_at timestamptz not null,
  -- The rules in force then, and what had to be looked up: for ever.
  rule_version_id uuid,
  facts jsonb not null,
  booked jsonb not null default '{}',
  settlements integer not null default 0,
  is_revoked boolean not null default false,
  actor text not null,
  recorded_at timestamptz not null,
  primary key (shop_id, id),
  unique (shop_id, account_id, event_key),
  foreign key (shop_id, member_id) references member (shop_id, id)
);
create index member_event_member on member_event (shop_id, member_id, occurred_at, id);

create table referral (
  shop_id uuid not null references shop (id),
  id uuid not null,
  referrer_id uuid not null,
  friend_id uuid not null,
  -- 'waiting': for the friend's first paid order to stand long enough. A refused one says why.
  state text not null check (state in ('waiting', 'paid', 'reversed', 'refused')),
  refusal text check ((refusal is not null) = (state = 'refused')),
  -- The terms in force when the friend joined.
  rule_version_id uuid not null,
  -- The order that counts, while there is one, and when it has stood long enough.
  order_id text,
  due_at timestamptz,
  -- What is booked for each side, by unit: {"friend": {…}, "referrer": {…}}.
  booked jsonb not null default '{}',
  settlements integer not null default 0,
  created_at timestamptz not null,
  primary key (shop_id, id),
  foreign key (shop_id, referrer_id) references member (shop_id, id),
  foreign key (shop_id, friend_id) references member (shop_id, id)
);
-- A friend is brought by one member.
create unique index referral_friend on referral (shop_id, friend_id) where state <> 'refused';
create index referral_referrer on referral (shop_id, referrer_id, created_at desc, id desc);
create index referral_due on referral (shop_id, due_at, id) where state = 'waiting' and due_at is not null;

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['member_event', 'referral'] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format(
      'create policy tenant on %I to stampwell_web, stampwell_worker, stampwell_auditor using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()))',
      tenant_table);
    execute format('create policy whole on %I for select to stampwell_backup using (true)', tenant_table);
    execute format('grant select on %I to stampwell_auditor, stampwell_backup', tenant_table);
    execute format('grant select, insert on %I to stampwell_web, stampwell_worker', tenant_table);
  end loop;
end $$;
-- What happened stays: only whose it is now, what is booked for it and whether it still counts may change. The key and
-- what was looked up about the person are replaced when the person is erased.
grant update (member_id, event_key, facts, booked, settlements, is_revoked) on member_event to stampwell_web, stampwell_worker;
grant update (referrer_id, friend_id, state, refusal, order_id, due_at, booked, settlements) on referral
  to stampwell_web, stampwell_worker;
