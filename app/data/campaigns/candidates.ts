/** Whom a campaign is for: candidates in slices of members, each with what the decision about them needs. */
import { readHistories } from '#app/data/ledger/history.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { highestId, lowestId } from '#app/data/page-bounds.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { addDays, startOfDay, type LocalDate } from '#app/domain/calendar.ts';
import { anybody, type Audience, type CampaignContent, type Segment } from '#app/domain/campaigns/campaign.ts';
import type { Candidate } from '#app/domain/campaigns/decide-recipient.ts';
import { tierAt } from '#app/domain/earning/tiers.ts';
import type { CampaignId, MemberId, ProgramId } from '#app/lib/ids.ts';

const dayMs = 86_400_000;

export type FoundCandidate = Candidate & { memberId: MemberId };
export type CandidateSlice = {
  candidates: FoundCandidate[];
  /** How many members were looked at, whether or not they belong to the audience, and the last of them. */
  lookedAt: number;
  last: MemberId | null;
};

export type AskedSlice = {
  programId: ProgramId;
  content: Pick<CampaignContent, 'audience' | 'purpose'>;
  at: Date;
  after: MemberId | null;
  limit: number;
};

type CandidateRow = {
  id: MemberId;
  is_frozen: boolean;
  has_card: boolean;
  is_consenting: boolean | null;
  time_zone: string | null;
  shown_at: Date[];
};

/** What is asked of each candidate, whoever they are. `$3` is the purpose and `$4` the moment. */
const facts = `m.id, m.state <> 'active' or m.folded_into is not null as is_frozen, m.time_zone,
  exists (select from pass p where p.shop_id = $1 and p.member_id = m.id and p.state = 'active' and p.seen_version > 0) as has_card,
  (select c.granted from consent_record c
   where c.shop_id = $1 and c.subject = m.id and c.purpose = $3 and c.channel = 'wallet'
   order by c.sequence desc limit 1) as is_consenting,
  array(select r.shown_at from campaign_recipient r
   where r.shop_id = $1 and r.member_id = m.id and r.shown_at > $4::timestamptz - interval '7 days') as shown_at`;

/** The next members, in id order, and those of them the campaign is for. Bounded whatever the audience. */
export async function readCandidates(tx: Tx, asked: AskedSlice): Promise<CandidateSlice> {
  const { programId, at, after, limit } = asked;
  const { audience, purpose } = asked.content;
  const filter = await filterOf(tx, audience, at);
  const [slice] = await tx.query<{ looked_at: number; last: MemberId | null }>(
    `select count(*)::int as looked_at, (array_agg(id order by id desc))[1] as last from (
       select id from member where shop_id = $1 and program_id = $2 and state <> 'erased' and folded_into is null
         and id > coalesce($3::uuid, ${lowestId}) and id between coalesce($4::uuid, ${lowestId}) and coalesce($4::uuid, ${highestId}) order by id limit $5) slice`,
    [tx.shopId, programId, after, filter.memberId, limit],
  );
  if (slice === undefined || slice.last === null) return { candidates: [], lookedAt: 0, last: null };
  const rows = await tx.query<CandidateRow>(
    `select ${facts} from member m
     where m.shop_id = $1 and m.program_id = $2 and m.state <> 'erased' and m.folded_into is null
       and m.id > coalesce($5::uuid, ${lowestId}) and m.id <= $6
       and m.id between coalesce($7::uuid, ${lowestId}) and coalesce($7::uuid, ${highestId})
       and ($8::text[] is null or lower(split_part(m.locale, '-', 1)) = any($8))
       and m.enrolled_at >= coalesce($9::timestamptz, '-infinity') and m.enrolled_at < coalesce($10::timestamptz, 'infinity')
       and ($11::text is null or coalesce((select b.amount - b.held from balance b
         where b.shop_id = $1 and b.member_id = m.id and b.unit = $11), 0) between coalesce($12::bigint, -9e18) and coalesce($13::bigint, 9e18))
       and ($14::timestamptz is null or $15 = coalesce((select max(b.active_at) from balance b
         where b.shop_id = $1 and b.member_id = m.id) >= $14, false))
       and ($16 or m.objected_at is null)
     order by m.id`,
    [
      tx.shopId,
      programId,
      purpose,
      at,
      after,
      slice.last,
      filter.memberId,
      filter.languages,
      filter.enrolledFrom,
      filter.enrolledBefore,
      filter.unit,
      filter.min,
      filter.max,
      filter.activeSince,
      filter.isActive,
      // Who objected to profiling is in no segment, unless they agreed to marketing again.
      audience.kind !== 'segment' || purpose === 'marketing',
    ],
  );
  const candidates = await keepTiers(tx, rows.map(toCandidate), { programId, audience, at });
  return { candidates, lookedAt: slice.looked_at, last: slice.last };
}

