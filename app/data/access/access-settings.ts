/** How a shop lets people in, and from which cost on a redemption needs a manager. */
import type { Tx } from '#app/data/tenancy.ts';
import type { Role } from '#app/domain/access/permissions.ts';

export type AccessSettings = {
  /** What somebody gets who opens the app and is not known yet. */
  defaultRole: Exclude<Role, 'owner' | 'auditor'>;
  /** Whether a Shopify user we do not know may serve at every till. */
  isTillOpen: boolean;
  /** A redemption that costs more needs a manager's PIN; null when none does. */
  tillCostMax: number | null;
  apiCostMax: number | null;
};

const defaults: AccessSettings = { defaultRole: 'viewer', isTillOpen: true, tillCostMax: null, apiCostMax: null };

/** The settings of a shop; those of a shop that chose none are the defaults. */
export async function readAccessSettings(tx: Tx): Promise<AccessSettings> {
  const [row] = await tx.query<{
    default_role: AccessSettings['defaultRole'];
    is_till_open: boolean;
    till_cost_max: number | null;
    api_cost_max: number | null;
  }>('select default_role, is_till_open, till_cost_max, api_cost_max from access_settings where shop_id = $1', [
    tx.shopId,
  ]);
  if (row === undefined) return defaults;
  return {
    defaultRole: row.default_role,
    isTillOpen: row.is_till_open,
    tillCostMax: row.till_cost_max,
    apiCostMax: row.api_cost_max,
  };
}

/** Replaces the settings of a shop. Safe to repeat. */
export async function writeAccessSettings(
  tx: Tx,
  settings: AccessSettings,
  { actor, at }: { actor: string; at: Date },
): Promise<void> {
  await tx.query(
    `insert into access_settings (shop_id, default_role, is_till_open, till_cost_max, api_cost_max, updated_by, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (shop_id) do update set default_role = excluded.default_role, is_till_open = excluded.is_till_open,
       till_cost_max = excluded.till_cost_max, api_cost_max = excluded.api_cost_max, updated_by = excluded.updated_by,
       updated_at = excluded.updated_at`,
    [tx.shopId, settings.defaultRole, settings.isTillOpen, settings.tillCostMax, settings.apiCostMax, actor, at],
  );
}

/** What a redemption may cost on a channel before a manager has to agree; null for no limit. */
export async function redemptionCostMax(tx: Tx, channel: 'pos' | 'api'): Promise<number | null> {
  const { tillCostMax, apiCostMax } = await readAccessSettings(tx);
  return channel === 'pos' ? tillCostMax : apiCostMax;
}
