-- Audit records and API calls are kept by the month: a month that is old enough goes as one partition. The chain of audit
-- records goes on over the gap, because each shop's month leaves a signed head behind.

-- A record that is written down never carries an earlier time than the one before it, so that months cut each shop's
-- chain into consecutive pieces.
alter table chain_head add column recorded_at timestamptz;

alter table audit_record rename to audit_record_before;
alter table audit_record_before rename constraint audit_record_pkey to audit_record_before_pkey;
create table audit_record (
  -- No foreign key: dropping a month would need a lock on all shops. Row-level security lets nobody write for another one.
  shop_id uuid not null,
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
  recorded_at timestamptz not null,
  primary key (shop_id, sequence, recorded_at)
) partition by range (recorded_at);
create index audit_record_object on audit_record (shop_id, object, sequence);
create table audit_record_default partition of audit_record default;

-- The head of a shop's month: which records it held, what the last one's hash was, signed. It outlives the records.
create table audit_segment (
  shop_id uuid not null references shop (id),
  month date not null check (month = date_trunc('month', month)::date),
  first_sequence bigint not null,
  last_sequence bigint not null,
  previous_hash bytea not null,
  hash bytea not null,
  signed jsonb not null,
  closed_at timestamptz not null,
  purged_at timestamptz,
  primary key (shop_id, month),
  unique (shop_id, first_sequence),
  check (first_sequence <= last_sequence)
);

-- Every call of an integrator: who, from where, and what for. The only network address that is kept.
create table api_call (
  shop_id uuid not null,
  id uuid not null,
  client_id text not null,
  operation text not null,
  status integer not null,
  address text not null,
  called_at timestamptz not null,
  primary key (shop_id, id, called_at)
) partition by range (called_at);
create index api_call_client on api_call (shop_id, client_id, called_at);
create index api_call_time on api_call (shop_id, called_at);
create table api_call_default partition of api_call default;

-- What the shop was billed. It names no member, so erasures never touch it.
create table billing_record (
  shop_id uuid not null references shop (id),
  id uuid not null,
  kind text not null check (kind in ('subscription', 'usage', 'credit')),
  reference text not null,
  amount_minor bigint not null,
  currency text not null,
  issued_at timestamptz not null,
  is_on_hold boolean not null default false,
  primary key (shop_id, id)
);

-- Where a merchant chose a period of their own; null is back to the usual one.
create table retention_choice (
  shop_id uuid not null references shop (id),
  class text not null,
  hours integer check (hours > 0),
  chosen_by text not null,
  chosen_at timestamptz not null,
  primary key (shop_id, class)
);

alter table purge_report add column held bigint, add column kept bigint;

do $$
declare
  guarded text;
begin
  foreach guarded in array array[
    'audit_record', 'audit_record_default', 'audit_segment', 'api_call', 'api_call_default', 'billing_record', 'retention_choice'
  ] loop
    perform guard_ledger_partition(guarded::regclass);
  end loop;
  -- The functions below act for all shops as whoever owns the tables, whom forced row-level security binds too.
  foreach guarded in array array['audit_record', 'audit_segment', 'api_call', 'chain_head', 'purge_report'] loop
    execute format('create policy keeper on %I to %I using (true) with check (true)', guarded, current_user);
  end loop;
  execute format('create policy keeper on audit_record_before for select to %I using (true)', current_user);
end $$;

grant select, insert on audit_record, api_call to stampwell_web, stampwell_worker;
grant select on audit_segment to stampwell_web, stampwell_worker;
grant insert on audit_segment to stampwell_worker;
grant select, insert, update on retention_choice to stampwell_web, stampwell_worker;
grant select, insert on billing_record to stampwell_web, stampwell_worker;
grant delete on billing_record to stampwell_worker;
-- Whatever the code asks for: ten years, and longer while somebody needs it.
create policy ten_years on billing_record as restrictive for delete to stampwell_worker
  using (not is_on_hold and issued_at < now() - interval '10 years');

-- Buckets that nobody has drawn from for days say nothing any more.
grant delete on token_bucket, call_ring to stampwell_worker;

create function ensure_record_partition(parent text, month date) returns boolean
language plpgsql security definer set search_path = pg_catalog, public set timezone = 'UTC' set lock_timeout = '2s' as $$
declare
  starts date := date_trunc('month', month)::date;
  ends date := (date_trunc('month', month) + interval '1 month')::date;
  partition text := format('%s_%s', parent, to_char(starts, 'YYYY_MM'));
  time_column text := case parent when 'audit_record' then 'recorded_at' when 'api_call' then 'called_at' end;
  is_taken boolean;
begin
  if time_column is null then raise exception 'no records by the month: %', parent; end if;
  perform pg_advisory_xact_lock(hashtext('ensure_record_partition'));
  if to_regclass(format('public.%I', partition)) is not null then return false; end if;
  -- Rows that fell into the default partition stay there: a month that already has some is left to it.
  execute format('select exists (select from %I where %I >= %L and %I < %L)', parent, time_column, starts, time_column, ends)
    into is_taken;
  if is_taken then return false; end if;
  execute format('create table public.%I partition of public.%I for values from (%L) to (%L)', partition, parent, starts, ends);
  perform guard_ledger_partition(format('public.%I', partition)::regclass);
  return true;
end $$;

