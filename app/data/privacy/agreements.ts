/** What each shop was told of the agreement, and what it said. */
import type { Tx } from '#app/data/tenancy.ts';

export type ShopAgreement = {
  version: number;
  announcedAt: Date;
  acceptedAt: Date | null;
  acceptedBy: string | null;
  objectedAt: Date | null;
  objection: string | null;
};

/** What the shop was told, newest first. */
export async function readShopAgreements(tx: Tx): Promise<ShopAgreement[]> {
  const rows = await tx.orm.shopAgreement.findMany({ where: { shopId: tx.shopId }, orderBy: { version: 'desc' } });
  return rows.map(({ version, announcedAt, acceptedAt, acceptedBy, objectedAt, objection }) => ({
    version,
    announcedAt,
    acceptedAt,
    acceptedBy,
    objectedAt,
    objection,
  }));
}

/** Notes that the shop was told of a version. True when that is new. */
export async function announceToShop(tx: Tx, version: number, at: Date): Promise<boolean> {
  const rows = await tx.query(
    `insert into shop_agreement (shop_id, version, announced_at) values ($1, $2, $3) on conflict do nothing returning 1 as one`,
    [tx.shopId, version, at],
  );
  return rows.length === 1;
}

/** Notes that the shop accepts a version it was told of. True when that is new. */
export async function acceptForShop(tx: Tx, version: number, by: { actor: string; at: Date }): Promise<boolean> {
  const rows = await tx.query(
    `update shop_agreement set accepted_at = $3, accepted_by = $4, objected_at = null, objected_by = null, objection = null
     where shop_id = $1 and version = $2 and accepted_at is null returning 1 as one`,
    [tx.shopId, version, by.at, by.actor],
  );
  return rows.length === 1;
}

/** Notes what the shop has against a version it has not accepted. True when it has been told of that version. */
export async function objectForShop(
  tx: Tx,
  version: number,
  objected: { actor: string; at: Date; objection: string },
): Promise<boolean> {
  const rows = await tx.query(
    `update shop_agreement set objected_at = $3, objected_by = $4, objection = $5
     where shop_id = $1 and version = $2 and accepted_at is null returning 1 as one`,
    [tx.shopId, version, objected.at, objected.actor, objected.objection],
  );
  return rows.length === 1;
}
