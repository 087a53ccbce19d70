/** A new look for the card: every member's card is redrawn, in slices. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { insertCardDesign, readProgram } from '#app/data/programs/programs.ts';
import { hasShopImage } from '#app/data/cards/shop-images.ts';
import { withShop } from '#app/data/tenancy.ts';
import { cardDesignSchema } from '#app/domain/cards/card-design.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { InvalidInput } from '#app/lib/errors.ts';
import { fingerprint } from '#app/lib/hash-chain.ts';
import type { ProgramId, ShopId } from '#app/lib/ids.ts';

export type PublishCardDesign = { shopId: ShopId; programId: string; design: unknown; actor: string };

/** Publishes a design and asks for all cards to be redrawn. Throws `InvalidInput`, `NotFound`. */
export async function publishCardDesign(asked: PublishCardDesign): Promise<{ number: number }> {
  const parsed = cardDesignSchema.safeParse(asked.design);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const message = `${issue?.path.join('.') ?? 'design'}: ${issue?.message ?? 'does not fit'}`;
    throw new InvalidInput('card-design-invalid', message, { publicMessage: message });
  }
  return withShop(asked.shopId, async (tx) => {
    const { programId } = await readProgram(tx, asked.programId as ProgramId);
    const { logoImage } = parsed.data;
    // The hash of another shop's picture is public; using it is not.
    if (logoImage !== null && !(await hasShopImage(tx, logoImage)))
      throw new InvalidInput('logo-not-found', 'The design names a picture the shop did not upload', {
        publicMessage: 'The logo is not there any more. Please upload it again.',
      });
    const number = await insertCardDesign(tx, programId, { design: parsed.data, at: now() });
    await enqueue(tx, 'touch-program-passes', { programId, after: null });
    await enqueue(tx, 'sync-google-class', { programId });
    await appendAudit(tx, {
      actor: asked.actor,
      action: 'card.publish',
      object: `program:${programId}`,
      beforeHash: null,
      afterHash: fingerprint(parsed.data),
      reason: null,
      occurredAt: now(),
    });
    return { number };
  });
}
