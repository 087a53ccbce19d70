/**
 * Two members who turn out to be one person become one: Shopify made two customers one. What the one had, the other has,
 * by linked entries; sales keep the facts they were made under; nobody loses anything.
 */
import {
  allocateEntryIds,
  type Balance,
  balanceKey,
  type LedgerEntry,
  lockBalances,
  plainEntry,
  writeLedger,
} from '#app/data/ledger/ledger.ts';
import { readLots, type StoredLot, updateLots } from '#app/data/ledger/lots.ts';
import { touchPasses, voidPasses } from '#app/data/cards/passes.ts';
import { lockOrdersOf } from '#app/data/orders/member-orders.ts';
import { type Member, readMembers, resolveFolded } from '#app/data/members/members.ts';
import { readProfiles, writeProfile } from '#app/data/members/profiles.ts';
import { mayStillPay } from '#app/data/members/referrals.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { planTaking } from '#app/domain/ledger/lots.ts';
import type { MemberId } from '#app/lib/ids.ts';

export type Fold = {
  goneId: MemberId;
  /** Whom Shopify folded them into; that one may have been folded on since. */
  intoId: MemberId;
  /** When they became one: what either does from then on, both have done. */
  mergedAt: Date;
  at: Date;
};

/**
 * Folds one member into another of the same program. Folding again, or erased members, changes nothing. The folded one's
 * passes become void; their card, link and ids lead to the other one from now on. Hold the shop's history.
 */
export async function foldMembers(tx: Tx, fold: Fold): Promise<void> {
  const { goneId, at } = fold;
  const accounts = await readAccounts(tx, fold);
  const keptId = accounts.keptId;
  // Whoever settles one of these orders now is waited for here, before anything is held that they will want.
  await lockOrdersOf(tx, [goneId]);
  const members = await lockBoth(tx, [goneId, keptId]);
  const gone = members.find((member) => member.memberId === goneId);
  const kept = members.find((member) => member.memberId === keptId);
  if (gone === undefined || kept === undefined || !areFoldable(gone, kept)) return;
  const balances = await lockBalances(tx, [goneId, keptId]);
  const mine = [...balances.values()].filter((balance) => balance.memberId === goneId);
  await moveBalances(tx, mine, { goneId, keptId, at });
  await repayDebts(tx, { gone: mine, balances, keptId });
  await moveHistory(tx, fold, accounts);
  await completeProfile(tx, gone, kept);
  await voidPasses(tx, [goneId], at);
  await touchPasses(tx, [keptId]);
  await appendAudit(tx, {
    actor: 'shopify',
    action: 'member.fold',
    object: `member:${goneId}`,
    beforeHash: null,
    afterHash: null,
    reason: `into member:${fold.intoId}`,
    occurredAt: at,
  });
}

/**
 * Says of one who was folded already that they became part of another, or earlier: that one is part of the same by now, and
 * what was done in between was theirs.
 */
export async function moveFold(tx: Tx, { goneId, intoId, mergedAt }: Omit<Fold, 'at'>): Promise<void> {
  // Everything of theirs is kept with whom they led to until now.
  const owners = await resolveFolded(tx, await readMembers(tx, [goneId]));
  const ownerIds = owners.map(({ memberId }) => memberId);
  await tx.query('update member set folded_into = $3, folded_at = $4 where shop_id = $1 and id = $2', [
    tx.shopId,
    goneId,
    intoId,
    mergedAt,
  ]);
  for (const statement of movedAccounts) await tx.query(statement, [tx.shopId, goneId, intoId, mergedAt, ownerIds]);
}

const movedAccounts = [
  `update order_state set account_id = $3, updated_at = now()
   where shop_id = $1 and member_id = any($5) and account_id = $2 and processed_at >= $4`,
  `update member_event e set account_id = $3
   where shop_id = $1 and member_id = any($5) and account_id = $2 and occurred_at >= $4 and not exists (
     select from member_event o where o.shop_id = $1 and o.account_id = $3 and o.event_key = e.event_key)`,
];

/** Whose it is what the folded one's card and name bring from then on, and until when; after that it is the kept one's. */
type Accounts = { keptId: MemberId; before: { memberId: MemberId; until: Date }[] };

