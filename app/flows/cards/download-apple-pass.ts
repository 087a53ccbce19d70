/** A shopper taps "Add to Apple Wallet" on the card page. */
import { readCardView } from '#app/data/cards/card-view.ts';
import { openCardLink } from '#app/data/cards/card-links.ts';
import { ensurePass, markSeen, passToken } from '#app/data/cards/passes.ts';
import { readLogo } from '#app/data/cards/shop-images.ts';
import { withShop } from '#app/data/tenancy.ts';
import { passTypeIdentifier, sealApplePass } from '#app/gateways/apple-pass.ts';
import { now } from '#app/lib/clock.ts';

/** The sealed pass behind a card link. Throws `Forbidden` for a bad or expired link. Safe to repeat. */
export async function downloadApplePass({ token }: { token: string }): Promise<{ body: Buffer; lastModified: Date }> {
  const ours = passTypeIdentifier();
  const link = await openCardLink(token, now());
  const { pass, view, logo } = await withShop(link.shopId, async (tx) => {
    const made = await ensurePass(tx, link.memberId, 'apple');
    await markSeen(tx, made.passId, { version: made.version, at: now() });
    const card = await readCardView(tx, link.memberId, { pass: made, at: now() });
    return { pass: made, view: card, logo: await readLogo(tx, card.design.design) };
  });
  const body = await sealApplePass({
    serial: pass.serial,
    token: passToken(view.keys, ours, pass.serial),
    content: view.content,
    design: view.design.design,
    logo,
  });
  return { body, lastModified: pass.lastModified };
}
