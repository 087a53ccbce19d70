-- Customers whom older news of an order named, where the newest names another or nobody. Once one of them is merged into whom
-- the order went to, it counts as the sale it was at first, whatever was told first.
create table former_customer (
  shop_id uuid not null references shop (id),
  order_id text not null,
  customer_id text not null check (customer_id ~ '^[0-9]{1,20}$'),
  -- When the order named them last.
  named_at timestamptz not null,
  primary key (shop_id, order_id, customer_id)
);
create index former_customer_customer on former_customer (shop_id, customer_id);

alter table former_customer enable row level security;
alter table former_customer force row level security;
create policy tenant on former_customer to stampwell_web, stampwell_worker, stampwell_auditor
  using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()));
create policy whole on former_customer for select to stampwell_backup using (true);
grant select on former_customer to stampwell_auditor, stampwell_backup, stampwell_web;
grant insert, update on former_customer to stampwell_web;
grant select, insert, update, delete on former_customer to stampwell_worker;
