-- Google Wallet: how fast outside systems may be called, what Google holds of each card, and which of its calls and
-- which changing codes were seen already.

-- Slots of time, one after the other, shared by all processes. Belongs to no shop.
create table token_bucket (
  bucket text primary key,
  -- When the next slot begins; slots before it are taken or over.
  next_at timestamptz not null
) with (fillfactor = 50);
grant select, insert, update on token_bucket to stampwell_web, stampwell_worker;
grant select on token_bucket to stampwell_auditor, stampwell_backup;

-- Takes up to `wanted` slots that begin at most `ahead - 1` slots from now. By the database's clock, read after the row is
-- locked, so that all processes stand in one line. `wait_ms` is when the first one begins or, when none was granted, when
-- asking again will be worth it. What nobody takes is lost: no rest makes up for it with a burst.
create function take_tokens(of_bucket text, per_second double precision, ahead integer, wanted integer)
returns table (granted integer, wait_ms double precision)
language plpgsql as $$
declare
  slot_s double precision := 1 / per_second;
  clock timestamptz;
  free_at timestamptz;
  behind_s double precision;
begin
  select b.next_at into free_at from token_bucket b where b.bucket = of_bucket for update;
  if not found then
    insert into token_bucket (bucket, next_at) values (of_bucket, '-infinity') on conflict do nothing;
    select b.next_at into free_at from token_bucket b where b.bucket = of_bucket for update;
  end if;
  clock := clock_timestamp();
  -- Nothing is held longer than a quarter of an hour: what looks so comes from a clock that was set back.
  if free_at < clock or free_at > clock + interval '15 minutes' then
    free_at := clock;
  end if;
  behind_s := extract(epoch from free_at - clock);
  granted := greatest(0, least(wanted, floor(ahead - behind_s / slot_s + 0.001)::integer));
  if granted > 0 then
    update token_bucket set next_at = free_at + make_interval(secs => granted * slot_s) where bucket = of_bucket;
    wait_ms := behind_s * 1000;
  else
    wait_ms := greatest(1, (behind_s - (ahead - least(wanted, ahead)) * slot_s) * 1000);
  end if;
  return next;
end $$;
revoke all on function take_tokens(text, double precision, integer, integer) from public;
grant execute on function take_tokens(text, double precision, integer, integer) to stampwell_web, stampwell_worker;

-- Calls to a system that counts them as they arrive: so many in any second, whatever delays them on the way. A ring of the
-- last calls, each with the moment from which it can no longer share a second with a new one. Belongs to no shop.
create table call_ring (
  ring text primary key,
  -- How many calls were given a slot; the newest is at place `taken % size` of the ring.
  taken bigint not null,
  -- When the newest slot begins.
  begins_at timestamptz not null,
  -- While a call is under way: its slot and the longest that may take. Then: its slot, a second, and how late it may have been.
  over_at timestamptz[] not null
) with (fillfactor = 50);
grant select, insert, update on call_ring to stampwell_web, stampwell_worker;
grant select on call_ring to stampwell_auditor, stampwell_backup;

-- Gives a call its slot, `spacing_ms` after the one before and when the oldest of the last `size` is over; null when that
-- is further away than `ahead_ms`. `wait_ms` tells how far it is.
create function take_call(
  of_ring text, size integer, spacing_ms double precision, ahead_ms double precision, under_way_ms double precision
) returns table (call bigint, wait_ms double precision)
language plpgsql as $$
declare
  state call_ring;
  clock timestamptz;
  place integer;
  slot timestamptz;
