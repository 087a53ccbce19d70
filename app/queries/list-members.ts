/** Members for the admin: found by what people know of them, or paged through, newest first. */
import { type Balance, readBalances } from '#app/data/ledger/ledger.ts';
import {
  findMembersByCustomers,
  listMembersAfter,
  type Member,
  type MemberPosition,
  readMembers,
} from '#app/data/members/members.ts';
import { findMembersByEmail, type Profile, readProfiles } from '#app/data/members/profiles.ts';
import { listRuleVersions, type RuleVersion } from '#app/data/programs/programs.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { maskEmail, maskName, maskPhone } from '#app/domain/members/masking.ts';
import type { Unit } from '#app/domain/programs/program.ts';
import { isId, type ShopId } from '#app/lib/ids.ts';

export type ShownBalance = {
  unit: string;
  label: string;
  kind: 'point' | 'stamp';
  amount: number;
  needed: number | null;
};

export type ListedMember = {
  memberId: string;
  nameMasked: string | null;
  emailMasked: string | null;
  phoneMasked: string | null;
  state: 'active' | 'frozen' | 'erased';
  enrolledAt: Date;
  via: string;
  balances: ShownBalance[];
};

export type MemberList = { members: ListedMember[]; nextCursor: string | null };

const limitMax = 100;

/** A page of members, or those a search finds. Without a hit the list is empty. */
export async function listMembers(
  shopId: ShopId,
  asked: { search?: string; cursor?: string; limit: number },
): Promise<MemberList> {
  const limit = Math.min(Math.max(1, asked.limit), limitMax);
  return withShop(shopId, async (tx) => {
    if (asked.search !== undefined && asked.search !== '')
      return { members: await present(tx, await search(tx, asked.search)), nextCursor: null };
    // One more than the page tells whether there is a next one.
    const found = await listMembersAfter(tx, asked.cursor === undefined ? null : readCursor(asked.cursor), {
      limit: limit + 1,
      programIds: null,
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const nextCursor = found.length > limit && last !== undefined ? writeCursor(last) : null;
    return { members: await present(tx, page), nextCursor };
  });
}

async function search(tx: Tx, text: string): Promise<Member[]> {
  if (isId(text)) return (await readMembers(tx, [text])).filter((member) => member.state !== 'erased');
  if (/^\d{1,20}$/.test(text)) return findMembersByCustomers(tx, [text]);
  if (!text.includes('@')) return [];
  return (await readMembers(tx, await findMembersByEmail(tx, text))).filter((member) => member.state !== 'erased');
}

async function present(tx: Tx, members: Member[]): Promise<ListedMember[]> {
  const memberIds = members.map((member) => member.memberId);
  const profiles = await readProfiles(tx, memberIds);
  const balances = await readBalances(tx, memberIds);
  const units = knownUnits(await listRuleVersions(tx));
  return members.map((member) => presentMember(member, profiles.get(member.memberId), balances, units));
}

/** Units by program and id: two programs may call different things the same. Newest versions come first, so their words win. */
export type KnownUnits = ReadonlyMap<string, Unit>;

const unitKey = (programId: string, unit: string) => `${programId}/${unit}`;

/** The units of all these versions. */
export function knownUnits(versions: RuleVersion[]): KnownUnits {
  const units = versions.flatMap(({ programId, document }) =>
    document.units.map((unit): [string, Unit] => [unitKey(programId, unit.id), unit]),
  );
  return new Map(units.toReversed());
}

/** A member as the admin shows them. */
export function presentMember(
  member: Member,
  profile: Profile | undefined,
  balances: Balance[],
  units: KnownUnits,
): ListedMember {
  return {
    memberId: member.memberId,
    nameMasked: profile?.name == null ? null : maskName(profile.name),
    emailMasked: profile?.email == null ? null : maskEmail(profile.email),
    phoneMasked: profile?.phone == null ? null : maskPhone(profile.phone),
    state: member.state,
    enrolledAt: member.enrolledAt,
    via: member.enrolledVia,
    balances: balances
      .filter((balance) => balance.memberId === member.memberId)
      .map((balance) => presentBalance(balance, units.get(unitKey(member.programId, balance.unit)))),
  };
}

function presentBalance(balance: Balance, unit: Unit | undefined): ShownBalance {
  return {
    unit: balance.unit,
    label: unit?.label ?? balance.unit,
    kind: unit?.kind ?? 'point',
    amount: balance.amount,
    needed: unit?.kind === 'stamp' ? unit.stampsNeeded : null,
  };
}

function writeCursor(member: Member): string {
  return Buffer.from(`${member.enrolledAt.getTime()}.${member.memberId}`).toString('base64url');
}

/** A cursor we did not write starts from the top. */
function readCursor(cursor: string): MemberPosition | null {
  const [at = '', memberId = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split('.');
  const enrolledAt = new Date(Number(at));
  return isId(memberId) && !Number.isNaN(enrolledAt.getTime()) ? { enrolledAt, memberId } : null;
}
