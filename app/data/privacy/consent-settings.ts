/** Whether consent by e-mail takes a second step in this shop. */
import { readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type DoubleOptIn, wantsDoubleOptIn } from '#app/domain/members/double-opt-in.ts';

/** The shop's choice; the country decides until somebody chooses. */
export async function readDoubleOptIn(tx: Tx): Promise<DoubleOptIn> {
  const [row] = await tx.query<{ double_opt_in: DoubleOptIn }>(
    'select double_opt_in from consent_settings where shop_id = $1',
    [tx.shopId],
  );
  return row?.double_opt_in ?? 'by-country';
}

/** Changes the choice. Safe to repeat. */
export async function writeDoubleOptIn(tx: Tx, chosen: { choice: DoubleOptIn; by: string; at: Date }): Promise<void> {
  await tx.query(
    `insert into consent_settings (shop_id, double_opt_in, updated_by, updated_at) values ($1, $2, $3, $4)
     on conflict (shop_id) do update set double_opt_in = excluded.double_opt_in, updated_by = excluded.updated_by,
       updated_at = excluded.updated_at`,
    [tx.shopId, chosen.choice, chosen.by, chosen.at],
  );
}

/** Whether a tick for offers by e-mail counts only once a mailed link was opened. */
export async function isConfirmationNeeded(tx: Tx): Promise<boolean> {
  return wantsDoubleOptIn(await readDoubleOptIn(tx), (await readShop(tx)).country);
}