begin
  select * into state from call_ring r where r.ring = of_ring for update;
  if not found then
    insert into call_ring values (of_ring, 0, '-infinity', array_fill('-infinity'::timestamptz, array[size])) on conflict do nothing;
    select * into state from call_ring r where r.ring = of_ring for update;
  end if;
  clock := clock_timestamp();
  place := state.taken % size + 1;
  slot := greatest(clock, state.begins_at + make_interval(secs => spacing_ms / 1000), state.over_at[place]);
  -- Nothing is put off longer than a quarter of an hour: what looks so comes from a clock that was set back.
  if slot > clock + interval '15 minutes' then
    slot := clock;
  end if;
  wait_ms := extract(epoch from slot - clock) * 1000;
  if wait_ms <= ahead_ms then
    call := state.taken + 1;
    state.over_at[place] := slot + make_interval(secs => under_way_ms / 1000);
    update call_ring r set taken = call, begins_at = slot, over_at = state.over_at where r.ring = of_ring;
  end if;
  return next;
end $$;

-- A call was answered: it arrived at most `late_ms` after its slot began.
create function finish_call(of_ring text, of_call bigint, late_ms double precision, under_way_ms double precision)
returns void
language sql as $$
  update call_ring set over_at[(of_call - 1) % cardinality(over_at) + 1] =
    over_at[(of_call - 1) % cardinality(over_at) + 1] + make_interval(secs => (1000 + late_ms - under_way_ms) / 1000)
  where ring = of_ring and taken - of_call < cardinality(over_at)
$$;
revoke all on function take_call(text, integer, double precision, double precision, double precision) from public;
revoke all on function finish_call(text, bigint, double precision, double precision) from public;
grant execute on function take_call(text, integer, double precision, double precision, double precision)
  to stampwell_web, stampwell_worker;
grant execute on function finish_call(text, bigint, double precision, double precision) to stampwell_web, stampwell_worker;

-- The classes an issuer has at Google, one per design, with the fingerprint of what was sent last.
create table google_class (
  shop_id uuid not null references shop (id),
  program_id uuid not null,
  design_number integer not null,
  issuer_id text not null,
  content_hash bytea not null,
  synced_at timestamptz not null,
  primary key (shop_id, program_id, design_number, issuer_id),
  foreign key (shop_id, program_id) references program (shop_id, id)
);

-- What Google holds of a pass. A row is made before the first call that names the object.
create table google_object (
  shop_id uuid not null references shop (id),
  pass_id uuid not null,
  -- The design whose class the object is of.
  design_number integer not null,
  -- Handed out in a save link and not sent by a call since: Google may hold less than the whole card, or nothing.
  is_from_link boolean not null default false,
  -- One sender at a time, so that an older state never arrives after a newer one. Ends by itself if the sender dies.
  sending_until timestamptz,
  -- What Google told of the shopper: offered until then. Its calls come in any order; the one that expires last is newest.
  state text not null default 'offered' check (state in ('offered', 'saved', 'deleted')),
  state_until timestamptz,
  -- When notices were asked for in the last day: Google shows three and drops the rest.
  notices timestamptz[] not null default '{}' check (cardinality(notices) <= 3),
  primary key (shop_id, pass_id),
  foreign key (shop_id, pass_id) references pass (shop_id, id)
);

-- Calls of Google that were taken already: it may repeat them, and so may others who saw one.
create table google_callback (
  shop_id uuid not null references shop (id),
  nonce text not null check (length(nonce) between 1 and 255),
  expires_at timestamptz not null,
  primary key (shop_id, nonce)
);
create index google_callback_expiry on google_callback (shop_id, expires_at);

-- The newest half minute of a card's changing code that a till has taken.
create table card_step (
  shop_id uuid not null references shop (id),
  card_id text not null,
  step bigint not null,
  primary key (shop_id, card_id)
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['google_class', 'google_object', 'google_callback', 'card_step'] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format(
      'create policy tenant on %I to stampwell_web, stampwell_worker, stampwell_auditor using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()))',
      tenant_table);
    execute format('create policy whole on %I for select to stampwell_backup using (true)', tenant_table);
  end loop;
end $$;
grant select, insert, update on google_class, google_object, google_callback, card_step to stampwell_web, stampwell_worker;
grant delete on google_callback, card_step to stampwell_worker;
grant select on google_class, google_object, google_callback, card_step to stampwell_auditor, stampwell_backup;
