/** The shop's keys as they change: each change is one write of the wrapped bundle, and a line about it without its material. */
import { readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { env } from '#app/lib/env.ts';
import { Conflict, NotFound } from '#app/lib/errors.ts';
import { newestKeyEncryptionKey } from '#app/lib/key-ring.ts';
import { newId } from '#app/lib/ids.ts';
import type { ShopKeys } from '#app/lib/sealed-box.ts';
import {
  withAnnouncedDataKey,
  withNewLinkKey,
  withoutEarlierDataKeys,
  withoutExpiredLinkKeys,
  withSealingDataKey,
  wrapShopKeys,
} from '#app/lib/shop-keys.ts';

export type KeyPurpose = 'data' | 'links';
export type RotationState = 'announced' | 'sealing' | 'settling' | 'done';

export type KeyRotation = {
  rotationId: string;
  toVersion: number;
  state: RotationState;
  rowsTotal: number;
  rowsDone: number;
  settlesAt: Date | null;
  startedBy: string;
  startedAt: Date;
  finishedAt: Date | null;
};

/** Holds the shop's keys until the transaction ends: nobody else changes them meanwhile. False once they were destroyed. */
export async function holdKeys(tx: Tx): Promise<boolean> {
  const [row] = await tx.query<{ is_there: boolean }>(
    'select data_key is not null as is_there from shop where id = $1 for no key update',
    [tx.shopId],
  );
  return row?.is_there ?? false;
}

/** Holds and reads them. Throws `NotFound` once destroyed. */
async function lockKeys(tx: Tx): Promise<ShopKeys> {
  await holdKeys(tx);
  return readShopKeys(tx);
}

async function writeKeys(tx: Tx, keys: ShopKeys, at: Date): Promise<void> {
  const kek = newestKeyEncryptionKey();
  await tx.query('update shop set data_key = $2, data_key_kek = $3, data_key_wrapped_at = $4 where id = $1', [
    tx.shopId,
    wrapShopKeys(kek, keys),
    kek.id,
    at,
  ]);
}

type Noted = { purpose: KeyPurpose; version: number; by: string; at: Date };

async function noteCurrent(tx: Tx, { purpose, version, by, at }: Noted, validUntil: Date | null): Promise<void> {
  await tx.query(
    `update shop_key set state = 'retiring', valid_until = least(coalesce(valid_until, $3), $3)
     where shop_id = $1 and purpose = $2 and state <> 'retired'`,
    [tx.shopId, purpose, validUntil],
  );
  await tx.query(
    `insert into shop_key (shop_id, purpose, version, state, created_by, created_at) values ($1, $2, $3, 'current', $4, $5)
     on conflict (shop_id, purpose, version) do update set state = 'current', created_by = excluded.created_by,
       created_at = excluded.created_at, valid_until = null, retired_at = null`,
    [tx.shopId, purpose, version, by, at],
  );
}

type RotationRow = {
  id: string;
  to_version: number;
  state: RotationState;
  rows_total: number;
  rows_done: number;
  settles_at: Date | null;
  started_by: string;
  started_at: Date;
  finished_at: Date | null;
};

const toRotation = (row: RotationRow): KeyRotation => ({
  rotationId: row.id,
  toVersion: row.to_version,
  state: row.state,
  rowsTotal: row.rows_total,
  rowsDone: row.rows_done,
  settlesAt: row.settles_at,
  startedBy: row.started_by,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
});

const rotationColumns = 'id, to_version, state, rows_total, rows_done, settles_at, started_by, started_at, finished_at';

/** The rotation that goes on, or else the last one; null when there never was any. */
export async function findNewestRotation(tx: Tx): Promise<KeyRotation | null> {
  const [row] = await tx.query<RotationRow>(
    `select ${rotationColumns} from key_rotation where shop_id = $1 order by state = 'done', started_at desc limit 1`,
    [tx.shopId],
  );
  return row === undefined ? null : toRotation(row);
}

/** Locks a rotation. Throws `NotFound`. */
export async function lockRotation(tx: Tx, rotationId: string): Promise<KeyRotation> {
  const [row] = await tx.query<RotationRow>(
    `select ${rotationColumns} from key_rotation where shop_id = $1 and id = $2 for update`,
    [tx.shopId, rotationId],
  );
  if (row === undefined) throw new NotFound('rotation-not-found', 'No such rotation');
  return toRotation(row);
}

/** Makes a new data key that opens and does not seal yet. Throws `Conflict` while another rotation goes on. */
export async function announceDataKey(tx: Tx, { by, at }: { by: string; at: Date }): Promise<KeyRotation> {
  const keys = await lockKeys(tx);
  const newest = await findNewestRotation(tx);
  if (newest !== null && newest.state !== 'done')
    throw new Conflict('rotation-running', 'A rotation of this shop goes on', {
      publicMessage: 'The data key is being replaced already. Wait until that is done.',
    });
  const announced = withAnnouncedDataKey(keys, env().SEALING_ALGORITHM);
  await writeKeys(tx, announced.keys, at);
  const [row] = await tx.query<RotationRow>(
    `insert into key_rotation (shop_id, id, to_version, started_by, started_at) values ($1, $2, $3, $4, $5)
     returning ${rotationColumns}`,
    [tx.shopId, newId(), announced.version, by, at],
  );
  if (row === undefined) throw new Error('Broken invariant: a rotation was not written');
  return toRotation(row);
}

/** From now on the announced key seals. Safe to repeat. */
export async function useAnnouncedDataKey(tx: Tx, rotation: KeyRotation, at: Date): Promise<void> {
  const keys = await lockKeys(tx);
  await writeKeys(tx, withSealingDataKey(keys, rotation.toVersion), at);
  await noteCurrent(tx, { purpose: 'data', version: rotation.toVersion, by: rotation.startedBy, at }, null);
  await moveRotation(tx, rotation.rotationId, { state: 'sealing' });
}

/** Writes down how far a rotation is. What is absent stays. */
export async function moveRotation(
  tx: Tx,
  rotationId: string,
  moved: { state?: RotationState; rowsTotal?: number; rowsDone?: number; settlesAt?: Date; finishedAt?: Date },
): Promise<void> {
  await tx.query(
    `update key_rotation set state = coalesce($3, state), rows_total = coalesce($4, rows_total),
       rows_done = coalesce($5, rows_done), settles_at = coalesce($6, settles_at), finished_at = coalesce($7, finished_at)
     where shop_id = $1 and id = $2`,
    [
      tx.shopId,
      rotationId,
      moved.state ?? null,
      moved.rowsTotal ?? null,
      moved.rowsDone ?? null,
      moved.settlesAt ?? null,
      moved.finishedAt ?? null,
    ],
  );
}

/** Destroys every data key but the one that seals. Nothing may be sealed under them any more. Safe to repeat. */
export async function destroyEarlierDataKeys(tx: Tx, rotation: KeyRotation, at: Date): Promise<void> {
  await writeKeys(tx, withoutEarlierDataKeys(await lockKeys(tx)), at);
  await tx.query(
    `update shop_key set state = 'retired', retired_at = $2 where shop_id = $1 and purpose = 'data' and state = 'retiring'`,
    [tx.shopId, at],
  );
  await moveRotation(tx, rotation.rotationId, { state: 'done', finishedAt: at });
}

/** Makes a new key that signs links from now on; those before open until `overlapUntil`. Answers its version. */
export async function replaceLinkKey(tx: Tx, { by, at, overlapUntil }: { by: string; at: Date; overlapUntil: Date }) {
  const keys = withNewLinkKey(await lockKeys(tx), overlapUntil);
  await writeKeys(tx, keys, at);
  const version = keys.linkKeys[0]?.version ?? 0;
  await noteCurrent(tx, { purpose: 'links', version, by, at }, overlapUntil);
  return version;
}

/** Destroys link keys whose time is over. Answers how many. Safe to repeat. */
export async function destroyExpiredLinkKeys(tx: Tx, at: Date): Promise<number> {
  const keys = await lockKeys(tx);
  const kept = withoutExpiredLinkKeys(keys, at);
  if (kept === keys) return 0;
  await writeKeys(tx, kept, at);
  await tx.query(
    `update shop_key set state = 'retired', retired_at = $2
     where shop_id = $1 and purpose = 'links' and state = 'retiring' and valid_until <= $2`,
    [tx.shopId, at],
  );
  return keys.linkKeys.length - kept.linkKeys.length;
}

/** Wraps the shop's keys under the newest key-encryption key. False when they are already, or were destroyed. */
export async function rewrapKeys(tx: Tx, at: Date): Promise<boolean> {
  const [row] = await tx.query<{ kek: string | null; is_there: boolean }>(
    'select data_key_kek as kek, data_key is not null as is_there from shop where id = $1 for no key update',
    [tx.shopId],
  );
  if (row === undefined || !row.is_there || row.kek === newestKeyEncryptionKey().id) return false;
  await writeKeys(tx, await readShopKeys(tx), at);
  return true;
}

export type KnownKey = {
  purpose: KeyPurpose;
  version: number;
  state: 'current' | 'retiring' | 'retired';
  createdBy: string;
  createdAt: Date;
  validUntil: Date | null;
  retiredAt: Date | null;
};

export type WrappedUnder = { kekId: string | null; wrappedAt: Date | null };

/** What is known of the shop's keys, newest first, without any material; at most `limit`. */
export async function listKeys(tx: Tx, limit: number): Promise<{ keys: KnownKey[]; wrapped: WrappedUnder }> {
  const rows = await tx.orm.shopKey.findMany({
    where: { shopId: tx.shopId },
    orderBy: [{ purpose: 'asc' }, { createdAt: 'desc' }, { version: 'desc' }],
    take: limit,
  });
  const [shop] = await tx.query<{ kek: string | null; wrapped_at: Date | null }>(
    'select data_key_kek as kek, data_key_wrapped_at as wrapped_at from shop where id = $1',
    [tx.shopId],
  );
  return {
    keys: rows.map((row) => ({
      purpose: row.purpose as KeyPurpose,
      version: row.version,
      state: row.state as KnownKey['state'],
      createdBy: row.createdBy,
      createdAt: row.createdAt,
      validUntil: row.validUntil,
      retiredAt: row.retiredAt,
    })),
    wrapped: { kekId: shop?.kek ?? null, wrappedAt: shop?.wrapped_at ?? null },
  };
}
