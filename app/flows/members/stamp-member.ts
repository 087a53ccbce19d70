/** Staff gives stamps or points by hand at the till. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { isUniqueViolation } from '#app/data/database.ts';
import { sumHandGiven, type TillClaim } from '#app/data/ledger/hand-entries.ts';
import { findSources, lockBalances } from '#app/data/ledger/ledger.ts';
import { postAll } from '#app/data/ledger/posting.ts';
import { lockMember } from '#app/data/members/members.ts';
import { demandOpenTill } from '#app/data/security/open-till.ts';
import { noteSignal } from '#app/data/security/signals.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { newestRuleVersion, type RuleVersion } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, InvalidInput, NotFound } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

export type HandStamp = {
  shopId: ShopId;
  memberId: string;
  unit: string;
  /** Whole units above 0; the till's contract bounds one tap. */
  amount: number;
  idempotencyKey: string;
  /** 'staff:<Shopify user id>', proven by the session token. */
  actor: string;
  claim: TillClaim;
};

export type Stamped = { kind: 'posted' | 'repeated'; memberId: MemberId; entryId: string };

/** What staff may give one member by hand of one unit in 24 hours: enough for a busy table, too little to be worth stealing. */
const handGivenPerDayMax = 20;
const dayMs = 86_400_000;

/**
 * Posts stamps or points once per idempotency key. Throws `NotFound`, `InvalidInput` for a unit the program has not, and
 * `Conflict` when the card is frozen, the day's limit is reached, or the key was used for something else, and `Forbidden`
 * 'till-paused' while this person or till is stopped.
 */
export async function stampMember(asked: HandStamp): Promise<Stamped> {
  return withShop(asked.shopId, (tx) => stampOnce(tx, asked)).catch((error: unknown) => {
    // Two members at once under one key: the members' locks do not keep them apart, the key does.
    if (isUniqueViolation(error, 'ledger_source_pkey')) throw keyReused(error);
    throw error;
  });
}

const keyReused = (cause?: unknown) =>
  new Conflict('idempotency-key-reused', 'The idempotency key was used for other stamps', { cause });

async function stampOnce(tx: Tx, asked: HandStamp): Promise<Stamped> {
  const member = await lockMember(tx, asked.memberId);
  if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
  const { memberId } = member;
  const inputsHash = fingerprint({ memberId, unit: asked.unit, amount: asked.amount });
  const sourceKey = `pos:${asked.idempotencyKey}`;
  const earlier = (await findSources(tx, [sourceKey])).get(sourceKey);
  if (earlier !== undefined) {
    if (earlier.inputsHash?.equals(inputsHash) !== true) throw keyReused();
    return { kind: 'repeated', memberId, entryId: earlier.entryId };
  }
  if (member.state === 'frozen') throw new Conflict('card-frozen', 'The card is frozen');
  await demandOpenTill(tx, { actor: asked.actor, locationId: asked.claim.locationId, at: now() });
  const version = await newestRuleVersion(tx, member.programId);
  if (!version?.document.units.some((unit) => unit.id === asked.unit))
    throw new InvalidInput('unit-unknown', 'The program has no such unit');
  const entryId = await post(tx, { asked, memberId, version, sourceKey, inputsHash });
  await touchPasses(tx, [memberId]);
  await noteSignal(tx, { kind: 'hand-given', subject: `${asked.actor}/member:${memberId}`, at: now() });
  await appendAudit(tx, {
    actor: asked.actor,
    action: 'member.stamp',
    object: `member:${memberId}`,
    beforeHash: null,
    afterHash: fingerprint({ entryId, unit: asked.unit, amount: asked.amount }),
    reason: null,
    occurredAt: now(),
  });
  return { kind: 'posted', memberId, entryId };
}

type Posting = { asked: HandStamp; memberId: MemberId; version: RuleVersion; sourceKey: string; inputsHash: Buffer };

async function post(tx: Tx, { asked, memberId, version, sourceKey, inputsHash }: Posting): Promise<string> {
  const { unit, amount } = asked;
  const at = now();
  const balances = await lockBalances(tx, [memberId]);
  const given = await sumHandGiven(tx, { memberId, unit, since: new Date(at.getTime() - dayMs) });
  if (given + amount > handGivenPerDayMax)
    throw new Conflict('stamp-limit-reached', 'The limit of what may be given by hand in a day is reached');
  const { timeZone } = await readShop(tx);
  const [entryId = ''] = await postAll(tx, {
    postings: [
      {
        memberId,
        unit,
        delta: amount,
        source: 'pos',
        sourceKey,
        owner: null,
        ruleVersionId: version.versionId,
        settings: version.document.settings,
        inputsHash,
        explanation: { because: 'given-by-hand', parts: [], claim: asked.claim },
        actor: asked.actor,
        occurredAt: at,
        availableAt: at,
      },
    ],
    balances,
    timeZone,
    bookedAt: at,
  });
  return entryId;
}
