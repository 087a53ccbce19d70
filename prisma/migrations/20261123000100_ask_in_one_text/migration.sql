-- As `passes_not_as_known(uuid[], text[], text[])`, which stays for processes of the version before: each pass is asked about
-- by one text that the web process wrote when it read the pass, `[shop, serial, mark]`, and not by three it must write anew.
create function passes_not_as_known(asked jsonb) returns setof integer
language sql as $$
  select passes_not_as_known(array_agg((one ->> 0)::uuid order by place), array_agg(one ->> 1 order by place),
    array_agg(one ->> 2 order by place))
  from jsonb_array_elements(asked) with ordinality as a(one, place)
$$;

revoke all on function passes_not_as_known(jsonb) from public;
grant execute on function passes_not_as_known(jsonb) to stampwell_web, stampwell_worker;
