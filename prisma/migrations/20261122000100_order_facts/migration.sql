-- What an order's own message does not tell: looked up once, at its first settlement, and kept with the order for ever.

-- Null while nothing had to be looked up.
alter table order_state add column facts jsonb;
create index order_state_fetch on order_state (shop_id, order_id) where needs_fetch;

-- What Shopify said of a product when it was last asked, until a message says that the product changed.
create table product_facts (
  shop_id uuid not null references shop (id),
  product_id text not null,
  -- Null: it has to be asked for.
  facts jsonb,
  -- When it last changed, and when Shopify was asked: an answer from before a change is not kept.
  changed_at timestamptz,
  asked_at timestamptz,
  primary key (shop_id, product_id)
);

-- A collection may hold any product, so all that was asked before it changed has to be asked again.
alter table shop add column collections_changed_at timestamptz;

-- A member's tags in Shopify, and when they were so; null: they have to be asked for. Personal, and erased with the member.
alter table member add column tags text[];
alter table member add column tags_at timestamptz;

alter table product_facts enable row level security;
alter table product_facts force row level security;
-- The sub-select makes it an init plan: evaluated once, and the index on shop_id is used.
create policy tenant on product_facts to stampwell_web, stampwell_worker, stampwell_auditor
  using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()));
create policy whole on product_facts for select to stampwell_backup using (true);
grant select on product_facts to stampwell_auditor, stampwell_backup;
grant select, insert, update on product_facts to stampwell_web, stampwell_worker;
grant delete on product_facts to stampwell_worker;
