/** What a life earned, occasion by occasion and unit by unit: by the engine, and by the oracle. */
import { type MemberHistory, settleHistory } from '#app/domain/earning/history.ts';
import type { ToldLife } from '#test/support/histories/lives.ts';
import { documentOf, never, witnessOf } from '#test/support/oracle/earning.ts';

/** By `order 1001` or `event 1002`, then by unit. */
export type Sums = Record<string, Record<string, number>>;

export function oracleSums({ life }: ToldLife, at = never): Sums {
  const witness = witnessOf(life);
  const sums: Sums = {};
  for (const occasion of witness.occasions) {
    const own: Record<string, number> = {};
    for (const { id } of documentOf(occasion).units) own[id] = witness.earnedIn(occasion, id, at);
    sums[occasion.id] = own;
  }
  return sums;
}

export function engineSums(history: MemberHistory): Sums {
  const { orders, events } = settleHistory(history);
  const sums: Sums = {};
  for (const [prefix, settlements] of [['order', orders] as const, ['event', events] as const])
    for (const [id, { targets }] of settlements)
      sums[`${prefix} ${id}`] = Object.fromEntries(targets.map(({ unit, amount }) => [unit, amount]));
  return sums;
}

/** `rule line amount`, for every line to which a rule gave something. */
export type Explanations = Record<string, string[]>;

export function oracleExplanations({ life }: ToldLife): Explanations {
  const witness = witnessOf(life);
  const explanations: Explanations = {};
  for (const occasion of witness.occasions)
    explanations[occasion.id] = documentOf(occasion)
      .earnRules.flatMap((rule) =>
        witness.explained(occasion, rule, never).map(({ lineId, amount }) => `${rule.id} ${lineId} ${amount}`),
      )
      .toSorted();
  return explanations;
}

export function engineExplanations(history: MemberHistory): Explanations {
  const { orders, events } = settleHistory(history);
  const explanations: Explanations = {};
  for (const [prefix, settlements] of [['order', orders] as const, ['event', events] as const])
    for (const [id, { targets }] of settlements)
      explanations[`${prefix} ${id}`] = targets
        .flatMap(({ explanation }) => explanation)
        .filter(({ amount }) => amount !== 0)
        .map(({ ruleId, lineId, amount }) => `${ruleId} ${lineId} ${amount}`)
        .toSorted();
  return explanations;
}
