/**
 * A phone fetches its pass: sealed now, from the current state. Unchanged since what the phone holds means there is
 * nothing to send.
 */
import { readCardView } from '#app/data/cards/card-view.ts';
import { findShopBySerial } from '#app/data/directory.ts';
import { findAuthorizedPass, markSeen, passToken } from '#app/data/cards/passes.ts';
import { readLogo } from '#app/data/cards/shop-images.ts';
import { withShop } from '#app/data/tenancy.ts';
import { passTypeIdentifier, sealApplePass } from '#app/gateways/apple-pass.ts';
import { now } from '#app/lib/clock.ts';

export type PassRequest = {
  passTypeIdentifier: string;
  serialNumber: string;
  /** What followed `ApplePass `, or null. */
  token: string | null;
  ifModifiedSince: Date | null;
  /** A HEAD request looks without taking: nothing is marked as seen. */
  isProbe: boolean;
};

export type ServedPass =
  | { kind: 'unauthorized' }
  | { kind: 'not-modified'; lastModified: Date }
  | { kind: 'pass'; lastModified: Date; body: Buffer };

/** Answers a device's request for a pass. Unknown serials and wrong tokens look the same. Safe to repeat. */
export async function servePass(request: PassRequest): Promise<ServedPass> {
  const ours = passTypeIdentifier();
  const shopId = request.passTypeIdentifier === ours ? await findShopBySerial(request.serialNumber) : null;
  if (shopId === null) return { kind: 'unauthorized' };
  const found = await withShop(shopId, async (tx) => {
    const authorized = await findAuthorizedPass(tx, { ...request, at: now() });
    if (authorized === null) return { kind: 'unauthorized' as const };
    const { pass } = authorized;
    const { lastModified } = pass;
    // A version is seen only by who takes it, or who says to hold it already.
    if (!request.isProbe) await markSeen(tx, pass.passId, { version: pass.version, at: now() });
    if (request.ifModifiedSince !== null && request.ifModifiedSince >= lastModified)
      return { kind: 'not-modified' as const, lastModified };
    const view = await readCardView(tx, pass.memberId, { pass, at: now() });
    return { kind: 'pass' as const, lastModified, pass, view, logo: await readLogo(tx, view.design.design) };
  });
  if (found.kind !== 'pass') return found;
  const { pass, view, logo, lastModified } = found;
  const body = await sealApplePass({
    serial: pass.serial,
    token: passToken(view.keys, ours, pass.serial),
    content: view.content,
    design: view.design.design,
    logo,
  });
  return { kind: 'pass', lastModified, body };
}
