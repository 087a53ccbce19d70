-- A merge may be told after a later one. Which customer became which is kept as Shopify did it, beside who that is by now, so
-- that whoever comes with a merge that is told late goes the whole way. Null: straight into who that is by now.
alter table merged_customer add column into_id text check (into_id ~ '^[0-9]{1,20}$' and into_id <> gone_id);

-- What happened after a merge that is told late happened to both.
grant update (account_id) on member_event to stampwell_web, stampwell_worker;

-- As whom a friend was brought who was folded into another since: what that other had bought before makes the friend nobody old.
alter table referral add column account_id uuid;
grant update (account_id) on referral to stampwell_web, stampwell_worker;
