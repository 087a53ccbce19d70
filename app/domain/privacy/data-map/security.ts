import type { DataMapPart } from '#app/domain/privacy/data-map/entry.ts';

/** Audit, credentials, operators, detection, and the plumbing. */
export const securityTables: DataMapPart = {
  audit_record: {
    holds: 'Who changed what and why',
    purpose: 'security and abuse',
    basis: 'legal obligation',
    columns: {
      internal:
        'shop_id sequence actor action object before_hash after_hash reason occurred_at previous_hash hash recorded_at',
    },
  },
  audit_segment: {
    holds: 'Signed ends of audit months',
    purpose: 'security and abuse',
    basis: 'legal obligation',
    columns: {
      public: 'signed',
      internal: 'shop_id month first_sequence last_sequence previous_hash hash closed_at purged_at',
    },
  },
  chain_head: {
    holds: 'The newest hash of each log',
    purpose: 'security and abuse',
    basis: 'no person concerned',
    columns: { internal: 'shop_id chain sequence hash recorded_at' },
  },
  api_client: {
    holds: 'Credentials of integrations; secrets hashed',
    purpose: 'accounts and access of staff',
    basis: 'contract',
    columns: {
      internal:
        'shop_id id name scopes created_at revoked_at last_used_at program_ids networks requests_per_second expires_at key_prefix rotated_at previous_prefix previous_until token_epoch created_by revoked_by revoked_reason',
      restricted: 'secret_hash previous_hash pseudonym_key',
    },
  },
  revoked_token: {
    holds: 'Tokens that were called back',
    purpose: 'security and abuse',
    basis: 'no person concerned',
    columns: { internal: 'shop_id token_id client_id expires_at' },
  },
  api_client_usage: {
    holds: 'What each integration used, by day',
    purpose: 'security and abuse',
    basis: 'no person concerned',
    columns: { internal: 'shop_id client_id day requests refused limited failed bytes_out' },
  },
  api_call: {
    holds: 'Calls of integrations: from which address, and which members they read',
    purpose: 'security and abuse',
    basis: 'legitimate interest',
    columns: { internal: 'shop_id id client_id operation status called_at', restricted: 'address' },
  },
  api_idempotency: {
    holds: 'Answers to calls, so that a repeated call changes nothing',
    purpose: 'running the service',
    basis: 'contract',
    columns: { internal: 'shop_id client_id key inputs_hash status created_at', regulated: 'response' },
  },
  support_access: {
    holds: 'When and why our support opened a shop',
    purpose: 'accounts and access of staff',
    basis: 'legal obligation',
    columns: { internal: 'shop_id id kind operator scopes reason opened_by opened_at expires_at ended_at ended_by' },
  },
  operator_account: {
    holds: 'Our own operators; password hashed, second factor sealed',
    purpose: 'accounts and access of staff',
    basis: 'legitimate interest',
    columns: {
      internal: 'password_expires_at totp_step created_at signed_in_at disabled_at',
      restricted: 'password_hash totp_secret totp_key',
      regulated: 'name',
    },
  },
  operator_session: {
    holds: 'Sessions of operators',
    purpose: 'accounts and access of staff',
    basis: 'legitimate interest',
    columns: { internal: 'operator created_at seen_at expires_at', restricted: 'id_hash' },
  },
  operator_record: {
    holds: 'What operators looked at',
    purpose: 'accounts and access of staff',
    basis: 'legal obligation',
    columns: { internal: 'id operator action object at' },
  },
  pin_lockout: {
    holds: 'Wrong PINs in a row',
    purpose: 'security and abuse',
    basis: 'legitimate interest',
    columns: { internal: 'shop_id failures locked_until updated_at', restricted: 'target' },
  },
  security_signal: {
    holds: 'What detectors count, under pseudonyms',
    purpose: 'security and abuse',
    basis: 'legitimate interest',
    columns: { internal: 'shop_id id kind amount at', restricted: 'subject' },
  },
  security_setting: {
    holds: 'How the merchant set detectors and alerts',
    purpose: 'security and abuse',
    basis: 'legitimate interest',
    columns: {
      internal: 'shop_id settings updated_by updated_at',
      restricted: 'alert_url alert_secret',
      regulated: 'alert_email',
    },
  },
  security_control: {
    holds: 'What is paused, revoked or slowed down',
    purpose: 'security and abuse',
    basis: 'legitimate interest',
    columns: {
      internal: 'shop_id id kind incident_id reason set_by set_at until lifted_by lifted_at',
      restricted: 'subject',
    },
  },
  incident: {
    holds: 'Incidents, what was found, and how they ended',
    purpose: 'security and abuse',
    basis: 'legal obligation',
    columns: {
      internal:
        'shop_id id detector severity state findings is_dry_run opened_at seen_at times_seen answer_by escalations acknowledged_at acknowledged_by breach_at authority_told_at people_told_at closed_at closed_by control_kind control_text',
      restricted: 'subject',
    },
  },
  incident_event: {
    holds: 'The timeline of an incident',
    purpose: 'security and abuse',
    basis: 'legal obligation',
    columns: { internal: 'shop_id incident_id sequence kind actor details note at' },
  },
  risk_decision: {
    holds: 'Why something was questioned, and who overruled it',
    purpose: 'security and abuse',
    basis: 'legitimate interest',
    columns: {
      internal:
        'shop_id id action outcome score inputs rules rules_version decided_at seen_at times_seen overridden_at overridden_by override_reason override_until',
      restricted: 'member_id',
    },
  },
  member_read: {
    holds: 'Who read which members’ data',
    purpose: 'security and abuse',
    basis: 'legal obligation',
    columns: { internal: 'shop_id id actor operation fields at', restricted: 'member_ids' },
  },
  canary: {
    holds: 'Planted members and keys that nobody should touch',
    purpose: 'security and abuse',
    basis: 'no person concerned',
    columns: { internal: 'shop_id planted_by planted_at', restricted: 'subject' },
  },
  shop_key: {
    holds: 'Which keys a shop has, and until when each counts; the keys themselves are derived or wrapped elsewhere',
    purpose: 'security and abuse',
    basis: 'no person concerned',
    columns: { internal: 'shop_id purpose version state created_at created_by valid_until retired_at' },
  },
  key_rotation: {
    holds: 'How far a change of keys has come',
    purpose: 'security and abuse',
    basis: 'no person concerned',
    columns: {
      internal: 'shop_id id to_version state rows_total rows_done started_by started_at settles_at finished_at',
    },
  },
  platform_key: {
    holds: 'Which key-encryption keys were ever used, by fingerprint',
    purpose: 'security and abuse',
    basis: 'no person concerned',
    columns: { internal: 'id fingerprint first_used_at' },
  },
  evidence_key: {
    holds: 'Public keys that check our signatures',
    purpose: 'security and abuse',
    basis: 'no person concerned',
    columns: { public: 'id document', internal: 'noted_at' },
  },
  parked_job: {
    holds: 'Work that was set aside because it had been altered',
    purpose: 'security and abuse',
    basis: 'no person concerned',
    columns: { internal: 'id task problem parked_at', restricted: 'payload' },
  },
  disclosure_report: {
    holds: 'Reports of security researchers, sealed',
    purpose: 'security and abuse',
    basis: 'legitimate interest',
    columns: { internal: 'id kek_id received_at told_at closed_at', regulated: 'report' },
  },
  agreement_version: {
    holds: 'Versions of the annexes to the data processing agreement',
    purpose: 'running the service',
    basis: 'no person concerned',
    columns: { public: 'number annexes published_at counts_from', internal: 'hash' },
  },
  reconciliation: {
    holds: 'How far orders have been compared with Shopify',
    purpose: 'running the service',
    basis: 'no person concerned',
    columns: {
      internal: 'shop_id compared_through run_from run_until page_cursor compared asked_again linked finished_at',
    },
  },
  outbox: {
    holds: 'Work to be handed to the queue: ids, nothing else',
    purpose: 'running the service',
    basis: 'no person concerned',
    columns: { internal: 'shop_id id job payload run_at' },
  },
  system_fact: {
    holds: 'What the installation remembers of itself',
    purpose: 'running the service',
    basis: 'no person concerned',
    columns: { internal: 'key value' },
  },
  token_bucket: {
    holds: 'How much of a shared limit is used',
    purpose: 'running the service',
    basis: 'no person concerned',
    columns: { internal: 'bucket next_at' },
  },
  call_ring: {
    holds: 'The last calls to Google, by time',
    purpose: 'running the service',
    basis: 'no person concerned',
    columns: { internal: 'ring taken begins_at over_at' },
  },
};
