/** Whose e-mail address it really is. An address somebody typed proves nothing until a link that was mailed there is opened. */
import { findMembersByEmail, readProfiles, writeProfile } from '#app/data/members/profiles.ts';
import { type Member, readMembers } from '#app/data/members/members.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { MemberId, ProgramId } from '#app/lib/ids.ts';

/** When the holder of a member's address proved to be them; null while it is only typed. */
export async function readProvenAt(tx: Tx, memberId: MemberId): Promise<Date | null> {
  const [row] = await tx.query<{ at: Date | null }>(
    'select email_proven_at as at from member_profile where shop_id = $1 and member_id = $2',
    [tx.shopId, memberId],
  );
  return row?.at ?? null;
}

/** The address a member proved; null while there is none, or it is only typed. */
export async function readProvenAddress(tx: Tx, memberId: MemberId): Promise<string | null> {
  if ((await readProvenAt(tx, memberId)) === null) return null;
  return (await readProfiles(tx, [memberId])).get(memberId)?.email ?? null;
}

/** Which of these members proved their address. */
export async function provenAmong(tx: Tx, memberIds: MemberId[]): Promise<Set<MemberId>> {
  const rows = await tx.query<{ member_id: MemberId }>(
    `select member_id from member_profile
     where shop_id = $1 and member_id = any($2) and email is not null and email_proven_at is not null`,
    [tx.shopId, memberIds],
  );
  return new Set(rows.map((row) => row.member_id));
}

/** Members of a program with this address, but for one. Hold the address. */
export async function findHolders(
  tx: Tx,
  member: { memberId: MemberId | null; programId: ProgramId },
  email: string,
): Promise<Member[]> {
  const members = await readMembers(tx, await findMembersByEmail(tx, email));
  return members.filter(
    ({ memberId, programId, state }) =>
      memberId !== member.memberId && programId === member.programId && state !== 'erased',
  );
}

/** Takes the address away from members who never proved it. Safe to repeat. */
export async function takeAddress(tx: Tx, memberIds: MemberId[]): Promise<void> {
  await tx.query(
    `update member_profile set email = null, email_index = null, email_proven_at = null, waiting_customer_id = null,
       updated_at = now()
     where shop_id = $1 and member_id = any($2)`,
    [tx.shopId, memberIds],
  );
}

/** Gives the member an address they proved. Safe to repeat. */
export async function writeProvenAddress(
  tx: Tx,
  memberId: MemberId,
  proven: { email: string; at: Date },
): Promise<void> {
  await writeProfile(tx, memberId, { email: proven.email });
  await tx.query('update member_profile set email_proven_at = $3 where shop_id = $1 and member_id = $2', [
    tx.shopId,
    memberId,
    proven.at,
  ]);
}

/** Notes that a member can be reached elsewhere from now on: what is worth much is not redeemed for a day. */
export async function noteContactChange(tx: Tx, memberId: MemberId, at: Date): Promise<void> {
  await tx.query('update member set contact_changed_at = $3 where shop_id = $1 and id = $2', [tx.shopId, memberId, at]);
}

/** When a member's address was changed last, or null. */
export async function readContactChange(tx: Tx, memberId: MemberId): Promise<Date | null> {
  const [row] = await tx.query<{ at: Date | null }>(
    'select contact_changed_at as at from member where shop_id = $1 and id = $2',
    [tx.shopId, memberId],
  );
  return row?.at ?? null;
}

/** Notes which customer these members will be once they prove their address. Safe to repeat. */
export async function noteWaitingCustomer(tx: Tx, memberIds: MemberId[], customerId: string): Promise<void> {
  if (memberIds.length === 0) return;
  await tx.query('update member_profile set waiting_customer_id = $3 where shop_id = $1 and member_id = any($2)', [
    tx.shopId,
    memberIds,
    customerId,
  ]);
}

/** The customer a member will be once they prove their address, or null. */
export async function readWaitingCustomer(tx: Tx, memberId: MemberId): Promise<string | null> {
  const [row] = await tx.query<{ id: string | null }>(
    'select waiting_customer_id as id from member_profile where shop_id = $1 and member_id = $2',
    [tx.shopId, memberId],
  );
  return row?.id ?? null;
}
