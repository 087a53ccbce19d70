/** After a change of address a card is not emptied the same day: whoever took over somebody's mail gains nothing quickly. */
import { redemptionCostMax } from '#app/data/access/access-settings.ts';
import { readContactChange } from '#app/data/members/proven-addresses.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { Conflict } from '#app/lib/errors.ts';
import type { MemberId } from '#app/lib/ids.ts';

const coolOffMs = 24 * 3_600_000;

/** Throws `Conflict` 'contact-changed' for a reward dearer than the shop lets go without a manager, for a day. */
export async function checkCoolOff(
  tx: Tx,
  wanted: { memberId: MemberId; cost: number; channel: string; at: Date },
): Promise<void> {
  const changedAt = await readContactChange(tx, wanted.memberId);
  if (changedAt === null || wanted.at.getTime() - changedAt.getTime() >= coolOffMs) return;
  const costMax = await redemptionCostMax(tx, wanted.channel === 'pos' ? 'pos' : 'api');
  if (costMax === null || wanted.cost <= costMax) return;
  throw new Conflict('contact-changed', 'A reward of high value is asked for right after a change of address', {
    publicMessage:
      'The e-mail address of this card was changed today. Rewards of this value can be had again in a day.',
  });
}
