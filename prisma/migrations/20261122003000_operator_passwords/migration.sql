-- The password an operator is given ends by itself, or once they have one that nobody else has seen: then this is null.
alter table operator_account add column password_expires_at timestamptz;
-- Who has an account already has a week for it.
update operator_account set password_expires_at = now() + interval '7 days';
grant update (password_hash, password_expires_at) on operator_account to stampwell_web;

-- An operator has one session at a time, and it ends when it is not used. Those that are open end now.
delete from operator_session;
alter table operator_session add column seen_at timestamptz not null;
create unique index operator_session_one on operator_session (operator);
grant update on operator_session to stampwell_web, stampwell_worker;
