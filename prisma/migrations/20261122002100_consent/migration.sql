-- Consent that can be proven: what was asked and confirmed by mail, under whose key the particulars lie, which words were
-- shown, signed roots over the log; and the mails and reports of shoppers.

-- Null where one step was enough. 'asked' grants nothing yet; the mailed link does.
alter table consent_record add column confirmation text check (confirmation in ('asked', 'confirmed'));
alter table consent_record add constraint consent_record_asked_grants_nothing check (confirmation <> 'asked' or not granted);
-- Particulars of the person, sealed under a key of theirs alone. The chain's hash covers the sealed bytes, so it still
-- verifies once the key is destroyed.
alter table consent_record add column evidence bytea;

-- When the holder of the address opened a link we sent there. Null: somebody typed it, which proves nothing.
alter table member_profile add column email_proven_at timestamptz;
-- Shopify's customer with the same, verified address: theirs once the address is proven, and their orders with it.
alter table member_profile add column waiting_customer_id text;
-- After a change of address much cannot be redeemed for a day: whoever took over an account gains nothing quickly.
alter table member add column contact_changed_at timestamptz;

create table consent_key (
  shop_id uuid not null references shop (id),
  member_id uuid not null,
  sealed_key bytea not null,
  created_at timestamptz not null,
  primary key (shop_id, member_id),
  foreign key (shop_id, member_id) references member (shop_id, id)
);

-- The words people agreed to, kept under the version that their consent names.
create table consent_wording (
  shop_id uuid not null references shop (id),
  version text not null,
  purpose text not null check (purpose in ('program', 'marketing', 'analytics')),
  locale text not null,
  wording text not null,
  first_used_at timestamptz not null,
  primary key (shop_id, version, purpose)
);

-- The root of a Merkle tree over the first `size` records, signed; `frontier` is what the next day goes on from.
create table consent_root (
  shop_id uuid not null references shop (id),
  size bigint not null check (size > 0),
  root bytea not null,
  frontier bytea[] not null,
  signed jsonb not null,
  made_at timestamptz not null,
  primary key (shop_id, size)
);

create table consent_settings (
  shop_id uuid primary key references shop (id),
  double_opt_in text not null check (double_opt_in in ('by-country', 'always', 'never')),
  updated_by text not null,
  updated_at timestamptz not null
);

-- A mail to a shopper: to whom, sealed, and what comes of it when the link or the code in it comes back.
create table mail_request (
  shop_id uuid not null references shop (id),
  id uuid not null,
  member_id uuid not null,
  kind text not null check (kind in ('email-proof', 'known-address', 'address-changed', 'contact-code', 'download-code', 'erasure-code')),
  locale text not null,
  address bytea not null,
  -- A keyed index: nobody is to get more than a few mails a day from us without having asked.
  address_index bytea not null,
  -- The address to change to, sealed.
  next_address bytea,
  -- Consents that wait for the link: [{purpose, channel, wordingVersion, locale, source}].
  consents jsonb not null default '[]',
  tries integer not null default 0,
  asked_at timestamptz not null,
  expires_at timestamptz not null,
  sent_at timestamptz,
  done_at timestamptz,
  primary key (shop_id, id),
  foreign key (shop_id, member_id) references member (shop_id, id)
);
create index mail_request_member on mail_request (shop_id, member_id, asked_at desc);
create index mail_request_address on mail_request (shop_id, address_index, asked_at);
create index mail_request_age on mail_request (shop_id, expires_at);

-- A shopper says that something on their card was not them.
create table activity_report (
  shop_id uuid not null references shop (id),
  id uuid not null,
  member_id uuid not null,
  -- What it is about, as 'entry:<id>' or 'activity:<sequence>'.
  subject text not null,
  state text not null default 'open' check (state in ('open', 'closed')),
  reported_at timestamptz not null,
  closed_at timestamptz,
  closed_by text,
  primary key (shop_id, id),
  unique (shop_id, member_id, subject),
  foreign key (shop_id, member_id) references member (shop_id, id)
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array[
    'consent_key', 'consent_wording', 'consent_root', 'consent_settings', 'mail_request', 'activity_report'
  ] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format(
      'create policy tenant on %I to stampwell_web, stampwell_worker, stampwell_auditor using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()))',
      tenant_table);
    execute format('create policy whole on %I for select to stampwell_backup using (true)', tenant_table);
    execute format('grant select on %I to stampwell_backup', tenant_table);
    execute format('grant select, insert on %I to stampwell_web, stampwell_worker', tenant_table);
  end loop;
end $$;
grant select on consent_wording, consent_root, consent_settings, activity_report to stampwell_auditor;
grant update on consent_key, consent_settings, mail_request, activity_report to stampwell_web, stampwell_worker;
-- Only an erasure destroys the particulars of a consent, and erasures are the worker's.
grant delete on consent_key, mail_request, activity_report to stampwell_worker;
