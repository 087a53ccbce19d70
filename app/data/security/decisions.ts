/** Decisions that a machine made against somebody: everything they were made of, and a person's word on them. */
import type { Tx } from '#app/data/tenancy.ts';
import { riskRulesVersion, type RiskRule, type RiskVerdict } from '#app/domain/security/redemption-risk.ts';
import { NotFound } from '#app/lib/errors.ts';
import { type DecisionId, isId, type MemberId, newId } from '#app/lib/ids.ts';

export type RiskDecision = {
  decisionId: DecisionId;
  memberId: MemberId;
  action: string;
  outcome: 'challenge' | 'refuse';
  score: number;
  inputs: Record<string, number | string>;
  rules: RiskRule[];
  rulesVersion: string;
  decidedAt: Date;
  timesSeen: number;
  overriddenAt: Date | null;
  overriddenBy: string | null;
  overrideReason: string | null;
  overrideUntil: Date | null;
};

const columns = `id as "decisionId", member_id as "memberId", action, outcome, score, inputs, rules, rules_version as "rulesVersion",
  decided_at as "decidedAt", times_seen as "timesSeen", overridden_at as "overriddenAt", overridden_by as "overriddenBy",
  override_reason as "overrideReason", override_until as "overrideUntil"`;

/** Asked again within this time, it is the same decision. */
const sameMs = 60 * 60_000;

/** Records a decision against a redemption; the same one again within an hour is counted. Answers whether it is new. */
export async function recordChallenge(
  tx: Tx,
  decided: { memberId: MemberId; verdict: Pick<RiskVerdict, 'score' | 'inputs' | 'rules'>; at: Date },
): Promise<boolean> {
  const { memberId, verdict, at } = decided;
  const rules = JSON.stringify(verdict.rules);
  const again = await tx.query(
    `update risk_decision set seen_at = $3, times_seen = times_seen + 1 where shop_id = $1 and id = (
       select id from risk_decision where shop_id = $1 and member_id = $2 and decided_at > $4
         and overridden_at is null and rules->0->>'rule' = $5 order by decided_at desc limit 1)
     returning 1 as one`,
    [tx.shopId, memberId, at, new Date(at.getTime() - sameMs), verdict.rules[0]?.rule ?? ''],
  );
  if (again.length > 0) return false;
  await tx.query(
    `insert into risk_decision (shop_id, id, member_id, action, outcome, score, inputs, rules, rules_version, decided_at, seen_at)
     values ($1, $2, $3, 'redeem', 'challenge', $4, $5, $6, $7, $8, $8)`,
    [
      tx.shopId,
      newId<DecisionId>(),
      memberId,
      verdict.score,
      JSON.stringify(verdict.inputs),
      rules,
      riskRulesVersion,
      at,
    ],
  );
  return true;
}

/** Whether a person said lately that this member is fine. */
export async function isOverridden(tx: Tx, memberId: MemberId, at: Date): Promise<boolean> {
  const rows = await tx.query(
    'select 1 as one from risk_decision where shop_id = $1 and member_id = $2 and override_until > $3 limit 1',
    [tx.shopId, memberId, at],
  );
  return rows.length > 0;
}

/** Puts a person's word over the machine's. False when somebody did before. Throws `NotFound`. */
export async function overrideDecision(
  tx: Tx,
  word: { decisionId: string; actor: string; reason: string; at: Date; until: Date },
): Promise<{ isNew: boolean; decision: RiskDecision }> {
  const rows = isId(word.decisionId)
    ? await tx.query<RiskDecision>(`select ${columns} from risk_decision where shop_id = $1 and id = $2 for update`, [
        tx.shopId,
        word.decisionId,
      ])
    : [];
  const [decision] = rows;
  if (decision === undefined) throw new NotFound('decision-not-found', 'No such decision');
  if (decision.overriddenAt !== null) return { isNew: false, decision };
  await tx.query(
    `update risk_decision set overridden_at = $3, overridden_by = $4, override_reason = $5, override_until = $6
     where shop_id = $1 and id = $2`,
    [tx.shopId, decision.decisionId, word.at, word.actor, word.reason, word.until],
  );
  return { isNew: true, decision };
}

/** The newest decisions, those no person has looked at first; at most `limit`. */
export async function listDecisions(tx: Tx, limit: number): Promise<RiskDecision[]> {
  return tx.query<RiskDecision>(
    `select ${columns} from risk_decision where shop_id = $1
     order by (overridden_at is not null), decided_at desc, id desc limit $2`,
    [tx.shopId, limit],
  );
}

/** Removes old decisions. Answers how many, at most `limit`. */
export async function purgeDecisions(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from risk_decision where shop_id = $1 and id in (
       select id from risk_decision where shop_id = $1 and seen_at < $2 limit $3) returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}
