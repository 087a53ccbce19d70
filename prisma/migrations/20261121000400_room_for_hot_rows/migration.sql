-- Every settled order changes a balance and a pass, and no indexed column of either. With room left on the page the new
-- version of the row stays beside the old one and no index has to be told.
alter table balance set (fillfactor = 80);
alter table pass set (fillfactor = 80);
