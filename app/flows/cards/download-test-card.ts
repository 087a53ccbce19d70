/** A merchant tries a draft on a phone: a real, sealed pass of nobody. Nothing is stored, so nothing counts. */
import { passToken } from '#app/data/cards/passes.ts';
import { openTestLink } from '#app/data/cards/test-links.ts';
import { sampleContent } from '#app/domain/cards/sample-content.ts';
import type { Language } from '#app/domain/members/languages.ts';
import { appleIssuerOf } from '#app/gateways/apple-issuers.ts';
import { sealApplePass } from '#app/gateways/apple-pass.ts';
import { now } from '#app/lib/clock.ts';
import { newSerial } from '#app/lib/ids.ts';

/**
 * The pass behind a test link, with a serial of its own each time; it says what the preview says. Throws `Forbidden` for a bad
 * or expired link, `InvalidInput` when the draft cannot be sealed, `Unavailable` without a certificate.
 */
export async function downloadTestCard(asked: { token: string; language: Language }): Promise<Buffer> {
  const test = await openTestLink(asked.token, { language: asked.language, at: now() });
  const issuer = appleIssuerOf(test.certificate);
  const serial = newSerial();
  return sealApplePass({
    issuer,
    serial,
    token: passToken(test.keys, issuer.passTypeIdentifier, serial),
    content: sampleContent(test.document, test.design, test.card),
    design: test.design,
    readImage: test.readImage,
  });
}
