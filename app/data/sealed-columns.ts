/**
 * Every column that holds sealed values, and where each value lives: what a rotation of the data key seals again, and what
 * is shown not to open anywhere else. A column of bytes that is on neither list here fails a test.
 */
import { normalizeEmail, normalizePhone } from '#app/data/members/profiles.ts';
import type { IndexPurpose } from '#app/lib/sealed-box.ts';

type KeyColumn = { name: string; type: 'uuid' | 'text' | 'integer' };
/** A blind index that goes with a sealed column. */
type IndexColumn = { of: string; column: string; purpose: IndexPurpose; normalize: (text: string) => string };

export type SealedTable = {
  table: string;
  /** Sealed columns, each opened with its own name as the column of its place. */
  columns: string[];
  /** The primary key behind shop_id. */
  key: KeyColumn[];
  /** SQL that gives the row of a value's place. */
  row: string;
  indexes: IndexColumn[];
};

const uuid = (name: string): KeyColumn => ({ name, type: 'uuid' });
const text = (name: string): KeyColumn => ({ name, type: 'text' });
const byId = { key: [uuid('id')], row: 'id::text', indexes: [] };
const byMember = { key: [uuid('member_id')], row: 'member_id::text' };

export const sealedTables: SealedTable[] = [
  { table: 'session', columns: ['content'], key: [text('id')], row: 'id', indexes: [] },
  {
    table: 'member_profile',
    columns: ['name', 'email', 'phone', 'birthday'],
    ...byMember,
    indexes: [
      { of: 'email', column: 'email_index', purpose: 'email', normalize: normalizeEmail },
      { of: 'phone', column: 'phone_index', purpose: 'phone', normalize: normalizePhone },
    ],
  },
  { table: 'inbox', columns: ['sealed'], key: [text('webhook_id')], row: 'webhook_id', indexes: [] },
  {
    table: 'device_registration',
    columns: ['push_token'],
    key: [uuid('pass_id'), text('device_library_identifier')],
    row: `pass_id || '/' || device_library_identifier`,
    indexes: [],
  },
  { table: 'prepared_pass', columns: ['content'], key: [uuid('pass_id')], row: 'pass_id::text', indexes: [] },
  { table: 'erasure_case', columns: ['subject', 'details', 'answer'], ...byId },
  { table: 'apple_issuer', columns: ['sealed_key'], ...byId },
  { table: 'certificate_request', columns: ['sealed_key'], ...byId },
  { table: 'google_issuer', columns: ['sealed_key'], ...byId },
  { table: 'shop_staff', columns: ['name'], ...byId },
  { table: 'api_client', columns: ['pseudonym_key'], key: [text('id')], row: 'id', indexes: [] },
  { table: 'consent_key', columns: ['sealed_key'], ...byMember, indexes: [] },
  { table: 'mail_request', columns: ['address', 'next_address'], ...byId },
  {
    table: 'security_setting',
    columns: ['alert_url', 'alert_secret', 'alert_email'],
    key: [uuid('shop_id')],
    row: 'shop_id::text',
    indexes: [],
  },
  {
    table: 'incident_event',
    columns: ['note'],
    key: [uuid('incident_id'), { name: 'sequence', type: 'integer' }],
    row: `incident_id || '/' || sequence`,
    indexes: [],
  },
];
