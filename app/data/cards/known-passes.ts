/**
 * What this process knows of passes that phones asked for. Before each use the database is asked whether it is still so: an
 * answer from memory is the answer the database would give in that moment, whoever changed what, and through whichever
 * connection. Forgetting, or knowing something old, costs a reading and never an answer.
 */
import { pool, prepared } from '#app/data/database.ts';
import { joinCallers } from '#app/data/joined-callers.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** `question` is what the database is asked about the pass, written once when the pass is read. */
type KnownPass = { serial: string; question: string };

/** The question whether a pass is still so; `mark` is the database's own word for everything that was read. */
export function questionAbout(pass: { shopId: ShopId; serial: string; mark: string }): string {
  return JSON.stringify([pass.shopId, pass.serial, pass.mark]);
}

/** Whether the database would say the same of the pass now. Throws `Unavailable`. */
export const isAsKnown: (known: KnownPass) => Promise<boolean> = joinCallers(async (known: KnownPass[]) => {
  const asked = known.map(({ question }) => question).join(',');
  const { rows } = await pool().query<{ place: number }>(
    prepared('select passes_not_as_known($1::jsonb) as place', [`[${asked}]`]),
  );
  if (rows.length === 0) return known.map(() => true);
  const others = new Set(rows.map(({ place }) => place - 1));
  return known.map((_, place) => !others.has(place));
});

/**
 * Remembers at most `entriesMax` passes by their serials, of which half are sure to be the ones used last. They are forgotten
 * by halves, so that using one that was used lately costs a look and no change.
 */
export function createKnownPasses<Pass extends KnownPass>({ entriesMax }: { entriesMax: number }) {
  let recent = new Map<string, Pass>();
  let older = new Map<string, Pass>();
  const remember = (pass: Pass): void => {
    if (recent.size >= entriesMax / 2 && !recent.has(pass.serial)) {
      older = recent;
      recent = new Map();
    }
    older.delete(pass.serial);
    recent.set(pass.serial, pass);
  };
  return {
    remember,
    recall: (serial: string): Pass | undefined => {
      const pass = recent.get(serial);
      if (pass !== undefined) return pass;
      const aged = older.get(serial);
      if (aged !== undefined) remember(aged);
      return aged;
    },
    forget: (serial: string): void => {
      recent.delete(serial);
      older.delete(serial);
    },
  };
}
