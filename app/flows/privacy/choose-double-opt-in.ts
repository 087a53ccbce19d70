/** The merchant decides whether consent by mail takes a second step. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { readDoubleOptIn, writeDoubleOptIn } from '#app/data/privacy/consent-settings.ts';
import { withShop } from '#app/data/tenancy.ts';
import { type DoubleOptIn, doubleOptInChoices } from '#app/domain/members/double-opt-in.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Keeps the choice. Safe to repeat. Throws `InvalidInput` for no choice of ours. */
export async function chooseDoubleOptIn(asked: { shopId: ShopId; choice: string; actor: string }): Promise<void> {
  const choice = doubleOptInChoices.find((one): one is DoubleOptIn => one === asked.choice);
  if (choice === undefined)
    throw new InvalidInput('double-opt-in-choice', 'There is no such choice', {
      publicMessage: 'Choose one of the three.',
    });
  await withShop(asked.shopId, async (tx) => {
    const before = await readDoubleOptIn(tx);
    if (before === choice) return;
    const at = now();
    await writeDoubleOptIn(tx, { choice, by: asked.actor, at });
    await appendAudit(tx, {
      actor: asked.actor,
      action: 'consent.double-opt-in',
      object: `shop:${asked.shopId}`,
      beforeHash: fingerprint(before),
      afterHash: fingerprint(choice),
      reason: choice,
      occurredAt: at,
    });
  });
}
