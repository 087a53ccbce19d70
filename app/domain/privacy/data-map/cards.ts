import type { DataMapPart } from '#app/domain/privacy/data-map/entry.ts';

/** Wallet cards, the phones that hold them, certificates, and messages on cards. */
export const cardTables: DataMapPart = {
  card_design: {
    holds: 'A published card design',
    purpose: 'wallet cards',
    basis: 'no person concerned',
    columns: {
      public: 'design',
      internal: 'shop_id program_id number published_at google_class_synced_at state published_by restores',
    },
  },
  card_draft: {
    holds: 'The card design being worked on',
    purpose: 'wallet cards',
    basis: 'no person concerned',
    columns: { internal: 'shop_id program_id revision design updated_by updated_at' },
  },
  card_rollout: {
    holds: 'How far a new design has come',
    purpose: 'wallet cards',
    basis: 'no person concerned',
    columns: {
      internal:
        'shop_id id program_id design_number state percent touched problem created_by created_at step_at finished_at',
    },
  },
  shop_image: {
    holds: 'Logos and strips the merchant uploaded, re-encoded',
    purpose: 'wallet cards',
    basis: 'no person concerned',
    columns: { public: 'hash content width height', internal: 'shop_id created_at' },
  },
  pass: {
    holds: 'A card in a wallet: its serial, versions and when it was fetched',
    purpose: 'wallet cards',
    basis: 'contract',
    columns: {
      internal:
        'shop_id id wallet state version last_modified changed_xid announced_version announced_hash seen_version seen_at voided_at created_at design_number pass_type_identifier google_issuer_id issued_at changed_at stale_since problem problem_at quiet_version',
      restricted: 'member_id serial',
    },
  },
  retired_card: {
    holds: 'Codes of cards that were replaced',
    purpose: 'wallet cards',
    basis: 'contract',
    columns: { internal: 'shop_id retired_at', restricted: 'card_id member_id' },
  },
  device_registration: {
    holds: 'Phones that want to hear of a card: Apple’s id of the device, and its push token, sealed',
    purpose: 'wallet cards',
    basis: 'contract',
    columns: {
      internal:
        'shop_id pass_id registered_at token_at last_pushed_version last_pushed_at last_fetched_version last_fetched_at push_tries next_push_at reminders remind_at',
      restricted: 'device_library_identifier push_token',
    },
  },
  bulk_push: {
    holds: 'Cards whose phones are told in bulk',
    purpose: 'wallet cards',
    basis: 'contract',
    columns: { internal: 'shop_id pass_id asks free_at' },
  },
  prepared_pass: {
    holds: 'What a card is about to show, sealed, for minutes',
    purpose: 'wallet cards',
    basis: 'contract',
    columns: { internal: 'shop_id pass_id version program_id design_number made_at', regulated: 'content' },
  },
  push_lane: {
    holds: 'Certificates that Apple refuses at the moment',
    purpose: 'wallet cards',
    basis: 'no person concerned',
    columns: { internal: 'pass_type_identifier reason stopped_at' },
  },
  push_pace: {
    holds: 'How fast phones are told',
    purpose: 'wallet cards',
    basis: 'no person concerned',
    columns: { internal: 'name per_second lowered_at' },
  },
  apple_issuer: {
    holds: 'The merchant’s own certificate for passes; its key sealed',
    purpose: 'wallet cards',
    basis: 'contract',
    columns: {
      public: 'pass_type_identifier team_identifier certificate intermediate fingerprint',
      internal: 'shop_id id state is_revoked revocation_asked_at expires_at alarmed_days created_by created_at',
      restricted: 'sealed_key',
    },
  },
  certificate_request: {
    holds: 'A request for such a certificate; its key sealed',
    purpose: 'wallet cards',
    basis: 'contract',
    columns: {
      public: 'request key_fingerprint',
      internal: 'shop_id id created_by created_at',
      restricted: 'sealed_key',
    },
  },
  google_issuer: {
    holds: 'The merchant’s own account at Google Wallet; its key sealed',
    purpose: 'wallet cards',
    basis: 'contract',
    columns: {
      internal: 'shop_id id issuer_id client_email state access created_by created_at',
      restricted: 'sealed_key',
    },
  },
  google_class: {
    holds: 'Which designs Google knows',
    purpose: 'wallet cards',
    basis: 'no person concerned',
    columns: { internal: 'shop_id program_id design_number issuer_id content_hash synced_at' },
  },
  google_object: {
    holds: 'Whether a card is in Google Wallet',
    purpose: 'wallet cards',
    basis: 'contract',
    columns: { internal: 'shop_id pass_id design_number is_from_link sending_until state state_until notices' },
  },
  google_callback: {
    holds: 'Marks of calls from Google, so that none counts twice',
    purpose: 'wallet cards',
    basis: 'no person concerned',
    columns: { internal: 'shop_id nonce expires_at' },
  },
  card_step: {
    holds: 'The last half minute in which a changing code was used',
    purpose: 'security and abuse',
    basis: 'contract',
    columns: { internal: 'shop_id step', restricted: 'card_id' },
  },
  freshness_hour: {
    holds: 'How long cards waited for a change, counted by the hour',
    purpose: 'wallet cards',
    basis: 'no person concerned',
    columns: { internal: 'shop_id hour wallet bucket shard passes' },
  },
  freshness_total: {
    holds: 'The same over all shops',
    purpose: 'running the service',
    basis: 'no person concerned',
    columns: { internal: 'hour wallet bucket shard passes total_ms' },
  },
  campaign: {
    holds: 'A message for cards',
    purpose: 'messages',
    basis: 'consent',
    columns: {
      internal:
        'shop_id id program_id revision state content starts_at ends_at cursor is_listed members_total looked_at shown skipped withdraw_cursor withdrawn_at created_by created_at updated_at started_at finished_at',
    },
  },
  campaign_recipient: {
    holds: 'Which member’s card shows a message',
    purpose: 'messages',
    basis: 'consent',
    columns: { internal: 'shop_id campaign_id due_at shown_at', restricted: 'member_id' },
  },
};
