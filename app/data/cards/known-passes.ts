/**
 * What this process knows of passes that phones asked for. Before each use the database is asked whether it is still so: an
 * answer from memory is the answer the database would give in that moment, whoever changed what, and through whichever
 * connection. Forgetting, or knowing something old, costs a reading and never an answer.
 */
import { pool, prepared } from '#app/data/database.ts';
import { joinCallers } from '#app/data/joined-callers.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** `mark` is the database's own word for everything that was read. */
type KnownPass = { shopId: ShopId; serial: string; mark: string };

/** Whether the database would say the same of the pass now. Throws `Unavailable`. */
export const isAsKnown: (known: KnownPass) => Promise<boolean> = joinCallers(async (known: KnownPass[]) => {
  const { rows } = await pool().query<{ place: number }>(
    prepared('select passes_not_as_known($1, $2, $3) as place', [
      known.map(({ shopId }) => shopId),
      known.map(({ serial }) => serial),
      known.map(({ mark }) => mark),
    ]),
  );
  const others = new Set(rows.map(({ place }) => place - 1));
  return known.map((_, place) => !others.has(place));
});

/** Remembers at most `entriesMax` passes by their serials; the one used longest ago goes first. */
export function createKnownPasses<Pass extends KnownPass>({ entriesMax }: { entriesMax: number }) {
  const entries = new Map<string, Pass>();
  const remember = (pass: Pass): void => {
    entries.delete(pass.serial);
    entries.set(pass.serial, pass);
    const [oldest] = entries.size > entriesMax ? entries.keys() : [];
    if (oldest !== undefined) entries.delete(oldest);
  };
  return {
    remember,
    recall: (serial: string): Pass | undefined => {
      const pass = entries.get(serial);
      if (pass !== undefined) remember(pass);
      return pass;
    },
    forget: (serial: string): void => void entries.delete(serial),
  };
}
