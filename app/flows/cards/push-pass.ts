/** Apple devices that carry a pass are woken; they then fetch it. */
import { type DeviceRegistration, dropGoneDevice, listDevices, markPushed } from '#app/data/cards/devices.ts';
import { findPass, type Pass } from '#app/data/cards/passes.ts';
import { withShop } from '#app/data/tenancy.ts';
import { passTypeIdentifier } from '#app/gateways/apple-pass.ts';
import type { PushOutcome } from '#app/gateways/apns-outcome.ts';
import { apns } from '#app/gateways/connections.ts';
import { now } from '#app/lib/clock.ts';
import { Unavailable } from '#app/lib/errors.ts';
import type { ShopId } from '#app/lib/ids.ts';

type Pushed = { device: DeviceRegistration; outcome: PushOutcome };

/**
 * Pushes the pass's current version to every device that was not told yet. Devices that are gone are dropped; a refused
 * certificate drops nobody. Throws `Unavailable` while some device could not be told: the next attempt tells only those.
 */
export async function pushPass({ shopId, passId }: { shopId: ShopId; passId: string }): Promise<void> {
  const found = await withShop(shopId, async (tx) => {
    const pass = await findPass(tx, passId);
    return pass === null ? null : { pass, devices: await listDevices(tx, pass.passId) };
  });
  if (found === null) return;
  const { pass } = found;
  const due = found.devices.filter((device) => device.lastPushedVersion < pass.version);
  const topic = passTypeIdentifier();
  const pushed = await Promise.all(
    due.map(async (device): Promise<Pushed> => ({ device, outcome: await apns().push(device.pushToken, topic) })),
  );
  await withShop(shopId, async (tx) => {
    for (const { device, outcome } of pushed) {
      if (outcome.kind === 'accepted')
        await markPushed(tx, { passId: pass.passId, device: device.device, version: pass.version, at: now() });
      const tokenAt = goneTokenAt(device, outcome);
      if (tokenAt !== null) await dropGoneDevice(tx, { passId: pass.passId, device: device.device, tokenAt });
    }
  });
  throwIfUnfinished(pass, pushed);
}

/** Up to which registration the device is gone, or null when it is not. A token told after Apple's word is still good. */
function goneTokenAt(device: DeviceRegistration, outcome: PushOutcome): Date | null {
  if (outcome.kind === 'bad-token') return device.tokenAt;
  if (outcome.kind !== 'gone') return null;
  return outcome.since === null || outcome.since > device.tokenAt ? device.tokenAt : null;
}

function throwIfUnfinished(pass: Pass, pushed: Pushed[]): void {
  const waits: number[] = [];
  for (const { outcome } of pushed) {
    if (outcome.kind === 'certificate-refused')
      throw new Unavailable('apns-certificate-refused', `Apple refused the pass certificate: ${outcome.reason}`);
    if (outcome.kind === 'throttled') waits.push(outcome.retryAfterMs);
    if (outcome.kind === 'unavailable') waits.push(outcome.retryAfterMs ?? 0);
  }
  if (waits.length > 0)
    throw new Unavailable('apns-unavailable', `${waits.length} devices of pass ${pass.passId} could not be told`, {
      retryAfterMs: Math.max(...waits),
    });
}
