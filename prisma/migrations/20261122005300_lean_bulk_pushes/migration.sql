-- A row of the line names a pass, and a pass its shop: asking for the shop as well was a look-up and a row lock for each row.
alter table bulk_push drop constraint bulk_push_shop_id_fkey;
-- All rows of a page are taken at once: with half of it free they stay on it, and no index hears of it.
alter table bulk_push set (fillfactor = 45);
