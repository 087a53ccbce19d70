/** Identity: the only table with names and addresses. Every field is sealed; look-ups go through blind indexes. */
import { readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { blindIndex, seal, type ShopKeys, unseal } from '#app/lib/sealed-box.ts';

export type Profile = { name: string | null; email: string | null; phone: string | null };

const place = (column: string, memberId: string) => ({ table: 'member_profile', column, row: memberId });

/** Addresses are compared the way people mean them. */
export function normalizeEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}

/** Digits and a leading plus. */
export function normalizePhone(phone: string): string {
  return phone.replace(/[^\d+]/g, '').replace(/(?!^)\+/g, '');
}

/** Writes the given fields of a profile and leaves the others. Safe to repeat. */
export async function writeProfile(tx: Tx, memberId: MemberId, profile: Partial<Profile>): Promise<void> {
  const keys = await readShopKeys(tx);
  const sealed = (column: keyof Profile) => {
    const text = profile[column];
    return text == null || text === '' ? null : seal(keys, place(column, memberId), text);
  };
  await tx.query(
    `insert into member_profile (shop_id, member_id, name, email, email_index, phone, phone_index)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (shop_id, member_id) do update set
       name = coalesce(excluded.name, member_profile.name),
       email = coalesce(excluded.email, member_profile.email),
       email_index = coalesce(excluded.email_index, member_profile.email_index),
       phone = coalesce(excluded.phone, member_profile.phone),
       phone_index = coalesce(excluded.phone_index, member_profile.phone_index),
       updated_at = now()`,
    [
      tx.shopId,
      memberId,
      sealed('name'),
      sealed('email'),
      profile.email ? blindIndex(keys, 'email', normalizeEmail(profile.email)) : null,
      sealed('phone'),
      profile.phone ? blindIndex(keys, 'phone', normalizePhone(profile.phone)) : null,
    ],
  );
}

function openField(keys: ShopKeys, column: string, memberId: string, sealed: Buffer | null): string | null {
  return sealed === null ? null : unseal(keys, place(column, memberId), sealed);
}

/** Opens the profiles of these members; a member without one is absent. */
export async function readProfiles(tx: Tx, memberIds: string[]): Promise<Map<string, Profile>> {
  const rows = await tx.query<{ member_id: string; name: Buffer | null; email: Buffer | null; phone: Buffer | null }>(
    'select member_id, name, email, phone from member_profile where shop_id = $1 and member_id = any($2)',
    [tx.shopId, memberIds],
  );
  if (rows.length === 0) return new Map();
  const keys = await readShopKeys(tx);
  return new Map(
    rows.map((row) => [
      row.member_id,
      {
        name: openField(keys, 'name', row.member_id, row.name),
        email: openField(keys, 'email', row.member_id, row.email),
        phone: openField(keys, 'phone', row.member_id, row.phone),
      },
    ]),
  );
}

/** Holds an e-mail address until the transaction ends: of two who enroll it at once, the second waits and finds the first. */
export async function lockEmail(tx: Tx, email: string): Promise<void> {
  const index = blindIndex(await readShopKeys(tx), 'email', normalizeEmail(email));
  await tx.query('select pg_advisory_xact_lock($1::bigint)', [index.readBigInt64BE(0).toString()]);
}

/** Members with this e-mail address, through its blind index. */
export async function findMembersByEmail(tx: Tx, email: string): Promise<MemberId[]> {
  const keys = await readShopKeys(tx);
  const rows = await tx.query<{ member_id: MemberId }>(
    'select member_id from member_profile where shop_id = $1 and email_index = $2 order by member_id limit 100',
    [tx.shopId, blindIndex(keys, 'email', normalizeEmail(email))],
  );
  return rows.map((row) => row.member_id);
}

/** Members with this phone number, through its blind index. */
export async function findMembersByPhone(tx: Tx, phone: string): Promise<MemberId[]> {
  const keys = await readShopKeys(tx);
  const rows = await tx.query<{ member_id: MemberId }>(
    'select member_id from member_profile where shop_id = $1 and phone_index = $2 order by member_id limit 100',
    [tx.shopId, blindIndex(keys, 'phone', normalizePhone(phone))],
  );
  return rows.map((row) => row.member_id);
}

/** Deletes profiles. Only the worker may. Safe to repeat; answers how many there were. */
export async function deleteProfiles(tx: Tx, memberIds: MemberId[]): Promise<number> {
  const rows = await tx.query(
    'delete from member_profile where shop_id = $1 and member_id = any($2) returning 1 as one',
    [tx.shopId, memberIds],
  );
  return rows.length;
}
