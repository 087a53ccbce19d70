/** A member's balances as the API shows them. */
import type { MemberBalance } from '#app/contracts/api.ts';
import { readBalances } from '#app/data/ledger/ledger.ts';
import { readMember } from '#app/data/members/members.ts';
import { newestRuleVersion } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Every unit of the program in its order, then units that older versions had. Throws `NotFound`. */
export async function memberBalance(shopId: ShopId, memberId: string): Promise<MemberBalance> {
  return withShop(shopId, async (tx) => {
    const member = await readMember(tx, memberId);
    const units = (await newestRuleVersion(tx, member.programId))?.document.units ?? [];
    const stored = new Map((await readBalances(tx, [member.memberId])).map((balance) => [balance.unit, balance]));
    const former = [...stored.keys()].filter((id) => !units.some((unit) => unit.id === id));
    const shown = [...units, ...former.map((id) => ({ kind: 'point' as const, id, label: id }))];
    return {
      memberId: member.memberId,
      balances: shown.map((unit) => {
        const { amount, held } = stored.get(unit.id) ?? { amount: 0, held: 0 };
        const needed = unit.kind === 'stamp' ? unit.stampsNeeded : null;
        return {
          unit: unit.id,
          kind: unit.kind,
          label: unit.label,
          amount,
          held,
          available: Math.max(0, amount - held),
          needed,
        };
      }),
    };
  });
}
