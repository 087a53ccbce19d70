/** Apple devices that carry a pass are woken; they then fetch it. */
import { readSigningCertificate } from '#app/data/cards/apple-certificates.ts';
import { askBulkPushes } from '#app/data/cards/bulk-pushes.ts';
import { noteProblem } from '#app/data/cards/freshness.ts';
import { listPushTargets, nextPushAt, recordPushes } from '#app/data/cards/pushes.ts';
import { noteLanes } from '#app/data/system/push-lanes.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { consequenceOf, problemOf } from '#app/domain/cards/push-outcome.ts';
import { bulkPauseMs } from '#app/domain/cards/push-pacing.ts';
import { appleIssuerOf } from '#app/gateways/apple-issuers.ts';
import { laneStates, pushDevices } from '#app/gateways/push-devices.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/**
 * Pushes the pass's current version to every device that was not told yet. Devices that are gone are dropped; a refused
 * certificate drops nobody. Those who could not be told are told later, when Apple said so or after twice as long each time.
 * In bulk the pass only joins the line. Safe to repeat: who was told is not told again.
 */
export async function pushPass(asked: { shopId: ShopId; passId: string; isBulk: boolean }): Promise<void> {
  const { shopId, passId, isBulk } = asked;
  if (isBulk) return withShop(shopId, (tx) => joinLine(tx, passId));
  const { targets, certificate } = await withShop(shopId, async (tx) => {
    const due = await listPushTargets(tx, [passId], now());
    const [first] = due;
    const signing = first === undefined ? null : await readSigningCertificate(tx, first.passTypeIdentifier);
    return { targets: due, certificate: signing };
  });
  const pushed = targets.length === 0 ? [] : await pushDevices(targets, () => appleIssuerOf(certificate));
  await withShop(shopId, async (tx) => {
    const at = now();
    await recordPushes(
      tx,
      pushed.map(({ target, outcome }) => ({ target, consequence: consequenceOf(outcome, { ...target, at }) })),
      at,
    );
    const problem = problemOf(pushed.map(({ outcome }) => outcome));
    if (problem !== null) await noteProblem(tx, passId, problem);
    const next = await nextPushAt(tx, passId);
    if (next !== null) await enqueue(tx, 'push-apple', { passId }, next);
  });
  await noteLanes(laneStates(pushed));
}

async function joinLine(tx: Tx, passId: string): Promise<void> {
  const at = await askBulkPushes(tx, [passId], bulkPauseMs);
  if (at !== null) await enqueue(tx, 'push-waiting', {}, at);
}
