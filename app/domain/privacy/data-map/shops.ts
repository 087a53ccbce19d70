import type { DataMapPart } from '#app/domain/privacy/data-map/entry.ts';

/** Shops, their programs and what merchants set. */
export const shopTables: DataMapPart = {
  shop: {
    holds: 'A shop: its domain, name, currency and country, and its wrapped data key',
    purpose: 'running the service',
    basis: 'contract',
    columns: {
      internal:
        'id domain state name currency time_zone country scopes data_key_kek needs_reauthorization collections_changed_at installed_at uninstalled_at created_at plan data_key_wrapped_at',
      restricted: 'data_key',
    },
  },
  session: {
    holds: 'Tokens for the shop’s Admin API, sealed',
    purpose: 'running the service',
    basis: 'contract',
    columns: { internal: 'shop_id id expires_at refresh_expires_at updated_at', restricted: 'content' },
  },
  program: {
    holds: 'A loyalty program and its draft',
    purpose: 'running the loyalty program',
    basis: 'no person concerned',
    columns: { public: 'slug', internal: 'shop_id id state draft draft_revision sign_up_places created_at' },
  },
  rule_version: {
    holds: 'A published version of a program’s rules',
    purpose: 'running the loyalty program',
    basis: 'no person concerned',
    columns: {
      public: 'document',
      internal: 'shop_id id program_id number effective_from published_at published_by restores',
    },
  },
  simulation: {
    holds: 'A trial of rules on past orders, and its totals',
    purpose: 'running the loyalty program',
    basis: 'contract',
    columns: {
      internal:
        'shop_id id program_id document draft_revision state orders_asked from_at from_order progress orders_found counted result problem created_by created_at finished_at',
      restricted: 'members',
    },
  },
  reward: {
    holds: 'A reward of the catalogue',
    purpose: 'running the loyalty program',
    basis: 'no person concerned',
    columns: { public: 'document', internal: 'shop_id program_id id is_active' },
  },
  liability_month: {
    holds: 'What was earned and spent in a month, in total',
    purpose: 'running the loyalty program',
    basis: 'no person concerned',
    columns: {
      internal: 'shop_id starts_at program_id unit month earned taken_back spent given_back expired written_off',
    },
  },
  liability_closed: {
    holds: 'Up to when those totals are closed',
    purpose: 'running the loyalty program',
    basis: 'no person concerned',
    columns: { internal: 'shop_id until' },
  },
  product_facts: {
    holds: 'What rules need to know of a product: collections, type, tags, vendor',
    purpose: 'running the loyalty program',
    basis: 'no person concerned',
    columns: { internal: 'shop_id product_id facts changed_at asked_at' },
  },
  store_place: {
    holds: 'Where a store of the shop is',
    purpose: 'security and abuse',
    basis: 'no person concerned',
    columns: { public: 'name latitude longitude', internal: 'shop_id location_id updated_at' },
  },
  shop_staff: {
    holds: 'People who work with the app: role, stores, PIN (hashed)',
    purpose: 'accounts and access of staff',
    basis: 'legitimate interest',
    columns: {
      internal:
        'shop_id id role number locations pin_set_at pin_reset_at is_locked expires_at added_by created_at last_seen_at',
      restricted: 'user_id pin_hash',
      regulated: 'name',
    },
  },
  access_settings: {
    holds: 'What new people may do, and from when a second proof is needed',
    purpose: 'accounts and access of staff',
    basis: 'no person concerned',
    columns: { internal: 'shop_id default_role is_till_open till_cost_max api_cost_max updated_by updated_at' },
  },
  access_review: {
    holds: 'Signed lists of who had access',
    purpose: 'accounts and access of staff',
    basis: 'legitimate interest',
    columns: { internal: 'shop_id id note signed_by signed_at', regulated: 'people' },
  },
  shop_agreement: {
    holds: 'Which version of which agreement the merchant accepted',
    purpose: 'billing',
    basis: 'legal obligation',
    columns: { internal: 'shop_id version announced_at accepted_at accepted_by objected_at objected_by objection' },
  },
  billing_record: {
    holds: 'Invoices to merchants; nothing of members',
    purpose: 'billing',
    basis: 'legal obligation',
    columns: { internal: 'shop_id id kind reference amount_minor currency issued_at is_on_hold' },
  },
  retention_choice: {
    holds: 'Periods that the merchant chose',
    purpose: 'consent and rights of members',
    basis: 'no person concerned',
    columns: { internal: 'shop_id class hours chosen_by chosen_at' },
  },
};
