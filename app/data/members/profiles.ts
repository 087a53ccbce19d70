/** Identity: the only table with names and addresses. Every field is sealed; look-ups go through blind indexes. */
import { destroyConsentKeys } from '#app/data/privacy/consent-keys.ts';
import { findShopKeys, readShopKeys } from '#app/data/shops/shops.ts';
import { lowestId } from '#app/data/page-bounds.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { isBirthday } from '#app/domain/members/birthday.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import type { MemberId } from '#app/lib/ids.ts';
import { blindIndex, blindIndexes, seal, type ShopKeys, sign, unseal } from '#app/lib/sealed-box.ts';

export type Profile = {
  name: string | null;
  email: string | null;
  phone: string | null;
  /** Day and month, as MM-DD. */
  birthday?: string | null;
};

const place = (column: string, memberId: string) => ({ table: 'member_profile', column, row: memberId });

/** Addresses are compared the way people mean them. */
export function normalizeEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase();
}

/** Digits and a leading plus. */
export function normalizePhone(phone: string): string {
  return phone.replace(/[^\d+]/g, '').replace(/(?!^)\+/g, '');
}

/** Writes the given fields of a profile and leaves the others. Safe to repeat. Throws `InvalidInput` for no birthday. */
export async function writeProfile(tx: Tx, memberId: MemberId, profile: Partial<Profile>): Promise<void> {
  const keys = await readShopKeys(tx);
  const sealed = (column: keyof Profile) => {
    const text = profile[column];
    return text == null || text === '' ? null : seal(keys, place(column, memberId), text);
  };
  const isBirthdayNew = await isNewBirthday(tx, memberId, profile.birthday ?? null);
  const isEmailNew = await isNewEmail(tx, memberId, profile.email ?? null);
  await tx.query(
    `insert into member_profile (shop_id, member_id, name, email, email_index, phone, phone_index, birthday, birthday_since)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (shop_id, member_id) do update set
       name = coalesce(excluded.name, member_profile.name),
       email = coalesce(excluded.email, member_profile.email),
       email_index = coalesce(excluded.email_index, member_profile.email_index),
       email_proven_at = case when $10::boolean then null else member_profile.email_proven_at end,
       phone = coalesce(excluded.phone, member_profile.phone),
       phone_index = coalesce(excluded.phone_index, member_profile.phone_index),
       birthday = coalesce(excluded.birthday, member_profile.birthday),
       birthday_since = coalesce(excluded.birthday_since, member_profile.birthday_since),
       updated_at = now()`,
    [
      tx.shopId,
      memberId,
      sealed('name'),
      sealed('email'),
      profile.email ? blindIndex(keys, 'email', normalizeEmail(profile.email)) : null,
      sealed('phone'),
      profile.phone ? blindIndex(keys, 'phone', normalizePhone(profile.phone)) : null,
      isBirthdayNew ? sealed('birthday') : null,
      isBirthdayNew ? now() : null,
      isEmailNew,
    ],
  );
}

/** Whether it is another address than the one we know: what its holder proved says nothing of another. */
async function isNewEmail(tx: Tx, memberId: MemberId, email: string | null): Promise<boolean> {
  if (email === null || email === '') return false;
  const known = (await readProfiles(tx, [memberId])).get(memberId)?.email ?? null;
  return known !== null && normalizeEmail(known) !== normalizeEmail(email);
}

/** Whether this is another birthday than the one we know: one that is told again counts from when it was told first. */
async function isNewBirthday(tx: Tx, memberId: MemberId, birthday: string | null): Promise<boolean> {
  if (birthday === null || birthday === '') return false;
  if (!isBirthday(birthday))
    throw new InvalidInput('birthday-invalid', 'A birthday is a day and a month', {
      publicMessage: 'Enter the day and the month of the birthday.',
    });
  return (await readProfiles(tx, [memberId])).get(memberId)?.birthday !== birthday;
}

function openField(keys: ShopKeys, column: string, memberId: string, sealed: Buffer | null): string | null {
  return sealed === null ? null : unseal(keys, place(column, memberId), sealed);
}

/** Opens the profiles of these members; a member without one is absent. */
export async function readProfiles(tx: Tx, memberIds: string[]): Promise<Map<string, Profile>> {
  const rows = await tx.query<Record<'name' | 'email' | 'phone' | 'birthday', Buffer | null> & { member_id: string }>(
    'select member_id, name, email, phone, birthday from member_profile where shop_id = $1 and member_id = any($2)',
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
        birthday: openField(keys, 'birthday', row.member_id, row.birthday),
      },
    ]),
  );
}

export type KnownBirthday = { memberId: MemberId; birthday: string; since: Date };

