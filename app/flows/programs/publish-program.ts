/** A draft becomes the rules: an immutable version that counts for orders made from now on. */
import { lockProgram, readProgram } from '#app/data/programs/programs.ts';
import { publishDocument } from '#app/data/programs/version-history.ts';
import { type ApiRequest, answerOnce } from '#app/data/shops/api-idempotency.ts';
import { readShop } from '#app/data/shops/shops.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { ProgramFinding } from '#app/domain/programs/program-finding.ts';
import { reviewProgram } from '#app/domain/programs/program-warnings.ts';
import { readDocument } from '#app/domain/programs/read-document.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { Conflict, InvalidInput } from '#app/lib/errors.ts';
import type { ProgramId, RuleVersionId, ShopId } from '#app/lib/ids.ts';

export type PublishProgram = {
  shopId: ShopId;
  programId: string;
  actor: string;
  /** Publishes only the draft that was last seen; absent publishes whatever it is. */
  draftRevision?: number;
  request?: ApiRequest;
};
export type PublishedProgram = {
  versionId: RuleVersionId;
  number: number;
  /** False when the newest version said the same already. */
  isNew: boolean;
  /** What may be what the merchant wants, in their words. */
  warnings: string[];
};

const defaultCurrency = 'USD';

/**
 * Publishes the draft and redraws the members' cards. A draft equal to the newest version publishes nothing new.
 * Throws `InvalidInput` for a draft that must not be published and says why, `Conflict` when it is another than was seen,
 * `NotFound`.
 */
export async function publishProgram(asked: PublishProgram): Promise<PublishedProgram> {
  return withShop(asked.shopId, async (tx) => {
    const at = now();
    return answerOnce(tx, { request: asked.request, at }, async () => {
      const programId = asked.programId as ProgramId;
      await lockProgram(tx, programId);
      const program = await readProgram(tx, programId);
      if (asked.draftRevision !== undefined && asked.draftRevision !== program.draftRevision)
        throw new Conflict('draft-changed', 'The draft changed since it was seen', {
          publicMessage: `The draft is at revision ${program.draftRevision} meanwhile. Look at it again before you publish.`,
        });
      const document = readDocument(program.draft);
      const { currency, timeZone } = await readShop(tx);
      const findings = reviewProgram(document, { at, timeZone, currency: currency ?? defaultCurrency });
      refuse(findings.filter(({ severity }) => severity === 'refused'));
      const published = await publishDocument(tx, { programId, document, restores: null, actor: asked.actor, at });
      if (published.isNew) await enqueue(tx, 'touch-program-passes', { programId, after: null });
      return { ...published, warnings: findings.map(({ message }) => message) };
    });
  });
}

function refuse(refused: ProgramFinding[]): void {
  if (refused.length === 0) return;
  throw new InvalidInput('program-refused', 'A draft must not be published as it is', {
    publicMessage: refused.map(({ message }) => message).join(' '),
    issues: refused.map(({ path, message }) => ({ path: path.join('.'), message })),
  });
}
