/** One member: what they have, why, on which devices, and what they agreed to. */
import { cardUrlOf } from '#app/data/cards/card-view.ts';
import { countDevices } from '#app/data/cards/devices.ts';
import { listPasses } from '#app/data/cards/passes.ts';
import { readBalances } from '#app/data/ledger/ledger.ts';
import { type Member, readMember } from '#app/data/members/members.ts';
import { readProfiles } from '#app/data/members/profiles.ts';
import { listMemberCases, type PrivacyCase } from '#app/data/privacy/cases.ts';
import { readConsents } from '#app/data/privacy/chains.ts';
import { listRuleVersions } from '#app/data/programs/programs.ts';
import { readShopKeys } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { readLedgerStories, type StoriedEntry } from '#app/queries/ledger-stories.ts';
import { knownUnits, type ListedMember, presentMember, type ShownBalance } from '#app/queries/list-members.ts';
import { type MemberStandingPage, readStanding } from '#app/queries/member-standing.ts';

export type MemberDetail = {
  member: Omit<ListedMember, 'balances'>;
  /** Every unit there is anything of, those of older versions too. */
  balances: ShownBalance[];
  standing: MemberStandingPage;
  card: MemberCard;
  entries: StoriedEntry[];
  entriesNextCursor: string | null;
  passes: {
    serial: string;
    wallet: string;
    state: string;
    version: number;
    announcedVersion: number | null;
    seenVersion: number | null;
    seenAt: Date | null;
    devices: number;
  }[];
  consents: { purpose: string; channel: string; granted: boolean; at: Date; source: string }[];
  /** What they asked about their own data, newest first, and what follows from it now. */
  privacy: { restrictedAt: Date | null; objectedAt: Date | null; cases: PrivacyCase[] };
};

/** The card that is out there: who froze it, how many there were before it, and where it is to be had; null once erased. */
export type MemberCard = { frozenBy: 'member' | 'staff' | null; generation: number; url: string | null };

const entriesPerPage = 50;
const casesMax = 20;
const cursorPattern = /^\d{1,18}$/;

/** Everything the member's page shows. Throws `NotFound`. */
export async function memberDetail(
  shopId: ShopId,
  memberId: string,
  page: { entriesCursor?: string },
): Promise<MemberDetail> {
  return withShop(shopId, async (tx) => {
    const found = await readMember(tx, memberId);
    const versions = (await listRuleVersions(tx)).filter((version) => version.programId === found.programId);
    const profile = (await readProfiles(tx, [memberId])).get(memberId);
    const stored = await readBalances(tx, [memberId]);
    const { balances, ...member } = presentMember(found, profile, stored, knownUnits(versions));
    const before = cursorPattern.test(page.entriesCursor ?? '') ? (page.entriesCursor ?? null) : null;
    const { entries, next } = await readLedgerStories(tx, memberId, { before, limit: entriesPerPage, versions });
    return {
      member,
      balances,
      standing: await readStanding(tx, found, now()),
      card: await readCard(tx, found),
      entries,
      entriesNextCursor: next,
      passes: await readPasses(tx, memberId),
      consents: (await readConsents(tx, memberId)).map(({ occurredAt, ...consent }) => ({
        ...consent,
        at: occurredAt,
      })),
      privacy: {
        restrictedAt: found.restrictedAt,
        objectedAt: found.objectedAt,
        cases: await listMemberCases(tx, found.memberId, casesMax),
      },
    };
  });
}

async function readCard(tx: Tx, member: Member): Promise<MemberCard> {
  const { frozenBy, cardGeneration: generation, state } = member;
  const url = state === 'erased' ? null : cardUrlOf(await readShopKeys(tx), member, now());
  return { frozenBy: state === 'frozen' ? (frozenBy ?? 'staff') : null, generation, url };
}

async function readPasses(tx: Tx, memberId: string): Promise<MemberDetail['passes']> {
  const passes = await listPasses(tx, [memberId]);
  const devices = await countDevices(
    tx,
    passes.map((pass) => pass.passId),
  );
  return passes.map((pass) => ({ ...pass, devices: devices.get(pass.passId) ?? 0 }));
}
