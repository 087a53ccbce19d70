-- Members are found by customer or external id without naming a program. The unique indexes have the program in between:
-- before PostgreSQL 18, which skips over it, they would be read from end to end.
create index member_of_customer on member (shop_id, shopify_customer_id) where shopify_customer_id is not null;
create index member_of_external on member (shop_id, external_id) where external_id is not null;
