/** A person corrects a balance by hand, with a reason. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import {
  allocateEntryIds,
  balanceKey,
  findSources,
  type LedgerEntry,
  lockBalances,
  plainEntry,
  writeLedger,
} from '#app/data/ledger/ledger.ts';
import { agingOf, freshLot, readLots, type StoredLot } from '#app/data/ledger/lots.ts';
import { demandUse, lockMember } from '#app/data/members/members.ts';
import { touchPasses } from '#app/data/cards/passes.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { planPosting, planTaking } from '#app/domain/ledger/lots.ts';
import type { Expiry } from '#app/domain/programs/program.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';

export type Adjustment = {
  shopId: ShopId;
  memberId: string;
  unit: string;
  /** Whole units, signed, not 0. */
  amount: number;
  reason: string;
  actor: string;
  source: 'staff' | 'api';
  idempotencyKey: string;
};

export type AdjustedBalance =
  | { kind: 'posted'; entryId: string; balance: number }
  | { kind: 'repeated'; entryId: string; balance: number }
  | { kind: 'insufficient'; balance: number };

const amountMax = 1_000_000_000;
const reasonLengthMax = 200;

/**
 * Posts an adjustment once per idempotency key. A balance never goes below 0 by hand.
 * Throws `InvalidInput`, `NotFound`, and `Conflict` while the member is restricted or when the key was used for something else.
 */
export async function adjustBalance(asked: Adjustment): Promise<AdjustedBalance> {
  const reason = asked.reason.trim();
  if (!Number.isSafeInteger(asked.amount) || asked.amount === 0 || Math.abs(asked.amount) > amountMax)
    throw new InvalidInput('amount-invalid', 'The amount must be a whole number other than 0', {
      publicMessage: 'Enter a whole number other than 0.',
    });
  if (reason === '' || reason.length > reasonLengthMax)
    throw new InvalidInput('reason-invalid', 'A reason is needed', { publicMessage: 'Say in a few words why.' });
  return withShop(asked.shopId, (tx) => adjust(tx, { ...asked, reason }));
}

async function adjust(tx: Tx, asked: Adjustment): Promise<AdjustedBalance> {
  const member = await lockMember(tx, asked.memberId);
  demandUse(member);
  const version = await newestRuleVersion(tx, member.programId);
  if (!version?.document.units.some((unit) => unit.id === asked.unit))
    throw new InvalidInput('unit-unknown', 'The program has no such unit');
  const balances = await lockBalances(tx, [member.memberId]);
  const { amount: balance, held } = balances.get(balanceKey(member.memberId, asked.unit)) ?? { amount: 0, held: 0 };
  const earlier = await findEarlier(tx, asked);
  if (earlier !== null) return { kind: 'repeated', entryId: earlier, balance };
  if (asked.amount < 0 && balance - held + asked.amount < 0) return { kind: 'insufficient', balance };
  const [entryId = ''] = await allocateEntryIds(tx, 1);
  const { expiry } = version.document.settings;
  const lots = await planLots(tx, { asked, memberId: member.memberId, entryId, balance, expiry });
  await writeLedger(tx, { entries: [entryOf(asked, member.memberId, entryId)], ...lots, bookedAt: now() });
  await touchPasses(tx, [member.memberId]);
  await appendAudit(tx, {
    actor: asked.actor,
    action: 'balance.adjust',
    object: `member:${member.memberId}`,
    beforeHash: fingerprint({ unit: asked.unit, balance }),
    afterHash: fingerprint({ unit: asked.unit, balance: balance + asked.amount }),
    reason: asked.reason,
    occurredAt: now(),
  });
  return { kind: 'posted', entryId, balance: balance + asked.amount };
}

const sourceKeyOf = (asked: Adjustment) => `adjustment:${asked.idempotencyKey}`;

function inputsHashOf({ memberId, unit, amount, reason }: Adjustment): Buffer {
  return fingerprint({ memberId, unit, amount, reason });
}

/** The entry this key made before, or null. Throws `Conflict` when it was made from other input. */
async function findEarlier(tx: Tx, asked: Adjustment): Promise<string | null> {
  const earlier = (await findSources(tx, [sourceKeyOf(asked)])).get(sourceKeyOf(asked));
  if (earlier === undefined) return null;
  if (!earlier.inputsHash?.equals(inputsHashOf(asked)))
    throw new Conflict('idempotency-key-reused', 'The idempotency key was used for another adjustment');
  return earlier.entryId;
}

function entryOf(asked: Adjustment, memberId: MemberId, entryId: string): LedgerEntry {
  return {
    ...plainEntry,
    entryId,
    memberId,
    unit: asked.unit,
    kind: 'adjustment',
    amount: asked.amount,
    source: asked.source,
    sourceKey: sourceKeyOf(asked),
    inputsHash: inputsHashOf(asked),
    lotId: asked.amount > 0 ? entryId : null,
    actor: asked.actor,
    reason: asked.reason,
    occurredAt: now(),
  };
}

type LotPlan = { asked: Adjustment; memberId: MemberId; entryId: string; balance: number; expiry: Expiry };

async function planLots(tx: Tx, plan: LotPlan): Promise<{ newLots: StoredLot[]; lotUpdates: StoredLot[] }> {
  const { asked, memberId, entryId, balance, expiry } = plan;
  const { unit, amount } = asked;
  if (amount < 0) {
    const lots = (await readLots(tx, [memberId])).filter((lot) => lot.unit === unit);
    return { newLots: [], lotUpdates: planTaking(lots, -amount).changed };
  }
  const posting = planPosting({ delta: amount, balance, ownLots: [], otherLots: [], debtPolicy: 'carry' });
  const { timeZone } = await readShop(tx);
  const at = now();
  const lot = freshLot({
    lotId: entryId,
    memberId,
    unit,
    amount,
    remaining: posting.lotRemaining ?? 0,
    accruedAt: at,
    availableAt: at,
    ...agingOf(expiry, at, timeZone),
  });
  return { newLots: [lot], lotUpdates: [] };
}
