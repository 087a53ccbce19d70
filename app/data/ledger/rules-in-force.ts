/** The rules that settlement counts by, and what they ask of it. */
import { listRuleVersions, type RuleVersion } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { needsHistory } from '#app/domain/earning/history.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import type { ProgramId, RuleVersionId } from '#app/lib/ids.ts';

export type Rules = {
  /** Newest first. */
  versions: RuleVersion[];
  byId: Map<RuleVersionId, RuleVersion>;
  /** Programs of which some version looks at more of a member than the order at hand. */
  historyPrograms: Set<ProgramId>;
  hasReferrals: boolean;
};

/** First key of the advisory lock that serialises the settlement of whole histories; the second is the shop. */
const historyLockClass = 20_261_122;

const lockAlone = 'select pg_advisory_xact_lock($1::int, hashtext($2)) is null as locked';
const lockShared = 'select pg_advisory_xact_lock_shared($1::int, hashtext($2)) is null as locked';

/** A published document never changes, and the same one is handed out again and again. */
const answers = new WeakMap<ProgramDocument, boolean>();

function looksBack(document: ProgramDocument): boolean {
  const known = answers.get(document) ?? needsHistory(document);
  answers.set(document, known);
  return known;
}

/** All rules of the shop. */
export async function readRules(tx: Tx): Promise<Rules> {
  const versions = await listRuleVersions(tx);
  return {
    versions,
    byId: new Map(versions.map((version) => [version.versionId, version])),
    historyPrograms: new Set(versions.flatMap(({ document, programId }) => (looksBack(document) ? [programId] : []))),
    hasReferrals: versions.some(({ document }) => document.referral !== null),
  };
}

/**
 * Where some rule looks at a member's whole history, two settlers of one shop take turns: what one books changes what the
 * other must. A shop without such rules is not held up, but by who must be alone: a merge locks balances before orders, and
 * settlers orders before balances. Must come before any order, member or balance is locked. Safe to repeat within a
 * transaction. Answers the rules.
 */
export async function lockHistory(tx: Tx, { isAlone = false }: { isAlone?: boolean } = {}): Promise<Rules> {
  const rules = await readRules(tx);
  await tx.query(isAlone || rules.historyPrograms.size > 0 ? lockAlone : lockShared, [historyLockClass, tx.shopId]);
  return rules;
}

/** The version of a program in force at an instant, or null before its first. */
export function versionInForce({ versions }: Rules, programId: ProgramId, at: Date): RuleVersion | null {
  // Newest first: the first one that had begun was in force.
  return versions.find((version) => version.programId === programId && version.effectiveFrom <= at) ?? null;
}
