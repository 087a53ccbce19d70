/** A program's published versions: who published what when, and what it changed. */
import { newestRuleVersion, readProgram } from '#app/data/programs/programs.ts';
import { listVersions, type PublishedVersion } from '#app/data/programs/version-history.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { programDiff } from '#app/domain/programs/program-diff.ts';
import type { ProgramDocument } from '#app/domain/programs/program.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type ProgramVersion = {
  number: number;
  publishedAt: Date;
  publishedBy: string;
  /** Orders made from then on count by it. */
  effectiveFrom: Date;
  /** Whether an order made now counts by it. */
  isInForce: boolean;
  /** The older version whose document this one brought back; null for one that was published from a draft. */
  restores: number | null;
  /** What it changed from the version before, a sentence each. Empty for the first. */
  changes: string[];
};

export type ProgramVersions = {
  programId: ProgramId;
  versions: ProgramVersion[];
  /** Where the next page begins: versions below this number; null on the last page. */
  next: number | null;
};

const limitMax = 100;
const defaultCurrency = 'USD';

/** Versions newest first, from below a number (null: from the newest), at most 100. Throws `NotFound`. */
export async function programVersions(
  shopId: ShopId,
  programId: string,
  page: { below: number | null; limit: number } = { below: null, limit: limitMax },
): Promise<ProgramVersions> {
  return withShop(shopId, async (tx) => {
    const program = await readProgram(tx, programId as ProgramId);
    const limit = Math.min(Math.max(1, page.limit), limitMax);
    // One more than the page: the oldest one shown is compared with it.
    const found = await listVersions(tx, program.programId, { below: page.below, limit: limit + 1 });
    const context = await contextOf(tx, program.programId);
    const versions = found.slice(0, limit).map((version, index) => present(version, found[index + 1], context));
    return {
      programId: program.programId,
      versions: versions.map(({ document: _document, ...version }) => version),
      next: found.length > limit ? (versions.at(-1)?.number ?? null) : null,
    };
  });
}

export type ProgramVersionDetail = ProgramVersion & { document: ProgramDocument };

/** One version with its document. Throws `NotFound`. */
export async function programVersion(shopId: ShopId, programId: string, number: number): Promise<ProgramVersionDetail> {
  return withShop(shopId, async (tx) => {
    const program = await readProgram(tx, programId as ProgramId);
    const [version, before] = await listVersions(tx, program.programId, { below: number + 1, limit: 2 });
    if (version === undefined || version.number !== number)
      throw new NotFound('version-not-found', 'No such version', { publicMessage: 'There is no such version.' });
    return present(version, before, await contextOf(tx, program.programId));
  });
}

/** What publishing the draft would change, a sentence each; empty before the first version. Throws `NotFound`. */
export async function draftChanges(shopId: ShopId, programId: string): Promise<string[]> {
  return withShop(shopId, async (tx) => {
    const program = await readProgram(tx, programId as ProgramId);
    const published = await newestRuleVersion(tx, program.programId);
    const { currency } = await contextOf(tx, program.programId);
    return published === null ? [] : programDiff(published.document, program.draft, currency);
  });
}

type Context = { currency: string; inForce: number | null };

async function contextOf(tx: Tx, programId: ProgramId): Promise<Context> {
  const newest = await newestRuleVersion(tx, programId);
  return { currency: (await readShop(tx)).currency ?? defaultCurrency, inForce: newest?.number ?? null };
}

function present(
  { number, document, effectiveFrom, publishedAt, publishedBy, restores }: PublishedVersion,
  before: PublishedVersion | undefined,
  { currency, inForce }: Context,
): ProgramVersionDetail {
  return {
    number,
    publishedAt,
    publishedBy,
    effectiveFrom,
    isInForce: number === inForce,
    restores,
    changes: before === undefined ? [] : programDiff(before.document, document, currency),
    document,
  };
}