async function readAccounts(tx: Tx, { goneId, intoId, mergedAt }: Fold): Promise<Accounts> {
  const before = [{ memberId: goneId, until: mergedAt }];
  let [into] = await readMembers(tx, [intoId]);
  while (into?.foldedInto != null && into.foldedAt !== null) {
    before.push({ memberId: into.memberId, until: into.foldedAt });
    [into] = await readMembers(tx, [into.foldedInto]);
  }
  return { keptId: into?.memberId ?? intoId, before };
}

function areFoldable(gone: Member, kept: Member): boolean {
  const areOpen = [gone, kept].every((member) => member.state !== 'erased' && member.foldedInto === null);
  return areOpen && gone.memberId !== kept.memberId && gone.programId === kept.programId;
}

async function lockBoth(tx: Tx, memberIds: MemberId[]): Promise<Member[]> {
  await tx.query('select id from member where shop_id = $1 and id = any($2) order by id for no key update', [
    tx.shopId,
    memberIds,
  ]);
  return readMembers(tx, memberIds);
}

/**
 * Collected and spent move apart, so that both stay what they were: an adjustment of what was ever collected, and a
 * redemption of what was spent of it.
 */
async function moveBalances(
  tx: Tx,
  balances: Balance[],
  { goneId, keptId, at }: { goneId: MemberId; keptId: MemberId; at: Date },
): Promise<void> {
  const moved = balances.flatMap(({ unit, amount, spent }) => [
    { unit, kind: 'adjustment' as const, amount: amount + spent },
    { unit, kind: 'redemption' as const, amount: -spent },
  ]);
  const wanted = moved.filter(({ amount }) => amount !== 0);
  const ids = await allocateEntryIds(tx, wanted.length * 2);
  const entries = wanted.flatMap(({ unit, kind, amount }, index): LedgerEntry[] => {
    const [outId = '', inId = ''] = ids.slice(index * 2);
    const common = { ...plainEntry, unit, kind, source: 'merge', actor: 'system', occurredAt: at } as const;
    const sourceKey = `merge:${goneId}:${unit}:${kind}`;
    const out = { entryId: outId, memberId: goneId, amount: -amount, sourceKey: `${sourceKey}:out` };
    const into = { entryId: inId, memberId: keptId, amount, sourceKey: `${sourceKey}:in`, reverses: outId };
    return [
      { ...common, ...out, reason: 'folded-into', explanation: { memberId: keptId } },
      { ...common, ...into, reason: 'folded-from', explanation: { memberId: goneId } },
    ];
  });
  await writeLedger(tx, { entries, newLots: [], lotUpdates: [], bookedAt: at });
}

type Debts = { gone: Balance[]; balances: Map<string, Balance>; keptId: MemberId };

/** Where one of the two owed, what the other has left repays it. */
async function repayDebts(tx: Tx, { gone, balances, keptId }: Debts): Promise<void> {
  const [goneId] = gone.map((balance) => balance.memberId);
  if (goneId === undefined) return;
  const lots = await readLots(tx, [goneId, keptId]);
  const changed = gone.flatMap(({ unit, amount }): StoredLot[] => {
    const other = balances.get(balanceKey(keptId, unit))?.amount ?? 0;
    const repaid = Math.max(0, amount) + Math.max(0, other) - Math.max(0, amount + other);
    const mine = lots.filter((lot) => lot.unit === unit);
    return repaid === 0 ? [] : planTaking(mine, repaid).changed;
  });
  await updateLots(tx, changed);
}

