import type { DataMapPart } from '#app/domain/privacy/data-map/entry.ts';

/** Members, what they own, and what they said about their data. */
export const memberTables: DataMapPart = {
  member: {
    holds: 'A member under a pseudonym: their card’s code, language and state',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: {
      internal:
        'shop_id program_id state locale enrolled_at enrolled_via enrolled_location tags_at folded_at frozen_at frozen_by card_generation news_campaign news_at time_zone contact_changed_at restricted_at objected_at',
      restricted: 'id card_id folded_into referral_code',
      regulated: 'shopify_customer_id external_id tags',
    },
  },
  member_profile: {
    holds: 'Who a member is: every field sealed, with keyed indexes to find it by',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: {
      internal: 'shop_id birthday_since email_proven_at updated_at',
      restricted: 'member_id email_index phone_index',
      regulated: 'name email phone birthday waiting_customer_id',
    },
  },
  merged_customer: {
    holds: 'Which customers Shopify made one, so that a sale told late finds its member',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: { internal: 'shop_id merged_at', restricted: 'member_ids', regulated: 'gone_id kept_id into_id' },
  },
  inbox: {
    holds: 'Webhooks as they came, reduced to fields without persons; what must name one is sealed',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: {
      internal: 'shop_id id webhook_id topic state problem attempts due_at triggered_at received_at',
      restricted: 'projection',
      regulated: 'sealed',
    },
  },
  order_state: {
    holds: 'What an order looks like to the rules: amounts, products, times',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: {
      internal: 'shop_id order_id rule_version_id state booked settlements facts needs_fetch processed_at updated_at',
      restricted: 'member_id account_id',
      regulated: 'customer_id',
    },
  },
  former_customer: {
    holds: 'Whom older news of an order named, so that it stays the sale of who made it',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: { internal: 'shop_id order_id named_at', regulated: 'customer_id' },
  },
  ledger_entry: {
    holds: 'Points and stamps earned and spent, under a pseudonym',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: {
      internal:
        'shop_id id unit kind amount source source_key order_id rule_version_id inputs_hash lot_id reverses explanation actor reason occurred_at booked_at digest',
      restricted: 'member_id',
    },
  },
  ledger_source: {
    holds: 'What has been counted, so that nothing counts twice',
    purpose: 'running the loyalty program',
    basis: 'no person concerned',
    columns: { internal: 'shop_id source_key entry_id inputs_hash booked_at' },
  },
  balance: {
    holds: 'What a member has now',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: { internal: 'shop_id unit amount opening held spent active_at', restricted: 'member_id' },
  },
  lot: {
    holds: 'Earned points with the day they expire',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: {
      internal:
        'shop_id id unit order_id amount remaining expired consumed reversed written_off cause_id slides_months available_at expires_at created_at',
      restricted: 'member_id',
    },
  },
  member_event: {
    holds: 'Sign-ups, birthdays, reviews and other events that earn',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: {
      internal:
        'shop_id id kind name inputs_hash occurred_at rule_version_id booked settlements is_revoked actor recorded_at',
      restricted: 'member_id account_id event_key',
      regulated: 'facts',
    },
  },
  referral: {
    holds: 'Who invited whom, under pseudonyms',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: {
      internal: 'shop_id id state refusal rule_version_id order_id due_at booked settlements created_at',
      restricted: 'referrer_id friend_id account_id referrer_account_id',
    },
  },
  reservation: {
    holds: 'Rewards being redeemed',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: {
      internal:
        'shop_id id program_id reward_id unit cost state channel idempotency_key inputs_hash discount_id order_id entry_id created_at expires_at settled_at rule_version_id location_id cart staff benefit benefit_state benefit_tried_at benefit_reference withdrawal_reference benefit_problem code_shown_at given_back committed_at',
      restricted: 'member_id discount_code',
    },
  },
  reward_loss: {
    holds: 'Value that was not charged back',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: { internal: 'shop_id reward_id forgiven updated_at', restricted: 'member_id' },
  },
  consent_record: {
    holds: 'Every yes and no, for which purpose and channel, under a pseudonym',
    purpose: 'consent and rights of members',
    basis: 'legal obligation',
    columns: {
      internal:
        'shop_id sequence purpose channel granted wording_version locale source occurred_at previous_hash hash confirmation',
      restricted: 'subject evidence',
    },
  },
  consent_key: {
    holds: 'A key per member; without it the consent log names nobody',
    purpose: 'consent and rights of members',
    basis: 'legal obligation',
    columns: { internal: 'shop_id created_at', restricted: 'member_id sealed_key' },
  },
  consent_wording: {
    holds: 'The words people agreed to, by version and language',
    purpose: 'consent and rights of members',
    basis: 'no person concerned',
    columns: { public: 'wording', internal: 'shop_id version purpose locale first_used_at' },
  },
  consent_root: {
    holds: 'The signed state of the consent log, day by day',
    purpose: 'consent and rights of members',
    basis: 'legal obligation',
    columns: { public: 'root signed', internal: 'shop_id size frontier made_at' },
  },
  consent_settings: {
    holds: 'Whether consents are confirmed by e-mail',
    purpose: 'consent and rights of members',
    basis: 'no person concerned',
    columns: { internal: 'shop_id double_opt_in updated_by updated_at' },
  },
  mail_request: {
    holds: 'Mails about to be sent and answers awaited; addresses sealed',
    purpose: 'consent and rights of members',
    basis: 'contract',
    columns: {
      internal: 'shop_id id kind locale consents tries asked_at expires_at sent_at done_at',
      restricted: 'member_id address_index',
      regulated: 'address next_address',
    },
  },
  activity_report: {
    holds: 'Lines that a member did not recognise',
    purpose: 'security and abuse',
    basis: 'legitimate interest',
    columns: { internal: 'shop_id id state reported_at closed_at closed_by subject', restricted: 'member_id' },
  },
  erasure_case: {
    holds: 'What a person asked for, and the receipts of what was done; whom it is about is sealed and then forgotten',
    purpose: 'consent and rights of members',
    basis: 'legal obligation',
    columns: {
      internal:
        'shop_id id kind origin state receipts source_key requested_at due_at closed_at actor urgency progress ledger certificate',
      restricted: 'member_ids',
      regulated: 'subject answer details',
    },
  },
  tombstone: {
    holds: 'Keyed fingerprints of who was erased, so that nobody comes back by mistake',
    purpose: 'consent and rights of members',
    basis: 'legal obligation',
    columns: { internal: 'shop_id erased_at', restricted: 'fingerprint' },
  },
  purge_report: {
    holds: 'How much was removed after its time',
    purpose: 'consent and rights of members',
    basis: 'no person concerned',
    columns: { internal: 'shop_id id class removed older_than ran_at held kept' },
  },
};
