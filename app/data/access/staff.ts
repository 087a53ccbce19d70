/**
 * The people of a shop. A person is known by their Shopify user id alone; their name is what the owner calls them, sealed.
 * Whoever changes who may do what holds the shop until their transaction ends, so that one owner always remains.
 */
import { lockShop, readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { Role } from '#app/domain/access/permissions.ts';
import { newId } from '#app/lib/ids.ts';
import { seal, unseal } from '#app/lib/sealed-box.ts';

export type Staff = {
  staffId: string;
  userId: string;
  role: Role;
  /** Short, for typing at a till. */
  number: number;
  /** Ids of Shopify's locations where they may serve; null is everywhere, an empty list nowhere. */
  locations: string[] | null;
  hasPin: boolean;
  pinSetAt: Date | null;
  /** When a forgotten PIN may be replaced without knowing it; null while nobody asked. */
  pinResetAt: Date | null;
  isLocked: boolean;
  expiresAt: Date | null;
  addedBy: string;
  createdAt: Date;
  lastSeenAt: Date | null;
};

export type NamedStaff = Staff & { name: string | null };

type StaffRow = {
  id: string;
  user_id: string;
  role: Role;
  number: number;
  locations: string[] | null;
  has_pin: boolean;
  pin_set_at: Date | null;
  pin_reset_at: Date | null;
  is_locked: boolean;
  expires_at: Date | null;
  added_by: string;
  created_at: Date;
  last_seen_at: Date | null;
};

const columns = `id, user_id, role, number, locations, pin_hash is not null as has_pin, pin_set_at, pin_reset_at, is_locked, expires_at,
  added_by, created_at, last_seen_at`;

/** A shop has this many people at most. */
export const staffMax = 500;

const place = (staffId: string) => ({ table: 'shop_staff', column: 'name', row: staffId });

function staffOf(row: StaffRow): Staff {
  return {
    staffId: row.id,
    userId: row.user_id,
    role: row.role,
    number: row.number,
    locations: row.locations,
    hasPin: row.has_pin,
    pinSetAt: row.pin_set_at,
    pinResetAt: row.pin_reset_at,
    isLocked: row.is_locked,
    expiresAt: row.expires_at,
    addedBy: row.added_by,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
  };
}

/** The person behind a Shopify user id, or null. */
export async function findStaffByUser(tx: Tx, userId: string): Promise<Staff | null> {
  const [row] = await tx.query<StaffRow>(`select ${columns} from shop_staff where shop_id = $1 and user_id = $2`, [
    tx.shopId,
    userId,
  ]);
  return row === undefined ? null : staffOf(row);
}

/** The person behind the number that is typed at a till, or null. */
export async function findStaffByNumber(tx: Tx, number: number): Promise<Staff | null> {
  const [row] = await tx.query<StaffRow>(`select ${columns} from shop_staff where shop_id = $1 and number = $2`, [
    tx.shopId,
    number,
  ]);
  return row === undefined ? null : staffOf(row);
}

/** One person, or null. Whoever goes on to change them holds the shop first. */
export async function findStaff(tx: Tx, staffId: string): Promise<Staff | null> {
  const [row] = await tx.query<StaffRow>(`select ${columns} from shop_staff where shop_id = $1 and id = $2`, [
    tx.shopId,
    staffId,
  ]);
  return row === undefined ? null : staffOf(row);
}

/** Everybody, the longest known first, with the names the owner gave them. */
export async function listStaff(tx: Tx): Promise<NamedStaff[]> {
  const rows = await tx.query<StaffRow & { name: Buffer | null }>(
    `select ${columns}, name from shop_staff where shop_id = $1 order by number limit $2`,
    [tx.shopId, staffMax],
  );
  if (rows.length === 0) return [];
  const keys = await readShopKeys(tx);
  return rows.map((row) => ({
    ...staffOf(row),
    name: row.name === null ? null : unseal(keys, place(row.id), row.name),
  }));
}

/** Holds the shop's people until the transaction ends, and says how many there are. */
export async function lockStaff(tx: Tx): Promise<{ people: number; owners: number }> {
  await lockShop(tx);
  const [row] = await tx.query<{ people: number; owners: number }>(
    `select count(*)::int as people, count(*) filter (where role = 'owner')::int as owners
     from shop_staff where shop_id = $1`,
    [tx.shopId],
  );
  return { people: row?.people ?? 0, owners: row?.owners ?? 0 };
}

export type NewStaff = {
  userId: string;
  role: Role;
  locations: string[] | null;
  expiresAt: Date | null;
  addedBy: string;
  at: Date;
};

/** Adds a person with the next number. The shop must be held; a user id that is known already violates uniqueness. */
export async function insertStaff(
  tx: Tx,
  { userId, role, locations, expiresAt, addedBy, at }: NewStaff,
): Promise<Staff> {
  const [row] = await tx.query<StaffRow>(
    `insert into shop_staff (shop_id, id, user_id, role, number, locations, expires_at, added_by, created_at)
     values ($1, $2, $3, $4, (select coalesce(max(number), 10) + 1 from shop_staff where shop_id = $1), $5, $6, $7, $8)
     returning ${columns}`,
    [tx.shopId, newId(), userId, role, locations, expiresAt, addedBy, at],
  );
  if (row === undefined) throw new Error('Broken invariant: a person was not added');
  return staffOf(row);
}

export type StaffTerms = Pick<Staff, 'role' | 'locations' | 'isLocked' | 'expiresAt'>;

/** Sets what a person may do. The shop must be held. */
export async function writeStaffTerms(tx: Tx, staffId: string, terms: StaffTerms): Promise<void> {
  await tx.query(
    `update shop_staff set role = $3, locations = $4, is_locked = $5, expires_at = $6 where shop_id = $1 and id = $2`,
    [tx.shopId, staffId, terms.role, terms.locations, terms.isLocked, terms.expiresAt],
  );
}

/** Sets or removes what the owner calls a person. */
export async function writeStaffName(tx: Tx, staffId: string, name: string | null): Promise<void> {
  const sealed = name === null ? null : seal(await readShopKeys(tx), place(staffId), name);
  await tx.query('update shop_staff set name = $3 where shop_id = $1 and id = $2', [tx.shopId, staffId, sealed]);
}

/** Removes a person. The shop must be held. Safe to repeat. */
export async function deleteOneStaff(tx: Tx, staffId: string): Promise<void> {
  await tx.query('delete from shop_staff where shop_id = $1 and id = $2', [tx.shopId, staffId]);
}

/** Remembers that a person was here. Safe to repeat. */
export async function touchStaff(tx: Tx, staffId: string, at: Date): Promise<void> {
  await tx.query('update shop_staff set last_seen_at = greatest(last_seen_at, $3) where shop_id = $1 and id = $2', [
    tx.shopId,
    staffId,
    at,
  ]);
}

/** The hash of a person's PIN, or null. */
export async function readPinHash(tx: Tx, staffId: string): Promise<string | null> {
  const [row] = await tx.query<{ pin_hash: string | null }>(
    'select pin_hash from shop_staff where shop_id = $1 and id = $2',
    [tx.shopId, staffId],
  );
  return row?.pin_hash ?? null;
}

/**
 * Replaces the hash of a person's PIN, null to take it away. False when it was changed meanwhile: of two who set one at
 * the same time only one succeeds.
 */
export async function writePinHash(
  tx: Tx,
  staffId: string,
  { before, after, at }: { before: string | null; after: string | null; at: Date },
): Promise<boolean> {
  const rows = await tx.query(
    `update shop_staff set pin_hash = $4, pin_set_at = $5, pin_reset_at = null
     where shop_id = $1 and id = $2 and pin_hash is not distinct from $3 returning 1 as one`,
    [tx.shopId, staffId, before, after, after === null ? null : at],
  );
  return rows.length === 1;
}

/** Sets from when on a person's PIN may be replaced without knowing it; null calls that off. Safe to repeat. */
export async function writePinReset(tx: Tx, staffId: string, from: Date | null): Promise<void> {
  await tx.query('update shop_staff set pin_reset_at = $3 where shop_id = $1 and id = $2', [tx.shopId, staffId, from]);
}

/** Deletes everybody of an erased shop, with what hangs on them. Safe to repeat; answers how many there were. */
export async function deleteStaff(tx: Tx): Promise<number> {
  await tx.query('delete from pin_lockout where shop_id = $1', [tx.shopId]);
  await tx.query('delete from access_review where shop_id = $1', [tx.shopId]);
  const rows = await tx.query('delete from shop_staff where shop_id = $1 returning 1 as one', [tx.shopId]);
  return rows.length;
}

/** The subject under which a person appears in the audit. */
export const staffObject = (staffId: string): string => `staff-member:${staffId}`;
