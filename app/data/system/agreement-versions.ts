/** Versions of the agreement with merchants. They are the same for every shop. */
import { describeDatabaseError, pool, prepared } from '#app/data/database.ts';
import type { Annexes } from '#app/domain/privacy/agreement.ts';

export type AgreementVersion = { number: number; annexes: Annexes; publishedAt: Date; countsFrom: Date };

type VersionRow = { number: number; annexes: Annexes; published_at: Date; counts_from: Date };

const toVersion = (row: VersionRow): AgreementVersion => ({
  number: row.number,
  annexes: row.annexes,
  publishedAt: row.published_at,
  countsFrom: row.counts_from,
});

/** The newest version, or null before the first. It belongs to no shop. */
export async function newestAgreement(): Promise<AgreementVersion | null> {
  try {
    const { rows } = await pool().query<VersionRow>(
      prepared(
        'select number, annexes, published_at, counts_from from agreement_version order by number desc limit 1',
        [],
      ),
    );
    return rows[0] === undefined ? null : toVersion(rows[0]);
  } catch (error) {
    throw describeDatabaseError(error);
  }
}

/** Adds a version unless the newest says the same. True when it is new; of two processes that try at once one adds it. */
export async function addAgreement(version: {
  hash: Buffer;
  annexes: Annexes;
  at: Date;
  countsFrom: Date;
}): Promise<boolean> {
  try {
    const { rowCount } = await pool().query(
      prepared(
        `insert into agreement_version (number, hash, annexes, published_at, counts_from)
         select coalesce(max(number), 0) + 1, $1, $2, $3::timestamptz, case when max(number) is null then $3::timestamptz else $4 end
         from agreement_version
         having (select hash from agreement_version order by number desc limit 1) is distinct from $1
         on conflict do nothing`,
        [version.hash, JSON.stringify(version.annexes), version.at, version.countsFrom],
      ),
    );
    return rowCount === 1;
  } catch (error) {
    throw describeDatabaseError(error);
  }
}
