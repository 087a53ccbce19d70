-- How far a shop's orders have been compared with Shopify's, so that a delivery that never came is noticed.

create table reconciliation (
  shop_id uuid primary key references shop (id),
  -- All orders that Shopify changed before this instant have been compared.
  compared_through timestamptz not null,
  -- The run that is under way: what it looks at, where its next page begins, and what it has found so far.
  run_from timestamptz,
  run_until timestamptz,
  page_cursor text,
  compared bigint not null default 0,
  asked_again bigint not null default 0,
  linked bigint not null default 0,
  finished_at timestamptz
);

alter table reconciliation enable row level security;
alter table reconciliation force row level security;
create policy tenant on reconciliation to stampwell_web, stampwell_worker, stampwell_auditor
  using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()));
create policy whole on reconciliation for select to stampwell_backup using (true);
grant select on reconciliation to stampwell_web, stampwell_auditor, stampwell_backup;
grant select, insert, update on reconciliation to stampwell_worker;
grant delete on reconciliation to stampwell_worker;
