-- Detection and incidents: what was noticed, what was decided and why, what was stopped, and who was told when.
-- Subjects are opaque ids ('member:…', 'staff:…', 'api:…', 'location:…', 'shop'); no network and no address is ever here.

-- What detectors count. Rows only come: counting by updating would make one row everybody's bottleneck.
create table security_signal (
  shop_id uuid not null references shop (id),
  id bigint generated always as identity,
  kind text not null,
  subject text not null,
  amount integer not null check (amount > 0),
  at timestamptz not null,
  primary key (shop_id, id)
);
create index security_signal_kind on security_signal (shop_id, kind, at, subject) include (amount);

-- What the shop wants to be watched, how strictly, and who is alerted.
create table security_setting (
  shop_id uuid not null references shop (id),
  settings jsonb not null,
  -- Sealed: an address may carry a secret of its own.
  alert_url bytea,
  alert_secret bytea,
  alert_email bytea,
  updated_by text not null,
  updated_at timestamptz not null,
  primary key (shop_id)
);

create table incident (
  shop_id uuid not null references shop (id),
  id uuid not null,
  -- A detector's name, or 'person' when somebody opened it by hand.
  detector text not null,
  subject text not null,
  severity text not null check (severity in ('low', 'medium', 'high', 'critical')),
  state text not null default 'open' check (state in ('open', 'acknowledged', 'closed')),
  -- Figures only: what was counted, and the threshold it passed.
  findings jsonb not null,
  is_dry_run boolean not null,
  opened_at timestamptz not null,
  seen_at timestamptz not null,
  times_seen integer not null default 1,
  -- By when somebody must have taken it on; each escalation sets the next.
  answer_by timestamptz not null,
  escalations integer not null default 0,
  acknowledged_at timestamptz,
  acknowledged_by text,
  -- Since when personal data is known to have leaked: the 72 hours of Art. 33 run from here.
  breach_at timestamptz,
  authority_told_at timestamptz,
  people_told_at timestamptz,
  closed_at timestamptz,
  closed_by text,
  -- What keeps it from happening again: an incident closes only with one.
  control_kind text check (control_kind in ('detector', 'test', 'control')),
  control_text text,
  primary key (shop_id, id),
  check ((state = 'closed') = (closed_at is not null)),
  check (state <> 'closed' or (control_kind is not null and coalesce(length(control_text), 0) > 0)),
  check ((authority_told_at is null and people_told_at is null) or breach_at is not null)
);
-- The same thing seen again is the same incident while nobody closed it.
create unique index incident_open on incident (shop_id, detector, subject) where state <> 'closed' and detector <> 'person';
create index incident_closed on incident (shop_id, detector, subject, closed_at) where state = 'closed';
create index incident_newest on incident (shop_id, opened_at desc, id desc);
create index incident_unanswered on incident (shop_id, answer_by) where state = 'open';

create table incident_event (
  shop_id uuid not null references shop (id),
  incident_id uuid not null,
  sequence integer not null,
  kind text not null,
  actor text not null,
  details jsonb not null,
  -- In people's own words, sealed.
  note bytea,
  at timestamptz not null,
  primary key (shop_id, incident_id, sequence),
  foreign key (shop_id, incident_id) references incident (shop_id, id)
);

-- What is stopped at the moment, and since when.
create table security_control (
  shop_id uuid not null references shop (id),
  id uuid not null,
  kind text not null check (kind in ('pause-redemptions', 'pause-location', 'pause-staff', 'challenge-member', 'throttle-client')),
  subject text not null,
  incident_id uuid,
  reason text not null,
  set_by text not null,
  set_at timestamptz not null,
  until timestamptz,
  lifted_by text,
  lifted_at timestamptz,
  primary key (shop_id, id),
  foreign key (shop_id, incident_id) references incident (shop_id, id)
);
create unique index security_control_active on security_control (shop_id, kind, subject) where lifted_at is null;

-- Every decision a machine made against somebody, with all it was made of, and what a person said to it.
create table risk_decision (
  shop_id uuid not null references shop (id),
  id uuid not null,
  member_id uuid not null,
  action text not null,
  outcome text not null check (outcome in ('challenge', 'refuse')),
  score integer not null,
  inputs jsonb not null,
  rules jsonb not null,
  rules_version text not null,
  decided_at timestamptz not null,
  seen_at timestamptz not null,
  times_seen integer not null default 1,
  overridden_at timestamptz,
  overridden_by text,
  override_reason text,
  -- How long a person's word stands against the machine's.
  override_until timestamptz,
  primary key (shop_id, id),
  foreign key (shop_id, member_id) references member (shop_id, id)
);
create index risk_decision_newest on risk_decision (shop_id, decided_at desc, id desc);
create index risk_decision_member on risk_decision (shop_id, member_id, decided_at desc);

-- Who read whose data through which door: what a leaked key could have seen.
create table member_read (
  shop_id uuid not null references shop (id),
  id bigint generated always as identity,
  actor text not null,
  operation text not null,
  member_ids uuid[] not null,
  fields text[] not null,
  at timestamptz not null,
  primary key (shop_id, id)
);
create index member_read_actor on member_read (shop_id, actor, at);
create index member_read_age on member_read (shop_id, at);

-- Members and keys that nobody has a reason to touch.
create table canary (
  shop_id uuid not null references shop (id),
  subject text not null,
  planted_by text not null,
  planted_at timestamptz not null,
  primary key (shop_id, subject)
);

-- Where the shop's tills stand.
create table store_place (
  shop_id uuid not null references shop (id),
  location_id text not null check (location_id ~ '^[0-9]{1,20}$'),
  name text not null,
  latitude double precision not null check (latitude between -90 and 90),
  longitude double precision not null check (longitude between -180 and 180),
  updated_at timestamptz not null,
  primary key (shop_id, location_id)
);

do $$
declare
  tenant_table text;
begin
  foreach tenant_table in array array['security_signal', 'security_setting', 'incident', 'incident_event', 'security_control',
    'risk_decision', 'member_read', 'canary', 'store_place'] loop
    execute format('alter table %I enable row level security', tenant_table);
    execute format('alter table %I force row level security', tenant_table);
    execute format(
      'create policy tenant on %I to stampwell_web, stampwell_worker, stampwell_auditor using (shop_id = (select current_shop())) with check (shop_id = (select current_shop()))',
      tenant_table);
    execute format('create policy whole on %I for select to stampwell_backup using (true)', tenant_table);
    execute format('grant select, insert on %I to stampwell_web, stampwell_worker', tenant_table);
    execute format('grant select on %I to stampwell_backup', tenant_table);
    -- Which members and keys are traps is for the shop alone to know, and addresses of people are nobody else's.
    if tenant_table not in ('canary', 'security_setting') then
      execute format('grant select on %I to stampwell_auditor', tenant_table);
    end if;
  end loop;
end $$;

-- A timeline, a decision and the record of a read are never rewritten: what happens to them later has columns of its own.
grant update on security_setting, incident, store_place to stampwell_web, stampwell_worker;
grant update (lifted_by, lifted_at, until) on security_control to stampwell_web, stampwell_worker;
grant update (seen_at, times_seen, overridden_at, overridden_by, override_reason, override_until) on risk_decision
  to stampwell_web, stampwell_worker;
-- A new data key seals notes again.
grant update (note) on incident_event to stampwell_worker;
grant delete on security_signal, member_read, risk_decision to stampwell_worker;
grant delete on store_place, canary to stampwell_web, stampwell_worker;
