/** A member's balances as the API shows them. */
import type { MemberBalance } from '#app/contracts/api.ts';
import { readAvailability } from '#app/data/ledger/availability.ts';
import { readLivingMember } from '#app/data/members/members.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Every unit of the program in its order, then units that older versions had. Throws `NotFound`. */
export async function memberBalance(shopId: ShopId, memberId: string): Promise<MemberBalance> {
  return withShop(shopId, async (tx) => {
    const member = await readLivingMember(tx, memberId);
    const units = (await newestRuleVersion(tx, member.programId))?.document.units ?? [];
    const stored = await readAvailability(tx, member.memberId);
    const former = [...stored.keys()].filter((id) => !units.some((unit) => unit.id === id));
    const shown = [...units, ...former.map((id) => ({ kind: 'point' as const, id, label: id }))];
    return {
      memberId: member.memberId,
      balances: shown.map((unit) => {
        const figures = stored.get(unit.id);
        const needed = unit.kind === 'stamp' ? unit.stampsNeeded : null;
        return {
          unit: unit.id,
          kind: unit.kind,
          label: unit.label,
          amount: figures?.balance ?? 0,
          held: figures?.held ?? 0,
          pending: figures?.pending ?? 0,
          available: figures?.available ?? 0,
          collected: figures?.collected ?? 0,
          needed,
        };
      }),
    };
  });
}
