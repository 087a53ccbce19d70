/** A draft becomes the rules: an immutable version that counts for orders made from now on. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { insertRuleVersion, listRuleVersions, lockProgram, readProgram } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { programWarnings } from '#app/domain/programs/program-warnings.ts';
import { programDocumentSchema } from '#app/domain/programs/program.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ProgramId, RuleVersionId, ShopId } from '#app/lib/ids.ts';

export type PublishProgram = { shopId: ShopId; programId: string; actor: string };
export type PublishedProgram = { versionId: RuleVersionId; number: number; warnings: string[] };

/**
 * Publishes the draft and redraws the members' cards. A draft equal to the newest version publishes nothing new.
 * Throws `InvalidInput` for a draft that cannot be published, `NotFound`.
 */
export async function publishProgram({ shopId, programId, actor }: PublishProgram): Promise<PublishedProgram> {
  return withShop(shopId, async (tx) => {
    await lockProgram(tx, programId as ProgramId);
    const program = await readProgram(tx, programId as ProgramId);
    const parsed = programDocumentSchema.safeParse(program.draft);
    if (!parsed.success) throw new InvalidInput('program-invalid', 'The draft does not fit the program schema');
    const warnings = programWarnings(parsed.data);
    const newest = (await listRuleVersions(tx)).find((version) => version.programId === program.programId);
    if (newest !== undefined && fingerprint(newest.document).equals(fingerprint(parsed.data)))
      return { versionId: newest.versionId, number: newest.number, warnings };
    const at = now();
    const published = await insertRuleVersion(tx, {
      programId: program.programId,
      document: parsed.data,
      // Shopify tells when an order was made in whole seconds: one made in this very second counts.
      effectiveFrom: new Date(Math.floor(at.getTime() / 1_000) * 1_000),
      publishedAt: at,
      publishedBy: actor,
    });
    await enqueue(tx, 'touch-program-passes', { programId: program.programId, after: null });
    await appendAudit(tx, {
      actor,
      action: 'program.publish',
      object: `program:${programId}`,
      beforeHash: newest === undefined ? null : fingerprint(newest.document),
      afterHash: fingerprint(parsed.data),
      reason: null,
      occurredAt: at,
    });
    return { ...published, warnings };
  });
}
