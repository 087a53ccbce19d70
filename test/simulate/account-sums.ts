/**
 * What sales of several accounts should have earned, some of which become part of others at instants. An account is looked
 * back at by what was done as whom it had become by then, and what it did before stands as it stood alone.
 *
 * The oracle knows one life. Here each occasion is asked about in the life that it looks back at, in which every earlier
 * one counts by rules into which is written how its own account stood: whatever else is in that life changes nothing of it.
 */
import type { Conditions, EarnRule } from '#app/domain/programs/earn-rules.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { type Merge, whoIs } from '#test/simulate/cast.ts';
import type { Sums } from '#test/support/histories/sums.ts';
import { documentOf, factsOf, never, type Witness, witnessOf } from '#test/support/oracle/earning.ts';
import type { Life, Occasion } from '#test/support/oracle/life.ts';
import { isThere } from '#test/support/oracle/money-left.ts';
import { tierOf } from '#test/support/oracle/tiers.ts';
import { dayText, hourMs } from '#test/support/oracle/wall-clock.ts';

/** By occasion (`order 1001`), the account by which it was made. */
export type Accounts = ReadonlyMap<string, string>;

/** What each occasion earned, by the oracle. */
export function accountSums(life: Life, accounts: Accounts, merges: readonly Merge[]): Sums {
  const sums: Sums = {};
  const settled: Occasion[] = [];
  for (const occasion of witnessOf(life).occasions) {
    const account = accountOf(occasion, accounts);
    const earlier = settled.filter((one) => whoIs(accountOf(one, accounts), merges, occasion.at) === account);
    const witness = witnessOf(lifeOf([...earlier, occasion]));
    sums[occasion.id] = Object.fromEntries(
      documentOf(occasion).units.map(({ id }) => [id, witness.earnedIn(occasion, id, never)]),
    );
    settled.push(withDocument(occasion, asItStood(occasion, earlier, witness)));
  }
  return sums;
}

/** An account that was made part of another by then does nothing more: whoever goes by its name is that other. */
function accountOf({ id }: Occasion, accounts: Accounts): string {
  const account = accounts.get(id);
  if (account === undefined) throw new Error(`nobody knows who made ${id}`);
  return account;
}

function lifeOf(occasions: Occasion[]): Life {
  return {
    orders: occasions.flatMap((one) => ('order' in one ? one.order : [])),
    events: occasions.flatMap((one) => ('event' in one ? one.event : [])),
  };
}

function withDocument(occasion: Occasion, document: ProgramDocument): Occasion {
  if ('order' in occasion) return { ...occasion, order: { ...occasion.order, document } };
  return { ...occasion, event: { ...occasion.event, document } };
}

/** The same rules once nothing is left to ask about the member: what does not apply is gone, the rest is capped. */
function asItStood(occasion: Occasion, earlier: Occasion[], witness: Witness): ProgramDocument {
  const document = documentOf(occasion);
  const { at } = occasion;
  const { earnedIn } = witness;
  const tierId = tierOf({ earlier, at, document, timeZone: factsOf(occasion).timeZone, earnedIn })?.id ?? null;
  const isFirst = !earlier.some((one) => 'order' in one && isThere(one.order, at));
  const multiplier = document.tiers?.levels.find(({ id }) => id === tierId)?.multiplier;
  const always = { id: 'tier', name: 'Tier', from: '2000-01-01T00:00', to: '2100-01-01T00:00' };
  return {
    ...document,
    tiers: null,
    campaigns: [...document.campaigns, ...(multiplier === undefined ? [] : [{ ...always, multiplier }])],
    earnRules: document.earnRules
      .filter((rule) => mayApply(rule, { tierId, isFirst }))
      .flatMap((rule) => cappedRule(rule, occasion, earlier, witness)),
  };
}

function mayApply({ kind, conditions }: EarnRule, stood: { tierId: string | null; isFirst: boolean }): boolean {
  const { tierIds, firstOrder } = conditions;
  if (tierIds !== undefined && (stood.tierId === null || !tierIds.includes(stood.tierId))) return false;
  return kind === 'event' || firstOrder === undefined || stood.isFirst;
}

/** Nothing while the rule is at rest; otherwise with what is left of its caps as the cap of this one. */
function cappedRule(rule: EarnRule, occasion: Occasion, earlier: Occasion[], witness: Witness): EarnRule[] {
  const { timeZone } = factsOf(occasion);
  let today = 0;
  let ever = 0;
  for (const one of earlier) {
    const same = documentOf(one).earnRules.find(({ id }) => id === rule.id);
    if (same === undefined) continue;
    const amount = witness.explained(one, same, occasion.at).reduce((sum, part) => sum + part.amount, 0);
    const restMs = (rule.coolDownHours ?? 0) * hourMs;
    if (amount > 0 && occasion.at < one.at + restMs) return [];
    ever += amount;
    if (dayText(one.at, timeZone) === dayText(occasion.at, timeZone)) today += amount;
  }
  const { perOrder, perDay, perMember } = rule.caps ?? {};
  const most = Math.min(
    perOrder ?? never,
    perDay === undefined ? never : Math.max(0, perDay - today),
    perMember === undefined ? never : Math.max(0, perMember - ever),
  );
  return [
    { ...rule, conditions: withoutStanding(rule.conditions), caps: { perOrder: most }, coolDownHours: undefined },
  ];
}

function withoutStanding(conditions: Conditions): Conditions {
  const plain = { ...conditions };
  delete plain.tierIds;
  delete plain.firstOrder;
  return plain;
}
