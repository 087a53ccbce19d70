/**
 * Devices are told in bulk, no faster than phones can be served: every push is answered by a fetch. The pace is shared by
 * all workers, falls when fetches go badly and comes back by itself.
 */
import { setTimeout as delay } from 'node:timers/promises';

import { readSigningCertificate } from '#app/data/cards/apple-certificates.ts';
import { type BulkPush, finishBulkPushes, nextBulkPushAt, takeBulkPushes } from '#app/data/cards/bulk-pushes.ts';
import { noteProblems } from '#app/data/cards/freshness.ts';
import { listPushTargets, type PushTarget, recordPushes } from '#app/data/cards/pushes.ts';
import { noteLanes, readLoweredPace } from '#app/data/system/push-lanes.ts';
import { takeTokens } from '#app/data/system/token-bucket.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import type { AppleCertificate } from '#app/domain/cards/apple-certificate.ts';
import { consequenceOf, problemOf } from '#app/domain/cards/push-outcome.ts';
import { paceAt } from '#app/domain/cards/push-pacing.ts';
import { appleIssuerOf } from '#app/gateways/apple-issuers.ts';
import { openLanes } from '#app/gateways/apns-lanes.ts';
import { laneStates, type Pushed, pushDevices } from '#app/gateways/push-devices.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import { env } from '#app/lib/env.ts';
import type { PassId, ShopId } from '#app/lib/ids.ts';

/** How long one job goes on before others of its lane have a turn. */
const runMs = 10_000;
/** Passes told at once: a quarter of a second's worth, so that a pace that falls is felt at once. */
const sharePerTake = 4;
const takenMax = 1_000;
/** While one share is with Apple the next ones are read from the database, and the last is written down. */
const hands = 4;
/** Longer than any push may take. Who dies holding passes delays them by this. */
const holdMs = 30_000;
const bucket = 'apple-bulk';

/** Tells devices in line until none is left or the time is up, then asks to be run again. Safe to repeat and to kill. */
export async function pushWaiting({ shopId }: { shopId: ShopId }): Promise<void> {
  const endsAt = Date.now() + runMs;
  const line: Line = { after: null };
  await openLanes();
  const goOn = async (): Promise<void> => {
    while (Date.now() < endsAt && (await pushShare(shopId, line)));
  };
  // The first share goes alone: while it opens the way to Apple, others would queue up and then be told at once.
  if (await pushShare(shopId, line)) await Promise.all(Array.from({ length: hands }, goOn));
  await withShop(shopId, async (tx) => {
    const next = await nextBulkPushAt(tx);
    if (next !== null) await enqueue(tx, 'push-waiting', {}, next);
  });
}

/** How far along the line this run has come; it begins anew at the end. */
type Line = { after: PassId | null };

/** One share, when its turn has come. False when nobody is in line. */
async function pushShare(shopId: ShopId, line: Line): Promise<boolean> {
  const perSecond = paceAt(await readLoweredPace(), { perSecondMax: env().PASS_FETCHES_PER_SECOND, at: new Date() });
  const wanted = Math.min(takenMax, Math.ceil(perSecond / sharePerTake));
  const { granted, waitMs } = await takeTokens({ bucket, perSecond, burst: wanted, wanted });
  await delay(waitMs);
  if (granted === 0) return true;
  const { after } = line;
  const share = await withShop(shopId, (tx) => takeShare(tx, after, granted));
  const [last] = share.taken
    .map(({ passId }) => passId)
    .toSorted()
    .slice(-1);
  line.after = last ?? null;
  if (last === undefined) return after !== null;
  const pushed = await pushDevices(share.targets, (type) => appleIssuerOf(share.certificates.get(type) ?? null));
  await withShop(shopId, (tx) => recordShare(tx, share.taken, pushed));
  await noteLanes(laneStates(pushed));
  return true;
}

type Share = { taken: BulkPush[]; targets: PushTarget[]; certificates: Map<string | null, AppleCertificate | null> };

async function takeShare(tx: Tx, after: PassId | null, limit: number): Promise<Share> {
  const taken = await takeBulkPushes(tx, { after, limit, holdMs });
  const targets = await listPushTargets(
    tx,
    taken.map(({ passId }) => passId),
    now(),
  );
  const certificates: Share['certificates'] = new Map();
  for (const type of new Set(targets.map((target) => target.passTypeIdentifier)))
    certificates.set(type, await readSigningCertificate(tx, type));
  return { taken, targets, certificates };
}

async function recordShare(tx: Tx, taken: BulkPush[], pushed: Pushed<PushTarget>[]): Promise<void> {
  const at = now();
  const results = pushed.map(({ target, outcome }) => ({
    target,
    consequence: consequenceOf(outcome, { ...target, at }),
  }));
  await recordPushes(tx, results, at);
  const later = new Map<PassId, Date>();
  for (const { target, consequence } of results) {
    if (consequence.kind !== 'later') continue;
    const known = later.get(target.passId);
    later.set(target.passId, known !== undefined && known < consequence.at ? known : consequence.at);
  }
  await finishBulkPushes(tx, taken, later);
  const problem = problemOf(pushed.map(({ outcome }) => outcome));
  if (problem !== null) await noteProblems(tx, [...later.keys()], problem);
}
