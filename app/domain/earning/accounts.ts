/**
 * Histories of members who were folded into one.
 *
 * A sale counts by how its own account stood when it was made, and folding changes nothing of that: what was folded in
 * later had no part in it. What the survivor does from then on looks back at everything both did, and at what each of it
 * really brought, rather than at what it would have brought had they been one from the beginning.
 */
import type { MemberStanding } from '#app/domain/earning/facts.ts';
import { type HistoryItem, type MemberHistory, standingsIn } from '#app/domain/earning/history.ts';

/** Something a member did, the account it was done under, and when. */
export type AccountItem = { accountId: string; at: Date; item: HistoryItem };

/** An account that became part of another at an instant. */
export type Fold = { accountId: string; intoId: string; at: Date };

/**
 * One history of all these items, in which those of another account, or of before a fold, stand as their own account
 * stood. The answer depends on the set of items and folds alone.
 */
export function joinAccounts(items: readonly AccountItem[], folds: readonly Fold[]): MemberHistory {
  if (folds.length === 0) return historyOf(items);
  const joined = items.map((one) => ({ ...one, item: { ...one.item } }));
  const everyone = new Set(items.map(({ accountId }) => accountId));
  const scopes = Map.groupBy(joined, (one) => scopeOf(one, folds).toSorted().join());
  const groups = [...scopes].map(([scope, judged]) => ({ judged, accounts: new Set(scope.split(',')) }));
  // Whatever bears on a scope was itself judged by a part of that scope.
  for (const { judged, accounts } of groups.toSorted((one, two) => one.accounts.size - two.accounts.size)) {
    if ([...everyone].every((accountId) => accounts.has(accountId))) continue;
    const standings = standingsIn(historyOf(joined.filter(({ accountId }) => accounts.has(accountId))));
    for (const { item } of judged) keepStanding(item, standings.get(item));
  }
  return historyOf(joined);
}

/** The accounts that were one with this account at an instant. */
function scopeOf({ accountId, at }: { accountId: string; at: Date }, folds: readonly Fold[]): string[] {
  const joined = folds.filter((fold) => fold.intoId === accountId && fold.at <= at);
  return [accountId, ...joined.flatMap((fold) => scopeOf({ accountId: fold.accountId, at }, folds))];
}

/** What never was a sale has no standing to keep. */
function keepStanding(item: HistoryItem, standing: MemberStanding | undefined): void {
  if (standing !== undefined) item.standing = standing;
}

function historyOf(items: readonly AccountItem[]): MemberHistory {
  return {
    orders: items.flatMap(({ item }) => ('state' in item ? [item] : [])),
    events: items.flatMap(({ item }) => ('event' in item ? [item] : [])),
  };
}
