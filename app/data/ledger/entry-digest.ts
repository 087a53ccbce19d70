/**
 * The digest of a ledger entry: one hash over every column but itself. Balances and lots tell whether amounts add up; only
 * this tells whether a time, a reason or a cause is still what was written. Computed here when an entry is written, and
 * by PostgreSQL when it is checked, so that checking a ledger moves no ledger.
 *
 * What is hashed are the columns as texts, one after the other, each as `<bytes>:<text>`, null as `:`, so that no two rows
 * read alike. Rows keep their digest for ever: this form cannot change any more, only be followed by another.
 */
import { hash } from 'node:crypto';

/** What a digest covers, beside the explanation and what entries that are written together share. */
type Digested = {
  entryId: string;
  memberId: string;
  unit: string;
  kind: string;
  amount: number;
  source: string;
  sourceKey: string;
  orderId: string | null;
  ruleVersionId: string | null;
  inputsHash: Buffer | null;
  lotId: string | null;
  reverses: string | null;
  actor: string;
  reason: string | null;
  occurredAt: Date;
};

// Most columns are ASCII by their type: for them, bytes need not be counted.
const ascii = (value: string | null) => (value === null ? ':' : `${value.length}:${value}`);
const text = (value: string | null) => (value === null ? ':' : `${Buffer.byteLength(value)}:${value}`);
const uuid = (value: string | null) => ascii(value === null ? null : value.toLowerCase());

/** Microseconds since 1970. */
function micros(at: Date): string {
  const milliseconds = at.getTime();
  return ascii(milliseconds === 0 ? '0' : `${milliseconds}000`);
}

/** What entries that are written together have in common, put down once. */
type DigestFrame = { shop: string; booked: string };

/** The frame of what is booked for a shop at an instant. */
export function digestFrame(shopId: string, bookedAt: Date): DigestFrame {
  return { shop: uuid(shopId), booked: micros(bookedAt) };
}

/** The digest of an entry that is about to be written, with its explanation as it will stand in the row. */
export function entryDigest(entry: Digested, explanation: string | null, { shop, booked }: DigestFrame): Buffer {
  const what =
    ascii(entry.entryId) + uuid(entry.memberId) + text(entry.unit) + ascii(entry.kind) + ascii(`${entry.amount}`);
  const cause = ascii(entry.source) + text(entry.sourceKey) + text(entry.orderId) + uuid(entry.ruleVersionId);
  const inputs = ascii(entry.inputsHash === null ? null : entry.inputsHash.toString('hex'));
  const others = ascii(entry.lotId) + ascii(entry.reverses);
  const story = text(explanation) + text(entry.actor) + text(entry.reason) + micros(entry.occurredAt);
  return hash('sha256', shop + what + cause + inputs + others + story + booked, 'buffer');
}

// `infinity` has no microseconds, but a text.
const microsOf = (column: string) => `trim_scale(extract(epoch from ${column}) * 1000000)::text`;

/** The columns in the order in which `entryDigest` takes them. */
const columns = [
  'shop_id::text',
  'id::text',
  'member_id::text',
  'unit',
  'kind',
  'amount::text',
  'source',
  'source_key',
  'order_id',
  'rule_version_id::text',
  `encode(inputs_hash, 'hex')`,
  'lot_id::text',
  'reverses::text',
  'explanation::text',
  'actor',
  'reason',
  microsOf('occurred_at'),
  microsOf('booked_at'),
];

/** SQL: the digest that a row of `ledger_entry` should have. `concat` leaves nulls out, so a null is its colon alone. */
export const expectedDigest = `sha256(convert_to(concat(${columns
  .map((column) => `octet_length(${column}), ':', ${column}`)
  .join(', ')}), 'UTF8'))`;
