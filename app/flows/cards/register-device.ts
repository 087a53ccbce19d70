/** A device asks to be told when a pass changes, or no longer wants to be. */
import {
  registerDevice as writeRegistration,
  unregisterDevice as deleteRegistration,
} from '#app/data/cards/devices.ts';
import { findShopBySerial } from '#app/data/directory.ts';
import { markIssued } from '#app/data/cards/pass-issuing.ts';
import { findAuthorizedPass, listAgain, type Pass } from '#app/data/cards/passes.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { platformPassType } from '#app/gateways/apple-issuers.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';

export type DeviceClaim = {
  device: string;
  passTypeIdentifier: string;
  serialNumber: string;
  token: string | null;
};

async function withPass<T>(claim: DeviceClaim, work: (tx: Tx, pass: Pass) => Promise<T>): Promise<T | 'unauthorized'> {
  const shopId = await findShopBySerial(claim.serialNumber);
  if (shopId === null) return 'unauthorized';
  return withShop(shopId, async (tx) => {
    const authorized = await findAuthorizedPass(tx, { ...claim, at: now(), platformType: platformPassType });
    return authorized === null ? 'unauthorized' : work(tx, authorized.pass);
  });
}

/**
 * Registers a device for a pass; a repeat takes its newest push token. When the pass changed between download and
 * registration, the device is told at once.
 */
export async function registerDevice(
  claim: DeviceClaim & { pushToken: string },
): Promise<'created' | 'updated' | 'unauthorized'> {
  return withPass(claim, async (tx, pass) => {
    const isNew = await writeRegistration(tx, {
      passId: pass.passId,
      device: claim.device,
      pushToken: claim.pushToken,
      at: new Date(),
    });
    if (pass.issuedAt === null) await markIssued(tx, pass.passId, now());
    if (pass.version > pass.seenVersion) {
      // Other passes may have given the device a tag that is newer than this change.
      await listAgain(tx, pass.passId);
      await enqueue(tx, 'push-apple', { passId: pass.passId });
    }
    return isNew ? 'created' : 'updated';
  });
}

/** Ends a registration; repeating it is fine. */
export async function unregisterDevice(claim: DeviceClaim): Promise<'done' | 'unauthorized'> {
  return withPass(claim, async (tx, pass) => {
    await deleteRegistration(tx, pass.passId, claim.device);
    return 'done' as const;
  });
}