-- The shops that have records in a month, hopping along the index, each with the last of them.
create function audit_months_ends(starts date, ends date) returns table (shop_id uuid, last_sequence bigint)
language sql stable set search_path = pg_catalog, public set timezone = 'UTC' as $$
  with recursive hop as (
    (select r.shop_id from audit_record r where r.recorded_at >= starts and r.recorded_at < ends order by r.shop_id limit 1)
    union all
    select (select r.shop_id from audit_record r where r.recorded_at >= starts and r.recorded_at < ends and r.shop_id > hop.shop_id
            order by r.shop_id limit 1)
    from hop where hop.shop_id is not null
  )
  select hop.shop_id, (select r.sequence from audit_record r
    where r.shop_id = hop.shop_id and r.recorded_at >= starts and r.recorded_at < ends order by r.sequence desc limit 1)
  from hop where hop.shop_id is not null
$$;
revoke all on function audit_months_ends(date, date) from public;

-- Removes a month that ended twelve months ago or earlier, and notes for each shop what went. Answers whether it did:
-- not when the month is younger, and not while any shop's records of it lack their signed head.
create function drop_record_partition(parent text, month date) returns boolean
language plpgsql security definer set search_path = pg_catalog, public set timezone = 'UTC' set lock_timeout = '2s' as $$
declare
  starts date := date_trunc('month', month)::date;
  ends date := (date_trunc('month', month) + interval '1 month')::date;
  partition text := format('%s_%s', parent, to_char(starts, 'YYYY_MM'));
  clock timestamptz := now() + make_interval(
    secs => coalesce((select (value #>> '{}')::bigint from system_fact where key = 'clock-offset-ms'), 0) / 1000.0);
begin
  if parent not in ('audit_record', 'api_call') then raise exception 'no records by the month: %', parent; end if;
  if ends + interval '12 months' > clock then return false; end if;
  perform pg_advisory_xact_lock(hashtext('ensure_record_partition'));
  if parent = 'audit_record' then
    perform 1 from audit_months_ends(starts, ends) month_end
      where not exists (select from audit_segment s
        where s.shop_id = month_end.shop_id and s.month = starts and s.last_sequence >= month_end.last_sequence);
    if found then return false; end if;
    with gone as (
      update audit_segment s set purged_at = clock where s.month = starts and s.purged_at is null returning s.*
    )
    insert into purge_report (shop_id, class, removed, older_than, ran_at, held, kept)
    select g.shop_id, 'audit records', g.last_sequence - g.first_sequence + 1, ends, clock,
      h.sequence - g.first_sequence + 1, h.sequence - g.last_sequence
    from gone g join chain_head h on h.shop_id = g.shop_id and h.chain = 'audit';
  else
    insert into purge_report (shop_id, class, removed, older_than, ran_at, held, kept)
    select shop_id, 'calls of the API', count(*) filter (where called_at < ends), ends, clock, count(*),
      count(*) filter (where called_at >= ends)
    from api_call where called_at >= starts group by shop_id having count(*) filter (where called_at < ends) > 0;
  end if;
  if to_regclass(format('public.%I', partition)) is not null then
    execute format('drop table public.%I', partition);
  else
    execute format('delete from %I where %I >= %L and %I < %L', parent,
      case parent when 'audit_record' then 'recorded_at' else 'called_at' end, starts,
      case parent when 'audit_record' then 'recorded_at' else 'called_at' end, ends);
  end if;
  return true;
end $$;

-- The months that old partitions, or rows without a partition of their own, belong to.
create function list_record_months(parent text) returns setof date
language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare
  time_column text := case parent when 'audit_record' then 'recorded_at' when 'api_call' then 'called_at' end;
begin
  if time_column is null then raise exception 'no records by the month: %', parent; end if;
  return query
    select to_date(substring(c.relname from '(\d{4}_\d{2})$'), 'YYYY_MM') from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = format('public.%I', parent)::regclass and c.relname ~ '_\d{4}_\d{2}$'
    order by 1;
  return query execute format(
    'select distinct date_trunc(''month'', %I at time zone ''UTC'')::date from %I where tableoid = %L::regclass order by 1',
    time_column, parent, parent || '_default');
end $$;

do $$
declare
  guarded text;
begin
  foreach guarded in array array[
    'ensure_record_partition(text, date)', 'drop_record_partition(text, date)', 'list_record_months(text)'
  ] loop
    execute format('revoke all on function %s from public', guarded);
    execute format('grant execute on function %s to stampwell_worker', guarded);
  end loop;
end $$;

select ensure_record_partition('audit_record', month::date), ensure_record_partition('api_call', month::date)
from generate_series(
  date_trunc('month', least(now(), (select min(occurred_at) from audit_record_before))),
  date_trunc('month', now()) + interval '3 months', interval '1 month') month;

insert into audit_record (shop_id, sequence, actor, action, object, before_hash, after_hash, reason, occurred_at, previous_hash,
  hash, recorded_at)
select shop_id, sequence, actor, action, object, before_hash, after_hash, reason, occurred_at, previous_hash, hash,
  max(occurred_at) over (partition by shop_id order by sequence)
from audit_record_before;
update chain_head h set recorded_at = (select max(recorded_at) from audit_record r where r.shop_id = h.shop_id) where chain = 'audit';
drop table audit_record_before;
