-- What every column of an entry said when it was written, as one hash: balances and lots add up to amounts alone, and a changed
-- time, reason or cause would look like any other. Entries of before have none.
alter table ledger_entry add column digest bytea;

-- What is held of a balance is compared with what its open reservations cost, member by member.
create index reservation_held on reservation (shop_id, member_id) where state = 'reserved';
