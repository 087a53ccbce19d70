/** Programs, their published rule versions and card designs. Published rows never change. */
import { readShop } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { type ProgramDocument, programDocumentSchema } from '#app/domain/programs/program.ts';
import { isUniqueViolation } from '#app/data/database.ts';
import { Conflict, NotFound } from '#app/lib/errors.ts';
import { isId, newId, newSerial, type ProgramId, type RuleVersionId } from '#app/lib/ids.ts';

export type SignUpPlace = 'checkout' | 'link' | 'pos';

export type Program = {
  programId: ProgramId;
  slug: string;
  state: 'draft' | 'live' | 'ended';
  draft: ProgramDocument;
  draftRevision: number;
  signUpPlaces: SignUpPlace[];
};

export type RuleVersion = {
  versionId: RuleVersionId;
  programId: ProgramId;
  number: number;
  document: ProgramDocument;
  effectiveFrom: Date;
  publishedAt: Date;
};

export const programsPerShopMax = 20;
/** As many as are ever read at once: an order is settled by the version it was pinned to, however old. */
export const versionsPerShopMax = 5_000;
const slugHeadMax = 48;
const slugTailLength = 6;

function toProgram(row: {
  id: string;
  slug: string;
  state: string;
  draft: unknown;
  draftRevision: number;
  signUpPlaces: string[];
}): Program {
  return {
    programId: row.id as ProgramId,
    slug: row.slug,
    state: row.state as Program['state'],
    draft: row.draft as ProgramDocument,
    draftRevision: row.draftRevision,
    signUpPlaces: row.signUpPlaces as SignUpPlace[],
  };
}

/** The shop's programs, oldest first. */
export async function listPrograms(tx: Tx): Promise<Program[]> {
  const rows = await tx.orm.program.findMany({
    where: { shopId: tx.shopId },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    take: programsPerShopMax,
  });
  return rows.map(toProgram);
}

/** One program. Throws `NotFound`. */
export async function readProgram(tx: Tx, programId: ProgramId): Promise<Program> {
  const row = isId(programId)
    ? await tx.orm.program.findUnique({ where: { shopId_id: { shopId: tx.shopId, id: programId } } })
    : null;
  if (row === null) throw new NotFound('program-not-found', 'No such program');
  return toProgram(row);
}

/** The program that takes members after an order, with its rules. Throws `NotFound` while there is none. */
export async function readCheckoutProgram(tx: Tx): Promise<{ program: Program; version: RuleVersion }> {
  const programs = await listPrograms(tx);
  const program = programs.find((one) => one.state === 'live' && one.signUpPlaces.includes('checkout'));
  const version = program === undefined ? null : await newestRuleVersion(tx, program.programId);
  if (program === undefined || version === null)
    throw new NotFound('program-not-live', 'No live program takes members after an order');
  return { program, version };
}

/** Creates a program in draft. Throws `Conflict` when the slug is taken (by any shop). */
export async function createProgram(
  tx: Tx,
  program: { slug: string; draft: ProgramDocument; signUpPlaces: SignUpPlace[]; at: Date },
): Promise<ProgramId> {
  const programId = newId<ProgramId>();
  try {
    await tx.query(
      `insert into program (shop_id, id, slug, draft, sign_up_places, created_at) values ($1, $2, $3, $4, $5, $6)`,
      [tx.shopId, programId, program.slug, JSON.stringify(program.draft), program.signUpPlaces, program.at],
    );
  } catch (error) {
    if (isUniqueViolation(error, 'program_slug_key'))
      throw new Conflict('slug-taken', 'The address of the join page is taken', { cause: error });
    throw error;
  }
  return programId;
}

/** Creates a program in draft under an address of its own: the shop's name, and a tail that nobody can guess or collide with. */
export async function draftProgram(
  tx: Tx,
  program: { draft: ProgramDocument; signUpPlaces: SignUpPlace[]; at: Date },
): Promise<ProgramId> {
  const { domain } = await readShop(tx);
  const tail = newSerial()
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .slice(0, slugTailLength);
  const slug = `${domain.replace('.myshopify.com', '').slice(0, slugHeadMax)}-${tail}`;
  return createProgram(tx, { ...program, slug });
}

/** Replaces the draft; `draftRevision` rises by one. Answers the new revision. */
export async function writeDraft(
  tx: Tx,
  programId: ProgramId,
  draft: { document: ProgramDocument; signUpPlaces: SignUpPlace[] },
): Promise<number> {
  const [row] = await tx.query<{ draft_revision: number }>(
    `update program set draft = $3, sign_up_places = $4, draft_revision = draft_revision + 1
     where shop_id = $1 and id = $2 returning draft_revision`,
    [tx.shopId, programId, JSON.stringify(draft.document), draft.signUpPlaces],
  );
  return row?.draft_revision ?? 0;
}

