/**
 * A phone fetches its pass: sealed now, from the current state. Unchanged since what the phone holds means there is
 * nothing to send.
 */
import { readSigningCertificate } from '#app/data/cards/apple-certificates.ts';
import { findCardDesign, knownDesign } from '#app/data/cards/card-designs.ts';
import { readCardView } from '#app/data/cards/card-view.ts';
import { isDesignToBlame } from '#app/data/cards/design-failure.ts';
import { markSeen } from '#app/data/cards/freshness.ts';
import { findPassAtDoor, type PassAtDoor } from '#app/data/cards/pass-door.ts';
import { findPass, opensPass, passToken } from '#app/data/cards/passes.ts';
import { openPrepared } from '#app/data/cards/prepared-passes.ts';
import { imageReader } from '#app/data/cards/shop-images.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { appleIssuerOf, platformPassType } from '#app/gateways/apple-issuers.ts';
import { sealApplePass } from '#app/gateways/apple-pass.ts';
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

/**
 * Answers a device's request for a pass. Unknown serials and wrong tokens look the same. Safe to repeat. Most fetches follow
 * a push, so what the pass shows was worked out already; the others read everything anew.
 */
export async function servePass(request: PassRequest): Promise<ServedPass> {
  const { ifModifiedSince, isProbe } = request;
  const pass = await findPassAtDoor(request.serialNumber, ifModifiedSince);
  if (pass === null || !opensPass(pass, { ...request, at: now(), platformType: platformPassType }))
    return { kind: 'unauthorized' };
  const { lastModified } = pass;
  // A version is seen only by who takes it, or who says to hold it already.
  const isNews = !isProbe && pass.seenVersion < pass.version;
  if (ifModifiedSince !== null && ifModifiedSince.getTime() >= lastModified.getTime()) {
    if (isNews) await withShop(pass.shopId, (tx) => noteSeen(tx, pass));
    return { kind: 'not-modified', lastModified };
  }
  const body = await sealPrepared(pass, isNews);
  return body === null ? sealAnew(pass, isNews) : { kind: 'pass', lastModified, body };
}

const noteSeen = (tx: Tx, { passId, version }: PassAtDoor) => markSeen(tx, passId, { version, at: now() });

/** Seals what was worked out when the change was announced; null when there is no such thing. */
async function sealPrepared(pass: PassAtDoor, isNews: boolean): Promise<Buffer | null> {
  const { shopId, prepared, keys } = pass;
  if (prepared === null) return null;
  const { programId, designNumber } = prepared;
  const known = knownDesign(shopId, { programId, number: designNumber });
  const needed = known === null || isNews || pass.passTypeIdentifier !== null;
  const read = needed
    ? await withShop(shopId, async (tx) => {
        if (isNews) await noteSeen(tx, pass);
        return {
          design: known ?? (await findCardDesign(tx, programId, designNumber)),
          certificate: await readSigningCertificate(tx, pass.passTypeIdentifier),
        };
      })
    : { design: known, certificate: null };
  if (read.design === null) return null;
  const content = openPrepared(keys, { passId: pass.passId, content: prepared.content });
  const issuer = appleIssuerOf(read.certificate);
  const sealed = sealApplePass({
    issuer,
    serial: pass.serial,
    token: pass.tokenFor(issuer.passTypeIdentifier),
    content,
    design: read.design,
    readImage: imageReader(shopId),
  });
  // What cannot be sealed is read anew: there it is found whether its design is to blame.
  return sealed.catch(() => null);
}

/** The pass may have changed since it was looked at: what is sent goes with the date of what is read now. */
async function sealAnew(door: PassAtDoor, isNews: boolean): Promise<ServedPass> {
  const { shopId, passId, serial } = door;
  const found = await withShop(shopId, async (tx) => {
    const pass = await findPass(tx, passId);
    if (pass === null) return null;
    if (isNews) await markSeen(tx, passId, { version: pass.version, at: now() });
    const view = await readCardView(tx, pass.memberId, { pass, at: now() });
    return { pass, view, certificate: await readSigningCertificate(tx, pass.passTypeIdentifier) };
  });
  if (found === null) return { kind: 'unauthorized' };
  const { view } = found;
  const issuer = appleIssuerOf(found.certificate);
  try {
    const body = await sealApplePass({
      issuer,
      serial,
      token: passToken(view.keys, issuer.passTypeIdentifier, serial),
      content: view.content,
      design: view.design.design,
      readImage: imageReader(shopId),
    });
    return { kind: 'pass', lastModified: found.pass.lastModified, body };
  } catch (error) {
    // With a design that was just taken back, the phone gets the one before at once.
    if (await isDesignToBlame(shopId, view, { error, at: now() })) return sealAnew(door, isNews);
    throw error;
  }
}
