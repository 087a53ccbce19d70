/**
 * What a card shows, worked out when it was announced and kept for the fetch that follows: sealed, for minutes, and never
 * for longer than its version is the newest. Whoever finds nothing here reads everything anew.
 */
import type { CardView } from '#app/data/cards/card-view.ts';
import type { Pass } from '#app/data/cards/passes.ts';
import type { Tx } from '#app/data/tenancy.ts';
import type { PassContent } from '#app/domain/cards/pass-content.ts';
import type { PassId } from '#app/lib/ids.ts';
import { seal, type ShopKeys, unseal } from '#app/lib/sealed-box.ts';

/** How long after it was worked out a content may be sent. */
export const preparedForMs = 10 * 60_000;

const place = (passId: string) => ({ table: 'prepared_pass', column: 'content', row: passId });

/** Keeps what a pass shows, if some device carries it. A design that is still on its way may be taken back: not kept. */
export async function keepPrepared(
  tx: Tx,
  pass: Pick<Pass, 'passId' | 'version'>,
  made: { view: CardView; at: Date },
): Promise<void> {
  const { view, at } = made;
  if (view.design.isCandidate || view.design.number === 0) return;
  await tx.query(
    `insert into prepared_pass as c (shop_id, pass_id, version, program_id, design_number, content, made_at)
     select $1, $2, $3, $4, $5, $6, $7
     where exists (select from device_registration r where r.shop_id = $1 and r.pass_id = $2)
     on conflict (shop_id, pass_id) do update set version = excluded.version, program_id = excluded.program_id,
       design_number = excluded.design_number, content = excluded.content, made_at = excluded.made_at
       where c.version <= excluded.version`,
    [
      tx.shopId,
      pass.passId,
      pass.version,
      view.member.programId,
      view.design.number,
      seal(view.keys, place(pass.passId), JSON.stringify(view.content)),
      at,
    ],
  );
}

/** Opens a kept content. */
export function openPrepared(keys: ShopKeys, kept: { passId: PassId; content: Buffer }): PassContent {
  // Written by ourselves, from this very type, minutes ago.
  return JSON.parse(unseal(keys, place(kept.passId), kept.content)) as PassContent;
}

/** Removes what was kept before an instant. Answers how many, at most `limit`. */
export async function purgePreparedPasses(tx: Tx, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from prepared_pass where shop_id = $1 and pass_id in (
       select pass_id from prepared_pass where shop_id = $1 and made_at < $2 limit $3) returning 1 as one`,
    [tx.shopId, before, limit],
  );
  return rows.length;
}
