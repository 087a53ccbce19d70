/** What strangers tell us about weaknesses. Reports belong to no shop and are sealed under a key of the installation. */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';
import { keyEncryptionKeys, newestKeyEncryptionKey } from '#app/lib/key-ring.ts';
import { openForPlatform, sealForPlatform } from '#app/lib/platform-box.ts';

export type Disclosure = { what: string; where: string; contact: string };
export type ReceivedDisclosure = Disclosure & { reportId: string; receivedAt: Date; toldAt: Date | null };

const placeOf = (reportId: string) => ({ table: 'disclosure_report', column: 'report', row: reportId });

async function ask<Row extends Record<string, unknown>>(text: string, values: unknown[]): Promise<Row[]> {
  try {
    return (await pool().query<Row>(prepared(text, values))).rows;
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

/** Keeps a report. Safe to repeat with the same id. */
export async function addDisclosure(reportId: string, disclosure: Disclosure, at: Date): Promise<void> {
  const { keyId, box } = sealForPlatform(placeOf(reportId), JSON.stringify(disclosure));
  await ask(
    'insert into disclosure_report (id, kek_id, report, received_at) values ($1, $2, $3, $4) on conflict do nothing',
    [reportId, keyId, box, at],
  );
}

/** The newest reports, opened; one whose key was taken away is left out. */
export async function listDisclosures(limit: number): Promise<ReceivedDisclosure[]> {
  const rows = await ask<{ id: string; kek_id: string; report: Buffer; received_at: Date; told_at: Date | null }>(
    'select id, kek_id, report, received_at, told_at from disclosure_report order by received_at desc limit $1',
    [limit],
  );
  return rows.flatMap((row) => {
    if (!keyEncryptionKeys().some(({ id }) => id === row.kek_id)) return [];
    const text = openForPlatform(placeOf(row.id), { keyId: row.kek_id, box: row.report });
    const report = JSON.parse(text) as Disclosure;
    return [{ ...report, reportId: row.id, receivedAt: row.received_at, toldAt: row.told_at }];
  });
}

/** Notes that somebody was told of these. */
export async function markDisclosuresTold(reportIds: string[], at: Date): Promise<void> {
  await ask('update disclosure_report set told_at = $2 where id = any($1::uuid[]) and told_at is null', [
    reportIds,
    at,
  ]);
}

/** Seals reports under the newest key-encryption key; at most `limit`. Answers how many were not. Safe to repeat. */
export async function rewrapDisclosures(limit: number): Promise<number> {
  const newest = newestKeyEncryptionKey();
  const rows = await ask<{ id: string; kek_id: string; report: Buffer }>(
    'select id, kek_id, report from disclosure_report where kek_id <> $1 and kek_id = any($2) order by id limit $3',
    [newest.id, keyEncryptionKeys().map(({ id }) => id), limit],
  );
  for (const row of rows) {
    const place = placeOf(row.id);
    const { keyId, box } = sealForPlatform(place, openForPlatform(place, { keyId: row.kek_id, box: row.report }));
    await ask('update disclosure_report set report = $2, kek_id = $3 where id = $1 and kek_id = $4', [
      row.id,
      box,
      keyId,
      row.kek_id,
    ]);
  }
  return rows.length;
}
