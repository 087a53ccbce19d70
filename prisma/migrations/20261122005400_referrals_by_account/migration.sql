-- As whom a member brought their friend, where they were folded into another since: whom either brought before counts for
-- the one who brought them.
alter table referral add column referrer_account_id uuid;
grant update (referrer_account_id) on referral to stampwell_web, stampwell_worker;

-- Somebody is brought once. Who was brought under two names that turn out to be one person has been brought twice, and which
-- of the two counts is a matter of what was bought and when.
drop index referral_friend;
create unique index referral_account on referral (shop_id, (coalesce(account_id, friend_id))) where state <> 'refused';
-- Refused referrals are looked at anew with every sale of the friend.
create index referral_friend on referral (shop_id, friend_id);
