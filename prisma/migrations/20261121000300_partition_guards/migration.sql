-- Partitions made later are guarded like those that were there when the doors were hung: row-level security forced,
-- readable by the backup (which copies partition by partition) and by the auditor of one shop.
create function guard_ledger_partition(partition regclass) returns void
language plpgsql as $$
begin
  execute format('alter table %s enable row level security', partition);
  execute format('alter table %s force row level security', partition);
  execute format(
    'create policy tenant on %s to stampwell_web, stampwell_worker, stampwell_auditor using (shop_id = (select public.current_shop())) with check (shop_id = (select public.current_shop()))',
    partition);
  execute format('create policy whole on %s for select to stampwell_backup using (true)', partition);
  execute format('grant select on %s to stampwell_auditor, stampwell_backup', partition);
end $$;
revoke all on function guard_ledger_partition(regclass) from public;

create or replace function ensure_ledger_partition(month date) returns boolean
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
  perform guard_ledger_partition(format('public.%I', partition)::regclass);
  return true;
end $$;

-- Partitions that were made between the doors and this migration.
do $$
declare
  partition regclass;
begin
  for partition in
    select c.oid from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'public.ledger_entry'::regclass and not c.relforcerowsecurity
  loop
    perform guard_ledger_partition(partition);
  end loop;
end $$;
