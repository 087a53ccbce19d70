/** A shop with at least one row in every table that has a shop: what tenancy is shown on. */
import { randomBytes, randomUUID } from 'node:crypto';

import {
  deliver,
  drain,
  makeMember,
  makeShop,
  orderBody,
  type TestShop,
  type TestSystem,
} from '#test/support/factories.ts';

/** Tables whose rows the story below does not bring about; each value is an expression over `$1` (shop) and `$2` (member). */
const planted = [
  `insert into session (shop_id, id, content) values ($1, 'offline', '\\x00') on conflict do nothing`,
  `insert into reservation (shop_id, id, member_id, program_id, reward_id, unit, cost, state, channel, idempotency_key, inputs_hash, created_at, expires_at)
   select $1, gen_random_uuid(), id, program_id, 'coffee', 'stamps', 10, 'reserved', 'pos', gen_random_uuid()::text, '\\x00', now(), now() from member where id = $2`,
  `update balance set held = 10 where shop_id = $1 and member_id = $2 and unit = 'stamps'`,
  `insert into reward_loss (shop_id, member_id, reward_id, forgiven, updated_at) values ($1, $2, 'coffee', 1, now())`,
  `insert into merged_customer (shop_id, gone_id, kept_id, into_id, member_ids, merged_at) values ($1, '7', '8', '8', array[$2::uuid], now())`,
  `insert into former_customer (shop_id, order_id, customer_id, named_at) select $1, order_id, '7', now() from order_state where shop_id = $1 limit 1`,
  `insert into retired_card (shop_id, card_id, member_id, retired_at) values ($1, gen_random_uuid()::text, $2, now())`,
  `insert into device_registration (shop_id, pass_id, device_library_identifier, push_token, registered_at, token_at)
   select $1, id, gen_random_uuid()::text, '\\x00', now(), now() from pass where member_id = $2`,
  `insert into prepared_pass (shop_id, pass_id, version, program_id, design_number, content, made_at)
   select p.shop_id, p.id, 1, m.program_id, 1, '\\x00', now() from pass p join member m on m.shop_id = p.shop_id and m.id = p.member_id where p.shop_id = $1 and p.member_id = $2
   on conflict do nothing`,
  `insert into bulk_push (shop_id, pass_id, free_at) select $1, id, now() from pass where member_id = $2`,
  `insert into referral (shop_id, id, referrer_id, friend_id, state, refusal, rule_version_id, created_at)
   select $1, gen_random_uuid(), id, id, 'refused', 'self', gen_random_uuid(), now() from member where id = $2`,
  `insert into tombstone (shop_id, fingerprint, erased_at) values ($1, '\\x00', now())`,
  `insert into api_client (shop_id, id, name, secret_hash, scopes, created_at) values ($1, gen_random_uuid()::text, 'till', 'hash', '{}', now())`,
  `insert into revoked_token (shop_id, token_id, client_id, expires_at) values ($1, 'token', 'client', now())`,
  `insert into api_client_usage (shop_id, client_id, day) values ($1, 'client', '2020-01-01')`,
  `insert into support_access (shop_id, id, kind, operator, scopes, reason, opened_by, opened_at, expires_at)
   values ($1, gen_random_uuid(), 'break-glass', 'ada', '{overview}', 'test', 'operator:ada', now(), now() + interval '1 hour')`,
  `insert into api_idempotency (shop_id, client_id, key, inputs_hash, status, response, created_at) values ($1, 'client', 'key', '\\x00', 200, '', now())`,
  `insert into shop_image (shop_id, hash, content, width, height, created_at) values ($1, repeat('a', 64), '\\x00', 1, 1, now())`,
  `insert into product_facts (shop_id, product_id, changed_at) values ($1, '7001001', now())`,
  `insert into audit_segment (shop_id, month, first_sequence, last_sequence, previous_hash, hash, signed, closed_at)
   values ($1, '2020-01-01', 0, 0, '\\x00', '\\x00', '{}', now())`,
  `insert into api_call (shop_id, id, client_id, operation, status, address, called_at)
   values ($1, gen_random_uuid(), 'client', 'getMember', 200, '203.0.113.1', now())`,
  `insert into billing_record (shop_id, id, kind, reference, amount_minor, currency, issued_at)
   values ($1, gen_random_uuid(), 'subscription', 'charge-1', 4900, 'USD', now())`,
  `insert into retention_choice (shop_id, class, hours, chosen_by, chosen_at) values ($1, 'idempotency keys', 72, 'test', now())`,
  `insert into purge_report (shop_id, class, removed, older_than, ran_at) values ($1, 'test', 1, now(), now())`,
  `insert into erasure_case (shop_id, id, kind, origin, source_key, requested_at, due_at) values ($1, gen_random_uuid(), 'access', 'test', 'key', now(), now())`,
  `insert into simulation (shop_id, id, program_id, document, orders_asked, created_by, created_at)
   select $1, gen_random_uuid(), id, draft, 1, 'test', now() from program where shop_id = $1`,
  `insert into liability_month (shop_id, starts_at, program_id, unit, month, earned, taken_back, spent, given_back, expired, written_off)
   select $1, now(), id, 'points', '2020-01', 0, 0, 0, 0, 0, 0 from program where shop_id = $1`,
  `insert into liability_closed (shop_id, until) values ($1, '2020-02-01')`,
  `insert into apple_issuer (shop_id, id, pass_type_identifier, team_identifier, fingerprint, certificate, intermediate, sealed_key, state, expires_at, created_by, created_at)
   values ($1, gen_random_uuid(), 'pass.com.example', 'TEAM000000', repeat('a', 64), '', '', '\\x00', 'staged', now(), 'test', now())`,
  `insert into certificate_request (shop_id, id, request, key_fingerprint, sealed_key, created_by, created_at)
   values ($1, gen_random_uuid(), '', repeat('a', 64), '\\x00', 'test', now())`,
  `insert into google_issuer (shop_id, id, issuer_id, client_email, sealed_key, state, created_by, created_at)
   values ($1, gen_random_uuid(), '1', '', '\\x00', 'staged', 'test', now())`,
  `insert into reconciliation (shop_id, compared_through) values ($1, now())`,
  `with version as (insert into agreement_version (number, hash, annexes, published_at, counts_from)
     values (1, '\\x00', '{}', now(), now()) on conflict (number) do update set annexes = agreement_version.annexes returning number)
   insert into shop_agreement (shop_id, version, announced_at) select $1, number, now() from version`,
  `insert into card_draft (shop_id, program_id, design, updated_by, updated_at)
   select shop_id, program_id, design, 'test', now() from card_design where shop_id = $1`,
  `insert into card_rollout (shop_id, id, program_id, design_number, state, percent, created_by, created_at, step_at)
   select shop_id, gen_random_uuid(), program_id, number, 'done', 100, 'test', now(), now() from card_design where shop_id = $1`,
  `insert into google_class (shop_id, program_id, design_number, issuer_id, content_hash, synced_at)
   select $1, id, 1, '3388', '\\x00', now() from program where shop_id = $1`,
  `insert into google_object (shop_id, pass_id, design_number) select $1, id, 1 from pass where member_id = $2 limit 1`,
  `insert into google_callback (shop_id, nonce, expires_at) values ($1, 'nonce', now())`,
  `insert into card_step (shop_id, card_id, step) values ($1, gen_random_uuid()::text, 1)`,
  `insert into freshness_hour (shop_id, hour, wallet, bucket, shard, passes) values ($1, '2020-01-01', 'apple', 0, 0, 1)`,
  `insert into campaign (shop_id, id, program_id, content, created_by, created_at, updated_at)
   select $1, gen_random_uuid(), id, '{}', 'test', now(), now() from program where shop_id = $1`,
  `insert into campaign_recipient (shop_id, campaign_id, member_id, due_at)
   select $1, id, $2, now() from campaign where shop_id = $1`,
  `insert into security_signal (shop_id, kind, subject, amount, at) values ($1, 'networks', 'member:1', 1, now())`,
  `insert into security_setting (shop_id, settings, updated_by, updated_at) values ($1, '{"detectors":{}}', 'test', now())`,
  `with opened as (
     insert into incident (shop_id, id, detector, subject, severity, findings, is_dry_run, opened_at, seen_at, answer_by)
     values ($1, gen_random_uuid(), 'person', 'shop', 'low', '{}', false, now(), now(), now() + interval '1 day') returning id)
   insert into incident_event (shop_id, incident_id, sequence, kind, actor, details, at)
   select $1, id, 1, 'opened', 'test', '{}', now() from opened`,
  `insert into security_control (shop_id, id, kind, subject, reason, set_by, set_at, until)
   values ($1, gen_random_uuid(), 'pause-location', 'location:1', 'test', 'test', now(), now())`,
  `insert into risk_decision (shop_id, id, member_id, action, outcome, score, inputs, rules, rules_version, decided_at, seen_at)
   values ($1, gen_random_uuid(), $2, 'redeem', 'challenge', 100, '{}', '[]', '1', now(), now())`,
  `insert into member_read (shop_id, actor, operation, member_ids, fields, at) values ($1, 'api:client', 'getMember', array[$2::uuid], '{name}', now())`,
  `insert into canary (shop_id, subject, planted_by, planted_at) values ($1, 'canary-key:client', 'test', now())`,
  `insert into store_place (shop_id, location_id, name, latitude, longitude, updated_at) values ($1, '1', 'Town', 0, 0, now())`,
  `insert into shop_staff (shop_id, id, user_id, role, number, added_by, created_at) values ($1, gen_random_uuid(), '901', 'viewer', 1000, 'test', now())`,
  `insert into access_settings (shop_id, updated_by, updated_at) values ($1, 'test', now())`,
  `insert into pin_lockout (shop_id, target, failures, updated_at) values ($1, 'device:1', 1, now())`,
  `insert into access_review (shop_id, id, people, signed_by, signed_at) values ($1, gen_random_uuid(), '[]', 'test', now())`,
  `insert into consent_key (shop_id, member_id, sealed_key, created_at) values ($1, $2, '\\x00', now()) on conflict do nothing`,
  `insert into consent_wording (shop_id, version, purpose, locale, wording, first_used_at) values ($1, 'test', 'program', 'en', '', now())`,
  `insert into consent_root (shop_id, size, root, frontier, signed, made_at) values ($1, 1, '\\x00', '{}', '{}', now())`,
  `insert into consent_settings (shop_id, double_opt_in, updated_by, updated_at) values ($1, 'always', 'test', now())`,
  `insert into mail_request (shop_id, id, member_id, kind, locale, address, address_index, asked_at, expires_at)
   values ($1, gen_random_uuid(), $2, 'email-proof', 'en', '\\x00', '\\x00', now(), now())`,
  `insert into activity_report (shop_id, id, member_id, subject, reported_at) values ($1, gen_random_uuid(), $2, 'entry:1', now())`,
  `insert into shop_key (shop_id, purpose, version, state, created_by, created_at, retired_at)
   values ($1, 'data', 1000, 'retired', 'test', now(), now())`,
  `insert into key_rotation (shop_id, id, to_version, started_by, started_at, state) values ($1, gen_random_uuid(), 2, 'test', now(), 'done')`,
];