function toCandidate(row: CandidateRow): FoundCandidate {
  return {
    memberId: row.id,
    isFrozen: row.is_frozen,
    hasCard: row.has_card,
    isConsenting: row.is_consenting ?? false,
    timeZone: row.time_zone,
    shownAt: row.shown_at,
  };
}

type Filter = {
  memberId: string | null;
  languages: string[] | null;
  enrolledFrom: Date | null;
  enrolledBefore: Date | null;
  unit: string | null;
  min: number | null;
  max: number | null;
  activeSince: Date | null;
  isActive: boolean;
};

/** Days are those of the shop's calendar. */
async function filterOf(tx: Tx, audience: Audience, at: Date): Promise<Filter> {
  const segment = audience.kind === 'segment' ? audience.segment : anybody;
  const { languages, activity } = segment;
  const { timeZone } = await readShop(tx);
  return {
    memberId: audience.kind === 'member' ? audience.memberId : null,
    languages: languages.length === 0 ? null : languages,
    ...joinedBetween(segment, timeZone),
    ...(segment.balance ?? { unit: null, min: null, max: null }),
    activeSince: activity === null ? null : new Date(at.getTime() - activity.days * dayMs),
    isActive: activity?.kind === 'active',
  };
}

function joinedBetween({ enrolledFrom, enrolledUntil }: Segment, timeZone: string) {
  return {
    enrolledFrom: enrolledFrom === null ? null : startOfDay(dateOf(enrolledFrom), timeZone),
    enrolledBefore: enrolledUntil === null ? null : startOfDay(addDays(dateOf(enrolledUntil), 1), timeZone),
  };
}

function dateOf(day: string): LocalDate {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return { year, month, day: date };
}

/** A tier follows from a member's whole history, so it is worked out for those whom all else lets through. */
async function keepTiers(
  tx: Tx,
  candidates: FoundCandidate[],
  { programId, audience, at }: { programId: ProgramId; audience: Audience; at: Date },
): Promise<FoundCandidate[]> {
  if (audience.kind !== 'segment' || audience.segment.tiers.length === 0 || candidates.length === 0) return candidates;
  const { tiers } = audience.segment;
  const version = await newestRuleVersion(tx, programId);
  if (version === null) return [];
  const { timeZone } = await readShop(tx);
  const histories = await readHistories(
    tx,
    candidates.map(({ memberId }) => memberId),
  );
  return candidates.filter(({ memberId }) => {
    const history = histories.get(memberId);
    const tier = history === undefined ? null : tierAt(history, { at, document: version.document, timeZone });
    return tier !== null && tier.tierId !== null && tiers.includes(tier.tierId);
  });
}

/** Members who are due now, those who wait longest first, locked until the transaction ends. */
export async function takeDue(
  tx: Tx,
  campaignId: CampaignId,
  due: { purpose: CampaignContent['purpose']; at: Date; limit: number },
): Promise<FoundCandidate[]> {
  const rows = await tx.query<CandidateRow>(
    `select ${facts} from campaign_recipient d
     join member m on m.shop_id = d.shop_id and m.id = d.member_id
     where d.shop_id = $1 and d.campaign_id = $2 and d.shown_at is null and d.due_at <= $4
     order by d.due_at, d.member_id limit $5 for update of d`,
    [tx.shopId, campaignId, due.purpose, due.at, due.limit],
  );
  return rows.map(toCandidate);
}
