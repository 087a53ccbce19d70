/** How many rows of each retention class a shop has, all of them or those older than a moment. */
import type { RetentionClass } from '#app/data/privacy/retention.ts';
import type { Tx } from '#app/data/tenancy.ts';

/** Which rows a class is, and which of their columns tells the age. */
const places: Record<RetentionClass, { rows: string; age: string }> = {
  'applied deliveries': { rows: `inbox t where t.shop_id = $1 and state = 'done'`, age: 'received_at' },
  'quarantined bodies': { rows: `inbox t where t.shop_id = $1 and state = 'quarantined'`, age: 'received_at' },
  'parked deliveries': { rows: `inbox t where t.shop_id = $1 and state = 'parked'`, age: 'received_at' },
  'answers to data requests': {
    rows: 'erasure_case t where t.shop_id = $1 and answer is not null',
    age: 'closed_at',
  },
  'devices of erased members': {
    rows: `device_registration t join pass p on p.shop_id = t.shop_id and p.id = t.pass_id
           where t.shop_id = $1 and p.voided_at is not null`,
    age: 'p.voided_at',
  },
  'idempotency keys': { rows: 'api_idempotency t where t.shop_id = $1', age: 'created_at' },
  'counts of wrong PINs': { rows: 'pin_lockout t where t.shop_id = $1', age: 'updated_at' },
  'mails to shoppers': { rows: 'mail_request t where t.shop_id = $1', age: 'expires_at' },
  'marks of calls from Google': { rows: 'google_callback t where t.shop_id = $1', age: 'expires_at' },
  'used half minutes of card codes': { rows: 'card_step t where t.shop_id = $1', age: 'to_timestamp(step * 30)' },
  'logos never published': {
    rows: `shop_image t where t.shop_id = $1
           and not exists (select from card_design d where d.shop_id = $1 and t.hash in (d.design->>'logoImage', d.design->>'stripImage'))
           and not exists (select from card_draft d where d.shop_id = $1 and t.hash in (d.design->>'logoImage', d.design->>'stripImage'))`,
    age: 'created_at',
  },
  'who got a message': {
    rows: `campaign_recipient t join campaign c on c.shop_id = t.shop_id and c.id = t.campaign_id where t.shop_id = $1`,
    age: 'c.withdrawn_at',
  },
  'prepared passes': { rows: 'prepared_pass t where t.shop_id = $1', age: 'made_at' },
  'hours of card freshness': { rows: 'freshness_hour t where t.shop_id = $1', age: 'hour' },
  'signals of detectors': { rows: 'security_signal t where t.shop_id = $1', age: 'at' },
  'who read which members': { rows: 'member_read t where t.shop_id = $1', age: 'at' },
  'decisions of machines': { rows: 'risk_decision t where t.shop_id = $1', age: 'seen_at' },
  'billing records': { rows: 'billing_record t where t.shop_id = $1', age: 'issued_at' },
};

const texts = new Map(
  Object.entries(places).map(([name, { rows, age }]) => [
    name,
    `select count(*)::int as rows from ${rows} and ($2::timestamptz is null or ${age} < $2)`,
  ]),
);

/** How many rows of a class there are; with a moment, how many are older. What is on hold counts too. */
export async function countRetained(tx: Tx, name: RetentionClass, before: Date | null): Promise<number> {
  const text = texts.get(name);
  if (text === undefined) return 0;
  const [row] = await tx.query<{ rows: number }>(text, [tx.shopId, before]);
  return row?.rows ?? 0;
}
