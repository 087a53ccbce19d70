/** What a purge would do right now, counted without touching anything. */
import { countInactiveMembers } from '#app/data/members/inactive-members.ts';
import {
  boundsOf,
  inactiveMembersBounds,
  inactiveMembersClass,
  monthlyClasses,
  periodOf,
  readPurgeReports,
  readRetentionChoices,
  type RetentionClass,
  retentionClasses,
} from '#app/data/privacy/retention.ts';
import { countRetained } from '#app/data/privacy/retention-counts.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type RetentionRow = {
  class: string;
  hours: number;
  /** Where the merchant may choose, in hours. */
  bounds: { least: number; most: number } | null;
  isChosen: boolean;
  lastRun: Date | null;
};

export type RetentionPage = {
  classes: RetentionRow[];
  /** Classes that go by the month, with how many months they stay after their own. */
  monthly: { class: string; months: number; lastRun: Date | null }[];
  /** In hours; null keeps them. */
  inactiveMembers: { hours: number | null; leastMonths: number; mostMonths: number };
};

/** Every class with its period, its bounds and when something of it was last removed. */
export async function retentionPage(shopId: ShopId): Promise<RetentionPage> {
  return withShop(shopId, async (tx) => {
    const [choices, reports] = [await readRetentionChoices(tx), await readPurgeReports(tx)];
    const lastRun = (name: string) => reports.get(name)?.ranAt ?? null;
    return {
      classes: names.map((name) => ({
        class: name,
        hours: periodOf(name, choices),
        bounds: boundsOf(name),
        isChosen: choices.has(name),
        lastRun: lastRun(name),
      })),
      monthly: Object.entries(monthlyClasses).map(([name, { months }]) => ({
        class: name,
        months,
        lastRun: lastRun(name),
      })),
      inactiveMembers: { hours: choices.get(inactiveMembersClass) ?? null, ...inactiveMembersBounds },
    };
  });
}

const names = Object.keys(retentionClasses) as RetentionClass[];

export type RetentionPreview = { class: string; held: number; due: number }[];

/** How much there is of every class, and how much of it the next purge would remove. Nothing is changed. */
export async function retentionPreview(shopId: ShopId): Promise<RetentionPreview> {
  const at = now();
  return withShop(shopId, async (tx) => {
    const choices = await readRetentionChoices(tx);
    const before = (hours: number) => new Date(at.getTime() - hours * 3_600_000);
    const preview: RetentionPreview = [];
    for (const name of names)
      preview.push({
        class: name,
        held: await countRetained(tx, name, null),
        due: await countRetained(tx, name, before(periodOf(name, choices))),
      });
    const hours = choices.get(inactiveMembersClass);
    if (hours !== undefined) {
      const due = await countInactiveMembers(tx, before(hours));
      preview.push({ class: inactiveMembersClass, held: await countInactiveMembers(tx, at), due });
    }
    return preview;
  });
}
