/** A shopper taps "Add to Apple Wallet" on the card page. */
import { readSigningCertificate } from '#app/data/cards/apple-certificates.ts';
import { readCardView } from '#app/data/cards/card-view.ts';
import { openCardLink } from '#app/data/cards/card-links.ts';
import { isDesignToBlame } from '#app/data/cards/design-failure.ts';
import { markSeen } from '#app/data/cards/freshness.ts';
import { passToken } from '#app/data/cards/passes.ts';
import { issuePass } from '#app/data/cards/pass-issuing.ts';
import { imageReader } from '#app/data/cards/shop-images.ts';
import { withShop } from '#app/data/tenancy.ts';
import { appleIssuerOf } from '#app/gateways/apple-issuers.ts';
import { sealApplePass } from '#app/gateways/apple-pass.ts';
import { now } from '#app/lib/clock.ts';

/** The sealed pass behind a card link. Throws `Forbidden` for a bad or expired link, and when the shop's plan lets no more
 * cards out under the platform's certificate. Safe to repeat. */
export async function downloadApplePass({ token }: { token: string }): Promise<{ body: Buffer; lastModified: Date }> {
  const link = await openCardLink(token, now());
  const { pass, view, certificate } = await withShop(link.shopId, async (tx) => {
    const made = await issuePass(tx, link.memberId, { wallet: 'apple', at: now() });
    await markSeen(tx, made.passId, { version: made.version, at: now() });
    const card = await readCardView(tx, link.memberId, { pass: made, at: now() });
    return {
      pass: made,
      view: card,
      certificate: await readSigningCertificate(tx, made.passTypeIdentifier),
    };
  });
  const issuer = appleIssuerOf(certificate);
  try {
    const body = await sealApplePass({
      issuer,
      serial: pass.serial,
      token: passToken(view.keys, issuer.passTypeIdentifier, pass.serial),
      content: view.content,
      design: view.design.design,
      readImage: imageReader(link.shopId),
    });
    return { body, lastModified: pass.lastModified };
  } catch (error) {
    // With a design that was just taken back, the shopper gets the one before at once.
    if (await isDesignToBlame(link.shopId, view, { error, at: now() })) return downloadApplePass({ token });
    throw error;
  }
}
