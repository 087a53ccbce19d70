/** An older version's rules come back: published again as a new version, which can itself be rolled back. */
import { lockProgram, readProgram } from '#app/data/programs/programs.ts';
import { listVersions, publishDocument } from '#app/data/programs/version-history.ts';
import { type ApiRequest, answerOnce } from '#app/data/shops/api-idempotency.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import { reviewProgram } from '#app/domain/programs/program-warnings.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ProgramId, RuleVersionId, ShopId } from '#app/lib/ids.ts';

export type RollBackProgram = {
  shopId: ShopId;
  programId: string;
  /** The version whose document comes back. */
  number: number;
  actor: string;
  request?: ApiRequest;
};
const defaultCurrency = 'USD';

export type RolledBackProgram = { versionId: RuleVersionId; number: number; isNew: boolean; warnings: string[] };

/**
 * Publishes an older version's document again, for orders made from now on; the draft stays as it is. Rolling back to what
 * is in force already publishes nothing. Throws `NotFound` for an unknown version.
 */
export async function rollBackProgram(asked: RollBackProgram): Promise<RolledBackProgram> {
  return withShop(asked.shopId, async (tx) => {
    const at = now();
    return answerOnce(tx, { request: asked.request, at }, async () => {
      const programId = asked.programId as ProgramId;
      await lockProgram(tx, programId);
      await readProgram(tx, programId);
      const [older] = await listVersions(tx, programId, { below: asked.number + 1, limit: 1 });
      if (older === undefined || older.number !== asked.number)
        throw new NotFound('version-not-found', 'No such version', { publicMessage: 'There is no such version.' });
      // It was allowed to count once; what it warns of is said again, but it may always come back.
      const { currency, timeZone } = await readShop(tx);
      const findings = reviewProgram(older.document, { at, timeZone, currency: currency ?? defaultCurrency });
      const { document, number: restores } = older;
      const published = await publishDocument(tx, { programId, document, restores, actor: asked.actor, at });
      if (published.isNew) await enqueue(tx, 'touch-program-passes', { programId, after: null });
      return { ...published, warnings: findings.map(({ message }) => message) };
    });
  });
}
