/** An integrator gives stamps for a visit that is not an order of ours. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { isUniqueViolation } from '#app/data/database.ts';
import { balanceKey, findSources, lockBalances } from '#app/data/ledger/ledger.ts';
import { postAll } from '#app/data/ledger/posting.ts';
import { lockMember } from '#app/data/members/members.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { newestRuleVersion, type RuleVersion } from '#app/data/programs/programs.ts';
import { answerOnce, type ApiRequest } from '#app/data/shops/api-idempotency.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, InvalidInput, NotFound } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

export type GivenStamps = {
  kind: 'posted' | 'repeated';
  entryId: string;
  memberId: MemberId;
  unit: string;
  balance: number;
};

export type StampGift = {
  shopId: ShopId;
  clientId: string;
  memberId: string;
  /** Null: the program's only kind of stamp. */
  unit: string | null;
  /** Whole stamps above 0. */
  count: number;
  /** The client's own id of what they are for: given once. */
  reference: string;
  request: ApiRequest;
};

/**
 * Posts stamps once per client and reference, and answers the same to all who ask under one key, also at once. Throws
 * `NotFound`, `InvalidInput` when the kind of stamp is not clear, and `Conflict` when the card is frozen, or the reference or
 * the key was used for something else.
 */
export async function giveStamps(asked: StampGift): Promise<GivenStamps> {
  const { shopId, request } = asked;
  return withShop(shopId, (tx) => answerOnce(tx, { request, at: now() }, () => giveOnce(tx, asked))).catch(
    (error: unknown) => {
      // Two members at once under one reference: the members' locks do not keep them apart.
      if (isUniqueViolation(error, 'ledger_source_pkey')) throw referenceReused(error);
      throw error;
    },
  );
}

const referenceReused = (cause?: unknown) =>
  new Conflict('reference-reused', 'The reference was used for other stamps', {
    cause,
    publicMessage: 'This reference was used for other stamps before.',
  });

async function giveOnce(tx: Tx, asked: StampGift): Promise<GivenStamps> {
  const member = await lockMember(tx, asked.memberId);
  if (member.state === 'erased') throw new NotFound('member-not-found', 'The member was erased');
  const { memberId } = member;
  const version = await newestRuleVersion(tx, member.programId);
  const unit = chooseUnit(version, asked.unit);
  const balances = await lockBalances(tx, [memberId]);
  const balance = balances.get(balanceKey(memberId, unit))?.amount ?? 0;
  const sourceKey = `api-stamps:${asked.clientId}:${asked.reference}`;
  const inputsHash = fingerprint({ memberId, unit, count: asked.count });
  const earlier = (await findSources(tx, [sourceKey])).get(sourceKey);
  if (earlier !== undefined) {
    if (earlier.inputsHash?.equals(inputsHash) !== true) throw referenceReused();
    return { kind: 'repeated', entryId: earlier.entryId, memberId, unit, balance };
  }
  if (member.state === 'frozen')
    throw new Conflict('card-frozen', 'The card is frozen', { publicMessage: 'The card is frozen.' });
  if (version === null) throw unitUnclear();
  const at = now();
  const actor = `api:${asked.clientId}`;
  const [entryId = ''] = await postAll(tx, {
    postings: [
      {
        memberId,
        unit,
        delta: asked.count,
        source: 'api',
        sourceKey,
        owner: null,
        ruleVersionId: version.versionId,
        settings: version.document.settings,
        inputsHash,
        explanation: { because: 'given-by-hand', parts: [], claim: { reference: asked.reference } },
        actor,
        occurredAt: at,
        availableAt: at,
      },
    ],
    balances,
    timeZone: (await readShop(tx)).timeZone,
    bookedAt: at,
  });
  await touchPasses(tx, [memberId]);
  await appendAudit(tx, {
    actor,
    action: 'member.stamp',
    object: `member:${memberId}`,
    beforeHash: null,
    afterHash: fingerprint({ entryId, unit, count: asked.count }),
    reason: null,
    occurredAt: at,
  });
  return { kind: 'posted', entryId, memberId, unit, balance: balance + asked.count };
}

const unitUnclear = () =>
  new InvalidInput('unit-unknown', 'Which stamps is not clear', {
    publicMessage: 'Say with unit which of the program’s stamps are meant.',
  });

function chooseUnit(version: RuleVersion | null, wanted: string | null): string {
  const stamps = (version?.document.units ?? []).filter(({ kind }) => kind === 'stamp').map(({ id }) => id);
  const chosen = wanted === null ? stamps : stamps.filter((id) => id === wanted);
  const [unit] = chosen;
  if (unit === undefined || chosen.length > 1) throw unitUnclear();
  return unit;
}
