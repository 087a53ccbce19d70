/** A shop's programs by name. */
import { listPrograms } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type ProgramName = { programId: ProgramId; name: string };

/** Oldest first, as their drafts call them. */
export async function programNames(shopId: ShopId): Promise<ProgramName[]> {
  return withShop(shopId, async (tx) =>
    (await listPrograms(tx)).map(({ programId, draft }) => ({ programId, name: draft.name })),
  );
}
