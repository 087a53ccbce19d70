/** Publishing, and the history of what was published. Published rows never change. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { insertRuleVersion, newestRuleVersion, versionsPerShopMax } from '#app/data/programs/programs.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type ProgramDocument, programDocumentSchema } from '#app/domain/programs/program.ts';
import { Conflict } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ProgramId, RuleVersionId } from '#app/lib/ids.ts';

export type PublishDocument = {
  programId: ProgramId;
  document: ProgramDocument;
  /** The older version whose document this is again; null when it comes from the draft. */
  restores: number | null;
  actor: string;
  at: Date;
};

const secondMs = 1_000;

/**
 * Makes a document the program's newest version, counting for orders made from now on; hold the program (`lockProgram`).
 * A document that says what the newest version says already publishes nothing. Throws `Conflict` when the shop has as
 * many versions as it may.
 */
export async function publishDocument(
  tx: Tx,
  { programId, document, restores, actor, at }: PublishDocument,
): Promise<{ versionId: RuleVersionId; number: number; isNew: boolean }> {
  const newest = await newestRuleVersion(tx, programId);
  if (newest !== null && fingerprint(newest.document).equals(fingerprint(document)))
    return { versionId: newest.versionId, number: newest.number, isNew: false };
  await refuseTooMany(tx);
  // Shopify tells when an order was made in whole seconds: one made in this very second counts.
  const second = Math.floor(at.getTime() / secondMs) * secondMs;
  const published = await insertRuleVersion(tx, {
    programId,
    document,
    // A clock that was set back must not put a version behind the one it follows.
    effectiveFrom: new Date(Math.max(second, newest?.effectiveFrom.getTime() ?? second)),
    publishedAt: at,
    publishedBy: actor,
    ...(restores !== null && { restores }),
  });
  await appendAudit(tx, {
    actor,
    action: restores === null ? 'program.publish' : 'program.roll-back',
    object: `program:${programId}`,
    beforeHash: newest === null ? null : fingerprint(newest.document),
    afterHash: fingerprint(document),
    reason: restores === null ? null : `version ${restores}`,
    occurredAt: at,
  });
  return { ...published, isNew: true };
}

async function refuseTooMany(tx: Tx): Promise<void> {
  const [row] = await tx.query<{ versions: number }>(
    'select count(*)::int as versions from rule_version where shop_id = $1',
    [tx.shopId],
  );
  if ((row?.versions ?? 0) >= versionsPerShopMax)
    throw new Conflict('versions-full', 'The shop has as many versions as it may', {
      publicMessage: `A shop has at most ${versionsPerShopMax} published versions.`,
    });
}

export type PublishedVersion = {
  number: number;
  document: ProgramDocument;
  effectiveFrom: Date;
  publishedAt: Date;
  publishedBy: string;
  restores: number | null;
};

/** Versions of a program, newest first, from below a number (null: from the newest). */
export async function listVersions(
  tx: Tx,
  programId: ProgramId,
  page: { below: number | null; limit: number },
): Promise<PublishedVersion[]> {
  const rows = await tx.query<{
    number: number;
    document: unknown;
    effective_from: Date;
    published_at: Date;
    published_by: string;
    restores: number | null;
  }>(
    `select number, document, effective_from, published_at, published_by, restores from rule_version
     where shop_id = $1 and program_id = $2 and number < coalesce($3::int, 2147483647) order by number desc limit $4`,
    [tx.shopId, programId, page.below, page.limit],
  );
  return rows.map((row) => ({
    number: row.number,
    document: programDocumentSchema.parse(row.document),
    effectiveFrom: row.effective_from,
    publishedAt: row.published_at,
    publishedBy: row.published_by,
    restores: row.restores,
  }));
}
