-- What merchants agree to, and what strangers tell us.

-- Versions of the annexes to the data processing agreement: the data map and the register of sub-processors as they were.
-- The same for every shop; names companies, never a person.
create table agreement_version (
  number integer primary key check (number > 0),
  hash bytea not null unique,
  annexes jsonb not null,
  published_at timestamptz not null,
  -- Merchants have until then to object.
  counts_from timestamptz not null
);

-- What each shop was told, and what it said.
create table shop_agreement (
  shop_id uuid not null references shop (id),
  version integer not null references agreement_version (number),
  announced_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by text,
  objected_at timestamptz,
  objected_by text,
  objection text,
  primary key (shop_id, version)
);

-- Reports about the security of the service, sealed under a key of the installation. They belong to no shop.
create table disclosure_report (
  id uuid primary key,
  kek_id text not null,
  report bytea not null,
  received_at timestamptz not null,
  told_at timestamptz,
  closed_at timestamptz
);
create index disclosure_report_age on disclosure_report (received_at);

alter table shop_agreement enable row level security;
alter table shop_agreement force row level security;
create policy tenant on shop_agreement to stampwell_web, stampwell_worker, stampwell_auditor
  using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()));
create policy whole on shop_agreement for select to stampwell_backup using (true);
grant select on agreement_version, shop_agreement to stampwell_auditor, stampwell_backup;
grant select on disclosure_report to stampwell_backup;
grant select, insert, update on agreement_version, shop_agreement, disclosure_report to stampwell_web, stampwell_worker;
grant delete on disclosure_report to stampwell_worker;