export type FilledShop = TestShop & { memberId: string; customerId: string };

/** Makes such a shop. */
export async function makeFilledShop(system: TestSystem): Promise<FilledShop> {
  return fillShop(system, await makeShop());
}

/** Makes such a shop of one that is empty. */
export async function fillShop(system: TestSystem, shop: TestShop): Promise<FilledShop> {
  const { memberId, customerId } = await makeMember(shop, { name: randomBytes(6).toString('hex') });
  await deliver(shop, 'orders/paid', orderBody({ customer: { id: Number(customerId) } }), randomUUID());
  await drain(shop);
  for (const statement of planted)
    await system.sql(statement, statement.includes('$2') ? [shop.shopId, memberId] : [shop.shopId]);
  return { ...shop, memberId, customerId };
}

/** Every table, view and partition with a shop_id, by name; `shop` itself goes by its id. */
export async function tenantTables(
  system: TestSystem,
): Promise<{ name: string; isPartition: boolean; isForced: boolean }[]> {
  const rows = await system.sql<{ name: string; is_partition: boolean; is_forced: boolean }>(
    `select c.relname as name, c.relispartition as is_partition, c.relrowsecurity and c.relforcerowsecurity as is_forced
     from pg_class c join information_schema.columns i on i.table_schema = 'public' and i.table_name = c.relname
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm') and i.column_name = 'shop_id'
     order by c.relname`,
  );
  return rows.map((row) => ({ name: row.name, isPartition: row.is_partition, isForced: row.is_forced }));
}
