/** Programs as the API tells of them. */
import type { ProgramRecord, ProgramRecords } from '#app/contracts/api-programs.ts';
import {
  listPrograms,
  newestRuleVersion,
  type Program,
  readProgram,
  type RuleVersion,
} from '#app/data/programs/programs.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { programDiff } from '#app/domain/programs/program-diff.ts';
import { reviewProgram } from '#app/domain/programs/program-warnings.ts';
import { now } from '#app/lib/clock.ts';
import { appUrl } from '#app/lib/env.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

/** The shop's programs, oldest first. */
export async function programRecords(shopId: ShopId): Promise<ProgramRecords> {
  return withShop(shopId, async (tx) => {
    const programs: ProgramRecords['programs'] = [];
    for (const program of await listPrograms(tx))
      programs.push(summaryOf(program, await newestRuleVersion(tx, program.programId)));
    return { programs };
  });
}

/** One program with its documents. Throws `NotFound`. */
export async function programRecord(shopId: ShopId, programId: string): Promise<ProgramRecord> {
  return withShop(shopId, async (tx) => {
    const program = await readProgram(tx, programId as ProgramId);
    const published = await newestRuleVersion(tx, program.programId);
    const shop = await readShop(tx);
    const currency = shop.currency ?? defaultCurrency;
    const findings = reviewProgram(program.draft, { at: now(), timeZone: shop.timeZone, currency });
    return {
      ...summaryOf(program, published),
      document: published?.document ?? null,
      draft: program.draft,
      draftChanges: published === null ? [] : programDiff(published.document, program.draft, currency),
      draftFindings: findings.map((finding) => ({ ...finding, path: finding.path.join('.') })),
    };
  });
}

const defaultCurrency = 'USD';

function summaryOf(program: Program, published: RuleVersion | null): ProgramRecords['programs'][number] {
  return {
    id: program.programId,
    name: (published?.document ?? program.draft).name,
    slug: program.slug,
    state: program.state,
    joinUrl: `${appUrl()}/join/${program.slug}`,
    signUpPlaces: program.signUpPlaces,
    draftRevision: program.draftRevision,
    version: published?.number ?? null,
  };
}
