-- What a backup needs beside the rows, and what readiness says about standbys.

grant select on all sequences in schema public to stampwell_backup;
alter default privileges in schema public grant select on sequences to stampwell_backup;

-- How many standbys follow, and how far the slowest is behind. Everybody else sees only their own connections.
create function replication_state() returns table (standbys integer, lag_seconds double precision)
language sql stable security definer set search_path = pg_catalog as $$
  select count(*)::integer,
    max(case when replay_lsn >= pg_current_wal_lsn() then 0 else extract(epoch from coalesce(replay_lag, '0')) end)::double precision
  from pg_stat_replication where state in ('streaming', 'catchup') and application_name <> 'pg_basebackup'
$$;
revoke all on function replication_state() from public;
grant execute on function replication_state() to stampwell_web, stampwell_worker;
