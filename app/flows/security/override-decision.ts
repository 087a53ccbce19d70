/** A person looks at what a machine decided against a member, and says that they are fine. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { overrideDecision as overrideRow } from '#app/data/security/decisions.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** How long the person's word stands: long enough for the sale that is going on, and the next. */
const standsMs = 24 * 3_600_000;
const reasonMax = 500;

/** Overrides one decision; the first word stands. Throws `NotFound`, `InvalidInput` without a reason. */
export async function overrideDecision(asked: {
  shopId: ShopId;
  actor: string;
  decisionId: string;
  reason: string;
}): Promise<void> {
  const { shopId, actor, decisionId } = asked;
  const reason = asked.reason.trim();
  if (reason === '' || reason.length > reasonMax)
    throw new InvalidInput('reason-missing', 'A decision was overridden without a reason', {
      publicMessage: 'Say why this member is fine, in a few words.',
    });
  await withShop(shopId, async (tx) => {
    const at = now();
    const until = new Date(at.getTime() + standsMs);
    const { isNew, decision } = await overrideRow(tx, { decisionId, actor, reason, at, until });
    if (!isNew) return;
    await appendAudit(tx, {
      actor,
      action: 'security.override',
      object: `member:${decision.memberId}`,
      beforeHash: fingerprint({ decisionId, outcome: decision.outcome, rules: decision.rules }),
      afterHash: fingerprint({ decisionId, outcome: 'allow' }),
      reason,
      occurredAt: at,
    });
  });
}