const movedTables = [
  'update lot set member_id = $3 where shop_id = $1 and member_id = $2',
  'update reservation set member_id = $3 where shop_id = $1 and member_id = $2',
  'update member_event set member_id = $3 where shop_id = $1 and member_id = $2',
  `insert into balance (shop_id, member_id, unit, held, active_at)
   select shop_id, $3, unit, held, active_at from balance where shop_id = $1 and member_id = $2
   on conflict (shop_id, member_id, unit) do update set held = balance.held + excluded.held,
     active_at = greatest(balance.active_at, excluded.active_at)`,
  'update balance set held = 0 where shop_id = $1 and member_id = $2 and $3::uuid is not null',
  `insert into reward_loss (shop_id, member_id, reward_id, forgiven, updated_at)
   select shop_id, $3, reward_id, forgiven, now() from reward_loss where shop_id = $1 and member_id = $2
   on conflict (shop_id, member_id, reward_id) do update set forgiven = reward_loss.forgiven + excluded.forgiven,
     updated_at = excluded.updated_at`,
  // Whom either of the two brought is counted as brought by one, and as whom they were brought is known still.
  `update referral set referrer_id = $3, referrer_account_id = coalesce(referrer_account_id, referrer_id)
   where shop_id = $1 and referrer_id = $2`,
  // Which referral of a friend counts who was brought as both is decided when it is settled.
  `update referral set account_id = friend_id where shop_id = $1 and friend_id in ($2, $3) and account_id is null
     and ${mayStillPay}`,
  'update referral set friend_id = $3 where shop_id = $1 and friend_id = $2',
  // Nobody gets a message twice by becoming one with another.
  `insert into campaign_recipient (shop_id, campaign_id, member_id, due_at, shown_at)
   select shop_id, campaign_id, $3, due_at, shown_at from campaign_recipient where shop_id = $1 and member_id = $2
   on conflict (shop_id, campaign_id, member_id) do update
     set shown_at = coalesce(campaign_recipient.shown_at, excluded.shown_at)`,
  `update member k set time_zone = coalesce(k.time_zone, g.time_zone),
     news_campaign = coalesce(k.news_campaign, g.news_campaign), news_at = coalesce(k.news_at, g.news_at) from member g
   where k.shop_id = $1 and k.id = $3 and g.shop_id = $1 and g.id = $2
     and (g.news_campaign is not null or g.time_zone is not null)`,
  // What somebody asked for as one customer holds for them as the other.
  `update member k set restricted_at = coalesce(k.restricted_at, g.restricted_at), objected_at = coalesce(k.objected_at, g.objected_at)
   from member g where k.shop_id = $1 and k.id = $3 and g.shop_id = $1 and g.id = $2
     and (g.restricted_at is not null or g.objected_at is not null)`,
];

// A card that was frozen does not become spendable by joining another; what the other collected before stays collected.
const freezeKept = `update member k set state = 'frozen', frozen_by = g.frozen_by,
     frozen_at = case when g.frozen_at is not null then greatest(g.frozen_at, $4) end from member g
   where k.shop_id = $1 and k.id = $3 and k.state = 'active' and g.shop_id = $1 and g.id = $2 and g.state = 'frozen'`;

/** SQL for whose account something at an instant is of: the first of `$4` until whose `$5` it happened. */
const accountUntil = (instant: string) => `(
  select a.id from unnest($4::uuid[], $5::timestamptz[]) with ordinality a(id, until, place)
  where ${instant} < a.until order by place limit 1)`;

const movedToAccounts = [
  `update order_state set member_id = $3, account_id = coalesce(account_id, ${accountUntil('processed_at')}), updated_at = now()
   where shop_id = $1 and member_id = $2`,
  // What both told under one key, each as their own, stays theirs.
  `update member_event e set account_id = coalesce(${accountUntil('occurred_at')}, $3)
   where shop_id = $1 and account_id = $2 and occurred_at >= ($5::timestamptz[])[1] and not exists (
     select from member_event o where o.shop_id = $1 and o.event_key = e.event_key
       and o.account_id = coalesce(${accountUntil('e.occurred_at')}, $3))`,
];

async function moveHistory(
  tx: Tx,
  { goneId, intoId, mergedAt, at }: Fold,
  { keptId, before }: Accounts,
): Promise<void> {
  for (const statement of movedTables) await tx.query(statement, [tx.shopId, goneId, keptId]);
  const accountIds = before.map(({ memberId }) => memberId);
  const untils = before.map(({ until }) => until);
  for (const statement of movedToAccounts) await tx.query(statement, [tx.shopId, goneId, keptId, accountIds, untils]);
  await tx.query(freezeKept, [tx.shopId, goneId, keptId, at]);
  await tx.query('update member set folded_into = $3, folded_at = $4 where shop_id = $1 and id = $2', [
    tx.shopId,
    goneId,
    intoId,
    mergedAt,
  ]);
}

/** What only the folded one had told us is kept. */
async function completeProfile(tx: Tx, gone: Member, kept: Member): Promise<void> {
  const profiles = await readProfiles(tx, [gone.memberId, kept.memberId]);
  const known = profiles.get(kept.memberId);
  const told = profiles.get(gone.memberId);
  if (told === undefined) return;
  await writeProfile(tx, kept.memberId, {
    ...(known?.name == null && { name: told.name }),
    ...(known?.email == null && { email: told.email }),
    ...(known?.phone == null && { phone: told.phone }),
    ...(known?.birthday == null && { birthday: told.birthday ?? null }),
  });
}
