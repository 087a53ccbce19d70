-- A web process remembers what it read of a pass at the door, and asks before each answer whether that is still so.

-- Everything that decides what is said at the door, as one text that is only ever compared with another such text.
create function pass_mark(p pass, key_mark text) returns text
language sql stable as $$
  select format('%s %s %s %s %s %s', p.version, p.seen_version, extract(epoch from p.last_modified),
    extract(epoch from p.voided_at), key_mark, p.pass_type_identifier)
$$;

-- Which keys of the shop a pass was read with; nothing of them can be told from it. Null once they were destroyed.
create function shop_key_mark(data_key bytea) returns text
language sql immutable as $$ select encode(sha256(data_key), 'base64') $$;

-- The places of those passes that are no longer as they were known. Each is looked at as its own shop, under row-level
-- security; one that is gone, or whose shop has no keys, is not as it was known either.
create function passes_not_as_known(shops uuid[], serials text[], marks text[]) returns setof integer
language plpgsql set plan_cache_mode = force_generic_plan as $$
declare
  at_hand uuid;
  key_mark text;
begin
  foreach at_hand in array array(select distinct a.shop_id from unnest(shops) as a(shop_id)) loop
    perform set_config('app.shop_id', at_hand::text, true);
    key_mark := (select shop_key_mark(s.data_key) from shop s where s.id = at_hand);
    return query
      select a.place::integer
      from unnest(shops, serials, marks) with ordinality as a(shop_id, serial, mark, place)
      left join pass p on p.shop_id = at_hand and p.serial = a.serial and p.wallet = 'apple'
      where a.shop_id = at_hand and (key_mark is null or pass_mark(p, key_mark) is distinct from a.mark);
  end loop;
end $$;

-- As `passes_at_door`, which stays for processes of the version before: with the mark of what was read, and `held` in seconds,
-- because a phone may say any date at all.
create function read_passes_at_door(serials text[], held float8[], oldest timestamptz, newest timestamptz)
returns table (
  place integer, shop_id uuid, pass_id uuid, version bigint, last_modified timestamptz, seen_version bigint,
  voided_at timestamptz, pass_type_identifier text, serial text, mark text, data_key bytea, data_key_kek text,
  program_id uuid, design_number integer, content bytea
)
language plpgsql as $$
declare
  owner uuid;
begin
  for n in 1 .. cardinality(serials) loop
    owner := find_shop_by_serial(serials[n]);
    continue when owner is null;
    perform set_config('app.shop_id', owner::text, true);
    return query
      select n, p.shop_id, p.id, p.version, p.last_modified, p.seen_version, p.voided_at, p.pass_type_identifier, p.serial,
        pass_mark(p, shop_key_mark(s.data_key)), s.data_key, s.data_key_kek, c.program_id, c.design_number, c.content
      from pass p
      join shop s on s.id = p.shop_id
      left join prepared_pass c on c.shop_id = p.shop_id and c.pass_id = p.id and c.version = p.version
        and c.made_at between oldest and newest and (held[n] is null or held[n] < extract(epoch from p.last_modified))
        -- A design that came or went meanwhile counts at once.
        and c.design_number = (select max(d.number) from card_design d
          where d.shop_id = c.shop_id and d.program_id = c.program_id and d.state = 'live')
        and not exists (select from card_rollout r
          where r.shop_id = c.shop_id and r.program_id = c.program_id and r.state in ('running', 'paused'))
      where p.shop_id = owner and p.serial = serials[n] and p.wallet = 'apple';
  end loop;
end $$;

do $$
declare
  door text;
begin
  foreach door in array array[
    'pass_mark(pass, text)', 'shop_key_mark(bytea)', 'passes_not_as_known(uuid[], text[], text[])',
    'read_passes_at_door(text[], float8[], timestamptz, timestamptz)'
  ] loop
    execute format('revoke all on function %s from public', door);
    execute format('grant execute on function %s to stampwell_web, stampwell_worker', door);
  end loop;
end $$;