/** Holds a program until the transaction ends: of two who publish at once, the second sees what the first did. */
export async function lockProgram(tx: Tx, programId: ProgramId): Promise<void> {
  if (!isId(programId)) return;
  await tx.query('select 1 as one from program where shop_id = $1 and id = $2 for no key update', [
    tx.shopId,
    programId,
  ]);
}

/** Appends a rule version and makes the program live; its rewards become the catalogue. */
export async function insertRuleVersion(
  tx: Tx,
  version: {
    programId: ProgramId;
    document: ProgramDocument;
    effectiveFrom: Date;
    publishedAt: Date;
    publishedBy: string;
    /** The number of the older version whose document this is again. */
    restores?: number;
  },
): Promise<{ versionId: RuleVersionId; number: number }> {
  const versionId = newId<RuleVersionId>();
  // The program row is the lock: two publishers get two numbers.
  await tx.query(`update program set state = 'live' where shop_id = $1 and id = $2`, [tx.shopId, version.programId]);
  const [row] = await tx.query<{ number: number }>(
    `insert into rule_version (shop_id, id, program_id, number, document, effective_from, published_at, published_by, restores)
     select $1, $2, $3, coalesce(max(number), 0) + 1, $4, $5, $6, $7, $8 from rule_version where shop_id = $1 and program_id = $3
     returning number`,
    [
      tx.shopId,
      versionId,
      version.programId,
      JSON.stringify(version.document),
      version.effectiveFrom,
      version.publishedAt,
      version.publishedBy,
      version.restores ?? null,
    ],
  );
  await tx.query(`update reward set is_active = false where shop_id = $1 and program_id = $2 and not (id = any($3))`, [
    tx.shopId,
    version.programId,
    version.document.rewards.map((reward) => reward.id),
  ]);
  await tx.query(
    `insert into reward (shop_id, program_id, id, document)
     select $1, $2, r->>'id', r from jsonb_array_elements($3::jsonb) r
     on conflict (shop_id, program_id, id) do update set document = excluded.document, is_active = true`,
    [tx.shopId, version.programId, JSON.stringify(version.document.rewards)],
  );
  return { versionId, number: row?.number ?? 1 };
}

/** A published version never changes, so a document parsed once is kept. */
const documents = new Map<RuleVersionId, ProgramDocument>();
const documentsMax = 4 * versionsPerShopMax;

async function loadDocuments(tx: Tx, versionIds: RuleVersionId[]): Promise<void> {
  const missing = versionIds.filter((versionId) => !documents.has(versionId));
  if (missing.length === 0) return;
  if (documents.size + missing.length > documentsMax) documents.clear();
  const rows = await tx.query<{ id: RuleVersionId; document: unknown }>(
    'select id, document from rule_version where shop_id = $1 and id = any($2)',
    [tx.shopId, missing],
  );
  for (const row of rows) documents.set(row.id, programDocumentSchema.parse(row.document));
}

type VersionRow = {
  id: RuleVersionId;
  program_id: ProgramId;
  number: number;
  effective_from: Date;
  published_at: Date;
};

async function withDocuments(tx: Tx, rows: VersionRow[]): Promise<RuleVersion[]> {
  const versionIds = rows.map((row) => row.id);
  await loadDocuments(tx, versionIds);
  return rows.flatMap((row) => {
    const document = documents.get(row.id);
    if (document === undefined) return [];
    const { id: versionId, program_id: programId, effective_from: effectiveFrom, published_at: publishedAt } = row;
    return [{ versionId, programId, number: row.number, document, effectiveFrom, publishedAt }];
  });
}

/** All published versions of the shop, newest first. */
export async function listRuleVersions(tx: Tx): Promise<RuleVersion[]> {
  const rows = await tx.query<VersionRow>(
    `select id, program_id, number, effective_from, published_at from rule_version
     where shop_id = $1 order by effective_from desc, number desc limit $2`,
    [tx.shopId, versionsPerShopMax],
  );
  return withDocuments(tx, rows);
}

/** The newest published version of a program, or null while it is a draft. */
export async function newestRuleVersion(tx: Tx, programId: ProgramId): Promise<RuleVersion | null> {
  const rows = await tx.query<VersionRow>(
    `select id, program_id, number, effective_from, published_at from rule_version
     where shop_id = $1 and program_id = $2 order by effective_from desc, number desc limit 1`,
    [tx.shopId, programId],
  );
  const [version] = await withDocuments(tx, rows);
  return version ?? null;
}
