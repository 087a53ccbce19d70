-- Rewards in full: what a reservation is bound to, what was given for it, and what of it came back.

alter table reservation
  -- Terms in force when it was made: they decide what a refund gives back.
  add column rule_version_id uuid,
  -- As the caller says: a till's location, its cart or transaction, and who served.
  add column location_id text,
  add column cart text,
  add column staff text,
  -- What was promised, as the program said it then.
  add column benefit jsonb,
  -- Benefits of money, which no discount code carries. 'due' is paid for and not known to have arrived.
  add column benefit_state text not null default 'none'
    check (benefit_state in ('none', 'due', 'given', 'refused', 'withdrawing', 'withdrawn')),
  -- By the clock of the machine, not of the rules: Shopify's records are searched from here.
  add column benefit_tried_at timestamptz,
  add column benefit_reference text,
  add column withdrawal_reference text,
  add column benefit_problem text,
  add column code_shown_at timestamptz,
  -- Of its cost, what cancelled and refunded sales gave back so far.
  add column given_back bigint not null default 0,
  -- Set once, when it is spent, and never cleared.
  add column committed_at timestamptz,
  drop constraint reservation_cost_check,
  -- What is given for reaching something costs nothing.
  add constraint reservation_cost_check check (cost >= 0),
  add constraint reservation_given_back_check check (given_back >= 0 and given_back <= cost);

update reservation set committed_at = coalesce(settled_at, created_at) where entry_id is not null;
update reservation set given_back = cost where entry_id is not null and state = 'released';

create index reservation_order on reservation (shop_id, order_id) where order_id is not null;
-- Stock: what of a reward is taken, counted under a lock on the reward.
create index reservation_taken on reservation (shop_id, program_id, reward_id, member_id) where state <> 'released';
-- Rewards that cost nothing: what an un-completed card is compared with.
create index reservation_reached on reservation (shop_id, member_id) where cost = 0 and state = 'committed';
-- One transaction of Shopify's is one reservation's, whoever finds it first.
create unique index reservation_benefit on reservation (shop_id, benefit_reference) where benefit_reference is not null;
create unique index reservation_withdrawal on reservation (shop_id, withdrawal_reference)
  where withdrawal_reference is not null;

-- Rewards given for reaching what a refund un-reached since, forgiven by a program that writes off.
create table reward_loss (
  shop_id uuid not null references shop (id),
  member_id uuid not null,
  reward_id text not null,
  forgiven integer not null check (forgiven >= 0),
  updated_at timestamptz not null,
  primary key (shop_id, member_id, reward_id),
  foreign key (shop_id, member_id) references member (shop_id, id)
);

alter table reward_loss enable row level security;
alter table reward_loss force row level security;
create policy tenant on reward_loss to stampwell_web, stampwell_worker, stampwell_auditor
  using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()));
create policy whole on reward_loss for select to stampwell_backup using (true);
grant select on reward_loss to stampwell_auditor, stampwell_backup;
grant select, insert, update on reward_loss to stampwell_web, stampwell_worker;
