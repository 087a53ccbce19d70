-- Freshness: since when a wallet shows something old, why, and how long updates took. Campaigns: messages on the card.

alter table pass add column changed_at timestamptz;
-- When the first change came that no wallet has shown yet; null while the wallet holds the newest version, or never held any.
alter table pass add column stale_since timestamptz;
-- The code of the last failure on the way to the wallet; gone once the wallet holds the newest version.
alter table pass add column problem text;
alter table pass add column problem_at timestamptz;
-- A version that came about without anything to say, such as a message that left: it is shown, and not announced.
alter table pass add column quiet_version bigint;
update pass set changed_at = last_modified,
  stale_since = case when seen_version > 0 and seen_version < version then last_modified end;
alter table pass alter column changed_at set default clock_timestamp();
alter table pass alter column changed_at set not null;

-- Whoever raises a version, the moment is noted. The real clock: it is phones that are waited for.
create function note_pass_change() returns trigger language plpgsql as $$
begin
  new.changed_at := clock_timestamp();
  if old.seen_version > 0 then
    new.stale_since := coalesce(old.stale_since, new.changed_at);
  end if;
  return new;
end $$;
create trigger pass_change before update of version on pass
  for each row when (new.version > old.version) execute function note_pass_change();

-- How long a wallet was behind when it caught up, by hour. Shards, because thousands of phones count at the same time.
create table freshness_hour (
  shop_id uuid not null references shop (id),
  hour timestamptz not null,
  wallet text not null,
  bucket integer not null,
  shard integer not null,
  passes bigint not null,
  primary key (shop_id, hour, wallet, bucket, shard)
);

-- The same for the whole system: what the metrics say. Hours that are long over are folded into one.
create table freshness_total (
  hour timestamptz not null,
  wallet text not null,
  bucket integer not null,
  shard integer not null,
  passes bigint not null,
  total_ms bigint not null,
  primary key (hour, wallet, bucket, shard)
);

create table campaign (
  shop_id uuid not null references shop (id),
  id uuid not null,
  program_id uuid not null,
  revision integer not null default 1,
  state text not null default 'draft' check (state in ('draft', 'scheduled', 'running', 'paused', 'stopped', 'done')),
  -- What is said, to whom, when not, and how often at most.
  content jsonb not null,
  starts_at timestamptz,
  ends_at timestamptz,
  -- The last member looked at: where the next slice begins.
  cursor uuid,
  is_listed boolean not null default false,
  members_total bigint not null default 0,
  looked_at bigint not null default 0,
  shown bigint not null default 0,
  -- How many do not get it, by reason; who they are is not kept.
  skipped jsonb not null default '{}',
  withdraw_cursor uuid,
  withdrawn_at timestamptz,
  created_by text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (shop_id, id),
  foreign key (shop_id, program_id) references program (shop_id, id),
  check (state = 'draft' or (starts_at is not null and ends_at > starts_at))
);
create index campaign_newest on campaign (shop_id, created_at desc, id desc);

-- The primary key is the promise that nobody gets a message twice.
create table campaign_recipient (
  shop_id uuid not null references shop (id),
  campaign_id uuid not null,
  member_id uuid not null,
  due_at timestamptz not null,
  shown_at timestamptz,
  primary key (shop_id, campaign_id, member_id),
  foreign key (shop_id, campaign_id) references campaign (shop_id, id),
  foreign key (shop_id, member_id) references member (shop_id, id)
);
create index campaign_recipient_due on campaign_recipient (shop_id, campaign_id, due_at, member_id) where shown_at is null;
create index campaign_recipient_member on campaign_recipient (shop_id, member_id, shown_at desc);

-- The message on the member's card now, and the zone of the member's own clock.
alter table member add column news_campaign uuid;
alter table member add column news_at timestamptz;
alter table member add column time_zone text;

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['freshness_hour', 'campaign', 'campaign_recipient'] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format(
      'create policy tenant on %I to stampwell_web, stampwell_worker, stampwell_auditor using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()))',
      tenant_table);
    execute format('create policy whole on %I for select to stampwell_backup using (true)', tenant_table);
  end loop;
end $$;
grant select on freshness_hour, freshness_total, campaign, campaign_recipient to stampwell_auditor, stampwell_backup;
grant select, insert, update on freshness_hour, freshness_total, campaign, campaign_recipient
  to stampwell_web, stampwell_worker;
grant delete on freshness_hour, freshness_total, campaign_recipient to stampwell_worker;
grant delete on campaign to stampwell_web, stampwell_worker;
