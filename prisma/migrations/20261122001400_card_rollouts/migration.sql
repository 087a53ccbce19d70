-- The card designer: a draft beside the published designs, and a new design that reaches the cards in stages.

-- A candidate is on some cards only; one that was taken back is on none, and stays for the history.
alter table card_design add column state text not null default 'live' check (state in ('live', 'candidate', 'withdrawn'));
alter table card_design add column published_by text;
-- The older design whose content a roll-back published again.
alter table card_design add column restores integer;

-- The design a pass was last announced with: how far a rollout is.
alter table pass add column design_number integer;

create table card_draft (
  shop_id uuid not null references shop (id),
  program_id uuid not null,
  revision integer not null default 1,
  design jsonb not null,
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (shop_id, program_id),
  foreign key (shop_id, program_id) references program (shop_id, id)
);

create table card_rollout (
  shop_id uuid not null references shop (id),
  id uuid not null,
  program_id uuid not null,
  design_number integer not null,
  state text not null default 'running' check (state in ('running', 'paused', 'done', 'stopped', 'rolled-back')),
  percent integer not null check (percent between 1 and 100),
  -- Cards asked to be redrawn so far, in this and earlier steps.
  touched bigint not null default 0,
  -- Why it was stopped: words of ours, never of a member's.
  problem text,
  created_by text not null,
  created_at timestamptz not null,
  step_at timestamptz not null,
  finished_at timestamptz,
  primary key (shop_id, id),
  foreign key (shop_id, program_id) references program (shop_id, id),
  foreign key (shop_id, program_id, design_number) references card_design (shop_id, program_id, number)
);
-- One design at a time is on its way.
create unique index card_rollout_open on card_rollout (shop_id, program_id) where state in ('running', 'paused');
create index card_rollout_program on card_rollout (shop_id, program_id, created_at desc, id desc);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['card_draft', 'card_rollout'] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format(
      'create policy tenant on %I to stampwell_web, stampwell_worker, stampwell_auditor using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()))',
      tenant_table);
    execute format('create policy whole on %I for select to stampwell_backup using (true)', tenant_table);
  end loop;
end $$;
grant select on card_draft, card_rollout to stampwell_auditor, stampwell_backup;
grant select, insert, update, delete on card_draft, card_rollout to stampwell_web, stampwell_worker;
grant update (state) on card_design to stampwell_web, stampwell_worker;
