-- Customers whom Shopify made one with others. A sale that names one who is gone may be told after the merge: it is theirs
-- who has been merged into, and of a member who was known as the gone one before.
create table merged_customer (
  shop_id uuid not null references shop (id),
  gone_id text not null check (gone_id ~ '^[0-9]{1,20}$'),
  -- Whoever that one is by now, however many merges later.
  kept_id text not null check (kept_id ~ '^[0-9]{1,20}$' and kept_id <> gone_id),
  -- The members who were known as the gone one and are known as the kept one since.
  member_ids uuid[] not null,
  merged_at timestamptz not null,
  primary key (shop_id, gone_id)
);
create index merged_customer_kept on merged_customer (shop_id, kept_id);

alter table merged_customer enable row level security;
alter table merged_customer force row level security;
create policy tenant on merged_customer to stampwell_web, stampwell_worker, stampwell_auditor
  using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()));
create policy whole on merged_customer for select to stampwell_backup using (true);
grant select on merged_customer to stampwell_auditor, stampwell_backup, stampwell_web;
grant select, insert, update, delete on merged_customer to stampwell_worker;
