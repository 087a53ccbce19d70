-- When devices are told: what waits to be told in bulk, what has to be told again, and lanes that are stopped.

-- Passes whose devices are still to be told of a change that came in bulk. Who takes a row holds it for a while; if the
-- worker dies, the row is free again by itself.
create table bulk_push (
  shop_id uuid not null references shop (id),
  pass_id uuid not null,
  -- Rises whenever it is asked for again, so that who tells of one change does not strike out the next.
  asks bigint not null default 1,
  free_at timestamptz not null,
  primary key (shop_id, pass_id),
  foreign key (shop_id, pass_id) references pass (shop_id, id)
);

-- How often Apple put us off with this version, and until when; how often the device was reminded of it.
alter table device_registration
  add column push_tries integer not null default 0,
  add column next_push_at timestamptz,
  add column reminders integer not null default 0,
  add column remind_at timestamptz;
-- Every push changes its row and none of its indexes: with room on the page, the change stays there.
alter table device_registration set (fillfactor = 80);
alter table bulk_push set (fillfactor = 80);

-- Lanes to Apple that are stopped because the certificate is refused; no row is a lane that works. Names certificates,
-- never a person.
create table push_lane (
  pass_type_identifier text primary key,
  reason text not null,
  stopped_at timestamptz not null
);

-- The pace of bulk pushes after fetches went badly. One row for the whole fleet.
create table push_pace (
  name text primary key,
  per_second double precision not null check (per_second > 0),
  lowered_at timestamptz not null
);

alter table bulk_push enable row level security;
alter table bulk_push force row level security;
create policy tenant on bulk_push to stampwell_web, stampwell_worker, stampwell_auditor
  using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()));
create policy whole on bulk_push for select to stampwell_backup using (true);
grant select on bulk_push, push_lane, push_pace to stampwell_auditor, stampwell_backup;
grant select, insert, update, delete on bulk_push, push_lane, push_pace to stampwell_web, stampwell_worker;

-- What a card showed when it was last announced, sealed, so that the fetch that follows has little to read. Kept for
-- minutes; it can be worked out anew at any time.
create table prepared_pass (
  shop_id uuid not null references shop (id),
  pass_id uuid not null,
  version bigint not null,
  program_id uuid not null,
  design_number integer not null,
  content bytea not null,
  made_at timestamptz not null,
  primary key (shop_id, pass_id),
  foreign key (shop_id, pass_id) references pass (shop_id, id)
) with (fillfactor = 70);
create index prepared_pass_age on prepared_pass (shop_id, made_at);

alter table prepared_pass enable row level security;
alter table prepared_pass force row level security;
create policy tenant on prepared_pass to stampwell_web, stampwell_worker, stampwell_auditor
  using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()));
create policy whole on prepared_pass for select to stampwell_backup using (true);
grant select, insert, update, delete on prepared_pass to stampwell_web, stampwell_worker;
grant select on prepared_pass to stampwell_backup;

-- What the door of the wallet web service must know of passes, many in one statement: each is read as its own shop, under
-- row-level security. `held` is what the phone says to have: with it nothing is sent, so no content is read either.
create function passes_at_door(serials text[], held timestamptz[], oldest timestamptz, newest timestamptz)
returns table (
  place integer, shop_id uuid, pass_id uuid, version bigint, last_modified timestamptz, seen_version bigint,
  voided_at timestamptz, pass_type_identifier text, serial text, data_key bytea, data_key_kek text,
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
        s.data_key, s.data_key_kek, c.program_id, c.design_number, c.content
      from pass p
      join shop s on s.id = p.shop_id
      left join prepared_pass c on c.shop_id = p.shop_id and c.pass_id = p.id and c.version = p.version
        and c.made_at between oldest and newest and (held[n] is null or held[n] < p.last_modified)
        -- A design that came or went meanwhile counts at once.
        and c.design_number = (select max(d.number) from card_design d
          where d.shop_id = c.shop_id and d.program_id = c.program_id and d.state = 'live')
        and not exists (select from card_rollout r
          where r.shop_id = c.shop_id and r.program_id = c.program_id and r.state in ('running', 'paused'))
      where p.shop_id = owner and p.serial = serials[n] and p.wallet = 'apple';
  end loop;
end $$;
revoke all on function passes_at_door(text[], timestamptz[], timestamptz, timestamptz) from public;
grant execute on function passes_at_door(text[], timestamptz[], timestamptz, timestamptz) to stampwell_web, stampwell_worker;
