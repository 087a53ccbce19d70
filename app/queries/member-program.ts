/** Which program a member belongs to. */
import { readMember } from '#app/data/members/members.ts';
import { withShop } from '#app/data/tenancy.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

/** Whether a member exists and belongs to one of these programs; one that was folded counts as whom it was folded into. */
export async function isMemberOfPrograms(shopId: ShopId, memberId: string, programIds: ProgramId[]): Promise<boolean> {
  try {
    const { programId } = await withShop(shopId, (tx) => readMember(tx, memberId));
    return programIds.includes(programId);
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}
