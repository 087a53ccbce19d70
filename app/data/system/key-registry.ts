/** What the platform remembers of its keys: an id is of one key for ever, and public keys of evidence outlive theirs. */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';
import type { EndorsedKey } from '#app/lib/evidence.ts';

async function run<Row extends Record<string, unknown>>(text: string, values: unknown[]): Promise<Row[]> {
  try {
    return (await pool().query<Row>(prepared(text, values))).rows;
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

/** Notes the key-encryption keys in use. Answers the ids that were of another key before. Safe to repeat. */
export async function notePlatformKeys(keys: { id: string; fingerprint: string }[]): Promise<string[]> {
  const ids = keys.map(({ id }) => id);
  await run(
    'insert into platform_key (id, fingerprint) select * from unnest($1::text[], $2::text[]) on conflict do nothing',
    [ids, keys.map(({ fingerprint }) => fingerprint)],
  );
  const known = await run<{ id: string; fingerprint: string }>(
    'select id, fingerprint from platform_key where id = any($1)',
    [ids],
  );
  return known
    .filter((row) => keys.some(({ id, fingerprint }) => id === row.id && fingerprint !== row.fingerprint))
    .map(({ id }) => id);
}

export type PlatformKey = { id: string; firstUsedAt: Date };

/** Every key-encryption key there ever was, newest first; at most `limit`. */
export async function listPlatformKeys(limit: number): Promise<PlatformKey[]> {
  const rows = await run<{ id: string; first_used_at: Date }>(
    'select id, first_used_at from platform_key order by first_used_at desc, id limit $1',
    [limit],
  );
  return rows.map((row) => ({ id: row.id, firstUsedAt: row.first_used_at }));
}

const evidenceKeysMax = 1_000;

/** The public keys of evidence that were kept, each with the word of a later one. */
export async function listEvidenceKeys(): Promise<EndorsedKey[]> {
  const rows = await run<{ document: EndorsedKey }>('select document from evidence_key order by noted_at limit $1', [
    evidenceKeysMax,
  ]);
  return rows.map(({ document }) => document);
}

/** Keeps public keys of evidence with the newest word for each. Safe to repeat. */
export async function keepEvidenceKeys(keys: EndorsedKey[]): Promise<void> {
  await run(
    `insert into evidence_key as known (id, document) select * from unnest($1::text[], $2::jsonb[])
     on conflict (id) do update set document = excluded.document where known.document <> excluded.document`,
    [keys.map(({ endorsed }) => endorsed.payload.key.kid), keys.map((key) => JSON.stringify(key))],
  );
}

/** Binds the database to production, or to not being it. Answers whether it was bound to the other before. Safe to repeat. */
export async function isOfOtherEnvironment(environment: string): Promise<boolean> {
  await run(
    `insert into system_fact (key, value) values ('environment', to_jsonb($1::text)) on conflict (key) do nothing`,
    [environment],
  );
  const [row] = await run<{ value: string }>(`select value from system_fact where key = 'environment'`, []);
  const isProduction = (name: string | undefined) => name === 'production';
  return isProduction(row?.value) !== isProduction(environment);
}
