-- A shop's own certificates for Apple Wallet and its own issuer at Google. Without them the platform's are used.

-- How many cards may go out under the platform's certificate depends on it.
alter table shop add column plan text not null default 'starter' check (plan in ('starter', 'growth', 'scale'));

-- One row per certificate. Of those of one pass type, one signs; a pass never leaves the type it was installed under.
create table apple_issuer (
  shop_id uuid not null references shop (id),
  id uuid not null,
  pass_type_identifier text not null,
  team_identifier text not null,
  -- SHA-256 of the certificate, lower-case hex.
  fingerprint text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  certificate text not null,
  intermediate text not null,
  sealed_key bytea not null,
  -- staged: waits. active: new passes take it. retiring: for passes that are out there. replaced: kept for a roll-back.
  state text not null check (state in ('staged', 'active', 'retiring', 'replaced')),
  is_revoked boolean not null default false,
  -- When the certificate authority last answered; null while it never did.
  revocation_asked_at timestamptz,
  expires_at timestamptz not null,
  -- The nearest alarm that was given: 60, 30, 14, 7 or 0 days before the end.
  alarmed_days integer,
  created_by text not null,
  created_at timestamptz not null,
  primary key (shop_id, id),
  unique (shop_id, fingerprint)
);
create unique index apple_issuer_active on apple_issuer (shop_id) where state = 'active';
create unique index apple_issuer_staged on apple_issuer (shop_id) where state = 'staged';
create unique index apple_issuer_signing on apple_issuer (shop_id, pass_type_identifier)
  where state in ('active', 'retiring');

-- Keys made here that wait for Apple to issue their certificate.
create table certificate_request (
  shop_id uuid not null references shop (id),
  id uuid not null,
  request text not null,
  -- SHA-256 of the public key (SubjectPublicKeyInfo), lower-case hex.
  key_fingerprint text not null check (key_fingerprint ~ '^[0-9a-f]{64}$'),
  sealed_key bytea not null,
  created_by text not null,
  created_at timestamptz not null,
  primary key (shop_id, id),
  unique (shop_id, key_fingerprint)
);

create table google_issuer (
  shop_id uuid not null references shop (id),
  id uuid not null,
  issuer_id text not null check (issuer_id ~ '^\d{1,32}$'),
  client_email text not null,
  sealed_key bytea not null,
  -- staged: waits. active: new cards take it. retiring: for cards that were saved under it.
  state text not null check (state in ('staged', 'active', 'retiring')),
  -- What Google lets it do: cards for testers only, asked for more, or for everybody.
  access text not null default 'demo' check (access in ('demo', 'requested', 'live')),
  created_by text not null,
  created_at timestamptz not null,
  primary key (shop_id, id),
  unique (shop_id, issuer_id)
);
create unique index google_issuer_active on google_issuer (shop_id) where state = 'active';

-- Null is the platform's. `issued_at` is when the pass was first handed out: from then on it cannot change its issuer.
alter table pass
  add column pass_type_identifier text check (wallet = 'apple' or pass_type_identifier is null),
  add column google_issuer_id text check (wallet = 'google' or google_issuer_id is null),
  add column issued_at timestamptz;
update pass set issued_at = created_at where seen_version > 0;
create index pass_delegated on pass (shop_id, wallet)
  where issued_at is not null and state = 'active' and pass_type_identifier is null and google_issuer_id is null;
create index pass_sovereign on pass (shop_id, pass_type_identifier)
  where issued_at is not null and pass_type_identifier is not null;

-- A device asks for the passes of one type; null is the platform's.
drop function passes_of_device(text, xid8);
create function passes_of_device(device text, since xid8, of_type text) returns table (serial text, horizon xid8)
language sql stable security definer set search_path = pg_catalog, public as $$
  select p.serial, pg_snapshot_xmin(pg_current_snapshot())
  from device_registration r
  join pass p on p.shop_id = r.shop_id and p.id = r.pass_id
  where r.device_library_identifier = device and p.wallet = 'apple'
    and p.pass_type_identifier is not distinct from of_type
    and (since is null or p.changed_xid >= since)
  order by p.serial
$$;
alter function passes_of_device(text, xid8, text) owner to stampwell_directory;
revoke all on function passes_of_device(text, xid8, text) from public;
grant execute on function passes_of_device(text, xid8, text) to stampwell_web, stampwell_worker;
grant select (pass_type_identifier) on pass to stampwell_directory;

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['apple_issuer', 'certificate_request', 'google_issuer'] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format(
      'create policy tenant on %I to stampwell_web, stampwell_worker, stampwell_auditor using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()))',
      tenant_table);
    execute format('create policy whole on %I for select to stampwell_backup using (true)', tenant_table);
  end loop;
end $$;
grant select on apple_issuer, certificate_request, google_issuer to stampwell_backup;
grant select, insert, update, delete on apple_issuer, certificate_request, google_issuer
  to stampwell_web, stampwell_worker;
-- An auditor sees which certificates there are, and no key.
grant select (shop_id, id, pass_type_identifier, team_identifier, fingerprint, state, is_revoked, expires_at, created_by, created_at)
  on apple_issuer to stampwell_auditor;