/** Birthdays of members that are not erased or folded, in member order after `after`; at most `limit`. */
export async function listBirthdays(
  tx: Tx,
  after: MemberId | null,
  limit: number,
): Promise<{ birthdays: KnownBirthday[]; next: MemberId | null }> {
  const rows = await tx.query<{ member_id: MemberId; birthday: Buffer; birthday_since: Date }>(
    `select p.member_id, p.birthday, p.birthday_since from member_profile p
     join member m on m.shop_id = $1 and m.id = p.member_id and m.state <> 'erased' and m.folded_into is null and m.restricted_at is null
     where p.shop_id = $1 and p.birthday is not null and p.birthday_since is not null
       and p.member_id > coalesce($2::uuid, ${lowestId})
     order by p.member_id limit $3`,
    [tx.shopId, after, limit],
  );
  const keys = rows.length === 0 ? null : await readShopKeys(tx);
  const birthdays = rows.flatMap((row) => {
    const birthday = keys === null ? null : openField(keys, 'birthday', row.member_id, row.birthday);
    return birthday === null ? [] : [{ memberId: row.member_id, birthday, since: row.birthday_since }];
  });
  return { birthdays, next: rows.length < limit ? null : (rows.at(-1)?.member_id ?? null) };
}

/** Whether two members are one person, as far as customer, e-mail address and phone number tell. */
export async function areSamePerson(tx: Tx, oneId: MemberId, otherId: MemberId): Promise<boolean> {
  if (oneId === otherId) return true;
  const rows = await tx.query(
    `select 1 as one from member a
     join member b on b.shop_id = $1 and b.id = $3
     left join member_profile pa on pa.shop_id = $1 and pa.member_id = a.id
     left join member_profile pb on pb.shop_id = $1 and pb.member_id = b.id
     where a.shop_id = $1 and a.id = $2 and (a.shopify_customer_id = b.shopify_customer_id
       or pa.email_index = pb.email_index or pa.phone_index = pb.phone_index)`,
    [tx.shopId, oneId, otherId],
  );
  if (rows.length > 0) return true;
  // While the data key rotates, two rows of one address may differ in their index: then they are opened.
  return (await findShopKeys(tx))?.indexKeys.length === 1 ? false : haveSameContact(tx, oneId, otherId);
}

async function haveSameContact(tx: Tx, oneId: MemberId, otherId: MemberId): Promise<boolean> {
  const profiles = await readProfiles(tx, [oneId, otherId]);
  const contactsOf = (memberId: MemberId) => {
    const { email = null, phone = null } = profiles.get(memberId) ?? {};
    return [email === null ? null : normalizeEmail(email), phone === null ? null : normalizePhone(phone)];
  };
  const others = contactsOf(otherId);
  return contactsOf(oneId).some((contact, index) => contact !== null && contact === others[index]);
}

/** Holds an e-mail address until the transaction ends: of two who enroll it at once, the second waits and finds the first. */
export async function lockEmail(tx: Tx, email: string): Promise<void> {
  // Not the blind index: while its key rotates, two could lock the same address under different ones.
  const mark = sign(await readShopKeys(tx), 'email-lock', normalizeEmail(email));
  await tx.query('select pg_advisory_xact_lock($1::bigint)', [mark.readBigInt64BE(0).toString()]);
}

/** Members with this e-mail address, through its blind index. */
export async function findMembersByEmail(tx: Tx, email: string): Promise<MemberId[]> {
  const keys = await readShopKeys(tx);
  const rows = await tx.query<{ member_id: MemberId }>(
    'select member_id from member_profile where shop_id = $1 and email_index = any($2) order by member_id limit 100',
    [tx.shopId, blindIndexes(keys, 'email', normalizeEmail(email))],
  );
  return rows.map((row) => row.member_id);
}

/** Members with this phone number, through its blind index. */
export async function findMembersByPhone(tx: Tx, phone: string): Promise<MemberId[]> {
  const keys = await readShopKeys(tx);
  const rows = await tx.query<{ member_id: MemberId }>(
    'select member_id from member_profile where shop_id = $1 and phone_index = any($2) order by member_id limit 100',
    [tx.shopId, blindIndexes(keys, 'phone', normalizePhone(phone))],
  );
  return rows.map((row) => row.member_id);
}

/**
 * Deletes profiles, and destroys the keys under which consents keep particulars of these people. Only the worker may. Safe
 * to repeat; answers how many profiles there were.
 */
export async function deleteProfiles(tx: Tx, memberIds: MemberId[]): Promise<number> {
  await destroyConsentKeys(tx, memberIds);
  const rows = await tx.query(
    'delete from member_profile where shop_id = $1 and member_id = any($2) returning 1 as one',
    [tx.shopId, memberIds],
  );
  return rows.length;
}
