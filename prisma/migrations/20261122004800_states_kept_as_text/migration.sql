-- Written for every order and read whole: taking these texts apart cost more than all the indexes of an order together.
-- Each statement rewrites its table; a table is locked as long.
alter table order_state alter column state type json using state::json;
alter table ledger_entry alter column explanation type json using explanation::json;
