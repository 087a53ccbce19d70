-- Database roles. They belong to the cluster, not to this database: several databases may share them.
-- Nobody logs in as these; a login role is made a member of one of them, or the process asks for it at connect time.
do $$
declare
  wanted text;
begin
  foreach wanted in array array[
    'stampwell_web', 'stampwell_worker', 'stampwell_queue', 'stampwell_directory', 'stampwell_auditor', 'stampwell_backup'
  ] loop
    begin
      execute format('create role %I nologin', wanted);
    exception when duplicate_object or unique_violation then
      null; -- another database of this cluster, or a process starting at the same moment, was first
    end;
  end loop;
end $$;

-- The worker runs the queue, whose schema belongs to stampwell_queue.
grant stampwell_queue to stampwell_worker;
-- Whoever migrates may hand objects to these roles.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['stampwell_web', 'stampwell_worker', 'stampwell_queue', 'stampwell_directory', 'stampwell_auditor', 'stampwell_backup'] loop
    if not pg_has_role(current_user, wanted, 'member') then
      execute format('grant %I to %I', wanted, current_user);
    end if;
  end loop;
end $$;

revoke create on schema public from public;
grant usage on schema public to stampwell_web, stampwell_worker, stampwell_directory, stampwell_auditor, stampwell_backup;
grant create on schema public to stampwell_directory;
