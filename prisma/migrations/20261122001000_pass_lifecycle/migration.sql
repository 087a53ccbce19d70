-- A card can be frozen, and replaced by one with a new serial, code and link while the old one stays void.

alter table member
  add column frozen_at timestamptz,
  -- Who may lift it again: what staff froze, the member cannot unfreeze.
  add column frozen_by text check (frozen_by in ('member', 'staff')),
  -- Rises with every replacement; links signed for an earlier one open nothing.
  add column card_generation integer not null default 0 check (card_generation >= 0),
  add constraint member_frozen_by_somebody check ((frozen_at is null) = (frozen_by is null));

-- One live pass for each wallet; any number of void ones beside it.
create unique index pass_active on pass (shop_id, member_id, wallet) where state = 'active';
create index pass_member on pass (shop_id, member_id, wallet);
alter table pass drop constraint pass_shop_id_member_id_wallet_key;

-- Codes of cards that were replaced. Whose they were is kept so that a till can say so, and so that a sale scanned before
-- the replacement still counts.
create table retired_card (
  shop_id uuid not null references shop (id),
  card_id text not null,
  member_id uuid not null,
  retired_at timestamptz not null,
  primary key (shop_id, card_id),
  foreign key (shop_id, member_id) references member (shop_id, id)
);
create index retired_card_member on retired_card (shop_id, member_id);

alter table retired_card enable row level security;
alter table retired_card force row level security;
create policy tenant on retired_card to stampwell_web, stampwell_worker, stampwell_auditor
  using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()));
create policy whole on retired_card for select to stampwell_backup using (true);
grant select on retired_card to stampwell_auditor, stampwell_backup;
grant select, insert on retired_card to stampwell_web, stampwell_worker;
-- The codes of an erased person are forgotten.
grant delete on retired_card to stampwell_worker;
