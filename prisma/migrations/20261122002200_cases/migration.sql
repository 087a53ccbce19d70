-- Privacy cases of all seven kinds: escalated when late, worked in slices, certified when done. Members whose data is
-- kept but not used (restriction), or not used for marketing and profiling (objection).

alter table erasure_case drop constraint erasure_case_kind_check;
alter table erasure_case add constraint erasure_case_kind_check check (
  kind in ('access', 'rectification', 'erasure', 'portability', 'restriction', 'objection', 'shop-erasure'));

-- Who opened it: 'staff:<id>', 'api:<client>', 'member', 'shopify', 'system'.
alter table erasure_case add column actor text not null default 'shopify';
-- What a rectification says, sealed. Destroyed when the case is closed.
alter table erasure_case add column details bytea;
-- Set once, when the due date comes near and when it is past.
alter table erasure_case add column urgency text check (urgency in ('due-soon', 'overdue'));
-- Where a step that goes in slices stands: {step, count}.
alter table erasure_case add column progress jsonb;
-- What the ledger said before anything was done: {entries, totals}. Figures only.
alter table erasure_case add column ledger jsonb;
-- The signed certificate of what was done. Ids and figures only.
alter table erasure_case add column certificate jsonb;
create index erasure_case_due on erasure_case (shop_id, due_at) where state = 'open';
create index erasure_case_members on erasure_case using gin (member_ids);

-- Since when their data is kept and not used, and since when they object to marketing and profiling.
alter table member add column restricted_at timestamptz;
alter table member add column objected_at timestamptz;
