/**
 * What the merges of a shop's customers make of its members. Pure: it goes by when Shopify did what, never by when it was
 * told, so the same merges come to the same whichever of them is told first.
 */
import type { MemberId, ProgramId } from '#app/lib/ids.ts';

/** One merge as Shopify did it, and when. */
export type MergeStep = { goneId: string; intoId: string; mergedAt: Date };

/** A member, and the customer they joined as. */
export type Joined = { memberId: MemberId; programId: ProgramId; customerId: string };

/** Who is known as a customer, or was until that one was merged away; since when, where they came by a merge. */
export type Bearer = { memberId: MemberId; programId: ProgramId; since: Date | null };

/** Into whom of the same program somebody is folded, and when they met under one name. */
export type PlannedFold = { intoId: MemberId; foldedAt: Date };

export type MergePlan = {
  steps: readonly MergeStep[];
  /** By customer, who bears the name: one of each program. */
  bearers: Map<string, Bearer[]>;
  /** The name each member bears last, and whom they were folded into under another. */
  places: Map<MemberId, { customerId: string; fold: PlannedFold | null }>;
  /** By the customer who is gone, the members who went on under the other's name. */
  cameWith: Map<string, MemberId[]>;
};

/**
 * Plays merges through in the order in which Shopify did them. Who is known as the customer who is gone gets the other one's
 * name; where somebody of the same program bears that one already, the one who comes is folded into them.
 */
export function planMerges(steps: readonly MergeStep[], members: readonly Joined[]): MergePlan {
  const plan: MergePlan = { steps, bearers: new Map(), places: new Map(), cameWith: new Map() };
  for (const { memberId, programId, customerId } of members) {
    plan.places.set(memberId, { customerId, fold: null });
    bearersOf(plan, customerId).push({ memberId, programId, since: null });
  }
  const done = new Map<string, MergeStep>();
  for (const step of steps.toSorted(byTime)) {
    for (const bearer of bearersOf(plan, step.goneId)) goOn(plan, { bearer, step, done });
    done.set(step.goneId, step);
  }
  return plan;
}

function byTime(one: MergeStep, two: MergeStep): number {
  return one.mergedAt.getTime() - two.mergedAt.getTime() || (one.goneId < two.goneId ? -1 : 1);
}

/** Takes one who bears the name that is gone to the other name, and on from there where that one is gone before. */
function goOn(
  plan: MergePlan,
  { bearer, step, done }: { bearer: Bearer; step: MergeStep; done: ReadonlyMap<string, MergeStep> },
): void {
  const { memberId, programId } = bearer;
  const place = plan.places.get(memberId);
  if (place === undefined) return;
  const there = bearersOf(plan, step.intoId);
  const first = there.find((one) => one.programId === programId);
  if (first !== undefined) {
    place.fold = { intoId: first.memberId, foldedAt: step.mergedAt };
    return;
  }
  const arrived = { memberId, programId, since: step.mergedAt };
  there.push(arrived);
  place.customerId = step.intoId;
  plan.cameWith.set(step.goneId, [...(plan.cameWith.get(step.goneId) ?? []), memberId]);
  const next = done.get(step.intoId);
  if (next !== undefined) goOn(plan, { bearer: arrived, step: { ...next, mergedAt: step.mergedAt }, done });
}

function bearersOf({ bearers }: MergePlan, customerId: string): Bearer[] {
  const known = bearers.get(customerId);
  if (known !== undefined) return known;
  const none: Bearer[] = [];
  bearers.set(customerId, none);
  return none;
}

/** A name whose sales may be others' now: all of them, or (unless null) those made since an instant. */
export type ChangedName = { customerId: string; since: Date | null };

/** The names that lead to others after one more merge than before it; those that led to nobody are left out. */
export function changedNames(before: MergePlan, after: MergePlan): ChangedName[] {
  const names = new Set(after.steps.flatMap(({ goneId, intoId }) => [goneId, intoId]));
  return [...names].flatMap((customerId): ChangedName[] => {
    const were = leadsTo(before, customerId);
    const are = leadsTo(after, customerId);
    const came = are.filter((one) => !were.some((other) => isSame(one, other)));
    if (were.length === 0 || (came.length === 0 && were.length === are.length)) return [];
    const hasLeft = were.length + came.length > are.length;
    const since = earliestOf(came);
    // What was sold before anybody came is of who came first.
    const isOfAll = hasLeft || since <= earliestOf(were) || !Number.isFinite(since);
    return [{ customerId, since: isOfAll ? null : new Date(since) }];
  });
}

/** In milliseconds; without end in the past where one of them joined under the name. */
function earliestOf(bearers: readonly Bearer[]): number {
  return Math.min(...bearers.map(({ since }) => since?.getTime() ?? Number.NEGATIVE_INFINITY));
}

function isSame(one: Bearer, other: Bearer): boolean {
  return one.memberId === other.memberId && one.since?.getTime() === other.since?.getTime();
}

/** Who bears a name; where nobody ever did, who bears the first that it was merged into and that somebody does. */
function leadsTo(plan: MergePlan, customerId: string): Bearer[] {
  const own = plan.bearers.get(customerId) ?? [];
  const next = plan.steps.find(({ goneId }) => goneId === customerId);
  return own.length > 0 || next === undefined ? own : leadsTo(plan, next.intoId);
}
