/** What a shop wants watched, and who hears of it. Addresses are sealed. */
import { readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { plainSettings, type SecuritySettings } from '#app/domain/security/detectors.ts';
import { securitySettingsSchema } from '#app/domain/security/security-settings.ts';
import { seal, type ShopKeys, unseal } from '#app/lib/sealed-box.ts';

export type AlertTargets = {
  /** https only; null when alerts go to no webhook. */
  url: string | null;
  /** `whsec_…` of Standard Webhooks; there is one whenever there is a url. */
  secret: string | null;
  email: string | null;
};

type Column = 'alert_url' | 'alert_secret' | 'alert_email';
const columns: Record<keyof AlertTargets, Column> = { url: 'alert_url', secret: 'alert_secret', email: 'alert_email' };
const placeOf = (tx: Tx, column: Column) => ({ table: 'security_setting', column, row: tx.shopId });

/** What the shop chose; the defaults while it chose nothing. */
export async function readSecuritySettings(tx: Tx): Promise<SecuritySettings> {
  const [row] = await tx.query<{ settings: unknown }>('select settings from security_setting where shop_id = $1', [
    tx.shopId,
  ]);
  return row === undefined ? plainSettings : securitySettingsSchema.parse(row.settings);
}

/** Where alerts go. */
export async function readAlertTargets(tx: Tx): Promise<AlertTargets> {
  const [row] = await tx.query<Record<Column, Buffer | null>>(
    'select alert_url, alert_secret, alert_email from security_setting where shop_id = $1',
    [tx.shopId],
  );
  if (row === undefined) return { url: null, secret: null, email: null };
  const keys = await readShopKeys(tx);
  return {
    url: open(tx, keys, row, 'url'),
    secret: open(tx, keys, row, 'secret'),
    email: open(tx, keys, row, 'email'),
  };
}

function open(tx: Tx, keys: ShopKeys, row: Record<Column, Buffer | null>, field: keyof AlertTargets): string | null {
  const sealed = row[columns[field]];
  return sealed === null ? null : unseal(keys, placeOf(tx, columns[field]), sealed);
}

/** Replaces all of it. Safe to repeat. */
export async function writeSecuritySettings(
  tx: Tx,
  change: { settings: SecuritySettings; alerts: AlertTargets; actor: string; at: Date },
): Promise<void> {
  const keys = await readShopKeys(tx);
  const sealed = (field: keyof AlertTargets) => {
    const text = change.alerts[field];
    return text === null ? null : seal(keys, placeOf(tx, columns[field]), text);
  };
  await tx.query(
    `insert into security_setting (shop_id, settings, alert_url, alert_secret, alert_email, updated_by, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (shop_id) do update set settings = excluded.settings, alert_url = excluded.alert_url,
       alert_secret = excluded.alert_secret, alert_email = excluded.alert_email, updated_by = excluded.updated_by,
       updated_at = excluded.updated_at`,
    [
      tx.shopId,
      JSON.stringify(change.settings),
      sealed('url'),
      sealed('secret'),
      sealed('email'),
      change.actor,
      change.at,
    ],
  );
}
