-- The life of a program: roll-back, simulations on past orders, and closed months of the liability report.

-- The older version whose document a roll-back published again.
alter table rule_version add column restores integer;
create index rule_version_newest on rule_version (shop_id, program_id, effective_from desc, number desc);

create table simulation (
  shop_id uuid not null references shop (id),
  id uuid not null,
  program_id uuid not null,
  document jsonb not null,
  -- The draft's revision it was started with; null when a document of its own is simulated.
  draft_revision integer,
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  orders_asked integer not null check (orders_asked > 0),
  -- Fixed at the first batch, so that what happens meanwhile moves nothing: the sales that count, and whose they are.
  from_at timestamptz,
  from_order text,
  members uuid[],
  -- How many of these members are done: where the next batch begins.
  progress integer not null default 0,
  orders_found integer,
  counted integer not null default 0,
  -- Figures so far while it runs, the whole when it is done.
  result jsonb,
  problem text,
  created_by text not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  primary key (shop_id, id),
  foreign key (shop_id, program_id) references program (shop_id, id)
);
create index simulation_program on simulation (shop_id, program_id, created_at desc, id desc);

-- The newest sales of members, for simulations.
create index order_state_recent on order_state (shop_id, processed_at desc, order_id desc) where member_id is not null;

-- And their newest events.
create index member_event_recent on member_event (shop_id, occurred_at desc, id desc);

-- Entries are never changed and are dated when they are booked: a month that is over stays as it was counted.
create table liability_month (
  shop_id uuid not null references shop (id),
  starts_at timestamptz not null,
  program_id uuid not null,
  unit text not null,
  -- The month by the shop's calendar, as 2026-11.
  month text not null check (month ~ '^\d{4}-\d{2}$'),
  earned bigint not null,
  taken_back bigint not null,
  spent bigint not null,
  given_back bigint not null,
  expired bigint not null,
  written_off bigint not null,
  primary key (shop_id, starts_at, program_id, unit)
);

-- Until when months are counted; one row per shop.
create table liability_closed (
  shop_id uuid not null references shop (id),
  until timestamptz not null,
  primary key (shop_id)
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['simulation', 'liability_month', 'liability_closed'] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format(
      'create policy tenant on %I to stampwell_web, stampwell_worker, stampwell_auditor using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()))',
      tenant_table);
    execute format('create policy whole on %I for select to stampwell_backup using (true)', tenant_table);
  end loop;
end $$;
grant select on simulation, liability_month, liability_closed to stampwell_auditor, stampwell_backup;
grant select, insert, update, delete on simulation to stampwell_web, stampwell_worker;
grant select on liability_month, liability_closed to stampwell_web;
grant select, insert, update on liability_month, liability_closed to stampwell_worker;
