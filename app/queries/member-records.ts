/** Members as the API shows them. */
import type { MemberQuery, MemberRecord, MemberRecords } from '#app/contracts/api.ts';
import { cardUrlOf } from '#app/data/cards/card-view.ts';
import {
  findMembersByCustomers,
  findMembersByExternalId,
  listMembersAfter,
  type Member,
  type MemberPosition,
  readLivingMember,
  readMembers,
} from '#app/data/members/members.ts';
import { readMemberRevision } from '#app/data/members/member-revision.ts';
import { findMembersByEmail, type Profile, readProfiles } from '#app/data/members/profiles.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';
import type { ShopKeys } from '#app/lib/sealed-box.ts';

/** With identity, names and addresses are opened; without it they are not even read. */
export type Viewer = { shopId: ShopId; isIdentityShown: boolean };
/** Who lists members sees those of some programs, or (null) of all. */
export type ListViewer = Viewer & { programIds: ProgramId[] | null };

/** One member, and by which revision they are changed. Throws `NotFound`, for another shop's too. */
export async function memberRecord(
  { shopId, isIdentityShown }: Viewer,
  memberId: string,
): Promise<{ record: MemberRecord; revision: string }> {
  return withShop(shopId, async (tx) => {
    const { memberId: found } = await readLivingMember(tx, memberId);
    // Before the record: of a change in between a revision may say too little, never too much.
    const revision = await readMemberRevision(tx, found);
    const [record] = await describe(tx, [await readLivingMember(tx, found)], isIdentityShown);
    if (record === undefined) throw new Error('Broken invariant: a member that was read is missing');
    return { record, revision };
  });
}

export type MemberPage = Omit<MemberQuery, 'cursor' | 'limit'> & { after: MemberPosition | null; limit: number };

/**
 * Members found by one of customer, e-mail or external id, or a page of all, newest first; `next` is the position to go on
 * from. Throws `InvalidInput` for more than one filter.
 */
export async function memberRecords(
  { shopId, isIdentityShown, programIds }: ListViewer,
  page: MemberPage,
): Promise<Omit<MemberRecords, 'nextCursor'> & { next: MemberPosition | null }> {
  const filters = [page.shopifyCustomerId, page.email, page.externalId].filter((filter) => filter !== undefined);
  if (filters.length > 1)
    throw new InvalidInput('too-many-filters', 'More than one filter was given', {
      publicMessage: 'Give only one of shopifyCustomerId, email and externalId.',
    });
  return withShop(shopId, async (tx) => {
    if (filters.length === 1) {
      const isSeen = ({ state, programId }: Member) =>
        state !== 'erased' && (programIds === null || programIds.includes(programId));
      const found = (await find(tx, page)).filter(isSeen).slice(0, page.limit);
      return { members: await describe(tx, found, isIdentityShown), next: null };
    }
    // One more than asked for tells whether there is a next page.
    const read = await listMembersAfter(tx, page.after, { limit: page.limit + 1, programIds });
    const members = read.slice(0, page.limit);
    const last = read.length > page.limit ? members.at(-1) : undefined;
    const next = last === undefined ? null : { enrolledAt: last.enrolledAt, memberId: last.memberId };
    return { members: await describe(tx, members, isIdentityShown), next };
  });
}

async function find(tx: Tx, { shopifyCustomerId, email, externalId }: MemberPage): Promise<Member[]> {
  if (shopifyCustomerId !== undefined) return findMembersByCustomers(tx, [shopifyCustomerId.split('/').at(-1) ?? '']);
  if (email !== undefined) return readMembers(tx, await findMembersByEmail(tx, email));
  return externalId === undefined ? [] : findMembersByExternalId(tx, externalId);
}

async function describe(tx: Tx, members: Member[], isIdentityShown: boolean): Promise<MemberRecord[]> {
  const keys = await readShopKeys(tx);
  const ids = members.map((member) => member.memberId);
  const profiles = isIdentityShown ? await readProfiles(tx, ids) : null;
  return members.map((member) => toRecord(member, { keys, profiles }));
}

function toRecord(member: Member, known: { keys: ShopKeys; profiles: Map<string, Profile> | null }): MemberRecord {
  // Nobody outside is told who a restricted member is.
  const profile = member.restrictedAt === null ? known.profiles?.get(member.memberId) : undefined;
  return {
    id: member.memberId,
    programId: member.programId,
    externalId: member.externalId,
    shopifyCustomerId: member.shopifyCustomerId,
    status: member.state,
    locale: member.locale,
    enrolledAt: member.enrolledAt.toISOString(),
    enrolledVia: member.enrolledVia,
    cardUrl: member.state === 'erased' ? null : cardUrlOf(known.keys, member, now()),
    ...(known.profiles !== null && {
      name: profile?.name ?? null,
      email: profile?.email ?? null,
      phone: profile?.phone ?? null,
    }),
  };
}
