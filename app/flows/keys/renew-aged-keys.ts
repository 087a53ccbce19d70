/**
 * Keys that grew old are replaced without anybody asking, two weeks after the log said so: the data key and the link key of a
 * shop. Secrets of integrations only their owners can exchange: those are told of, and end on their day.
 */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { listPrograms } from '#app/data/programs/programs.ts';
import { lastNoticeAt, listEndingClients } from '#app/data/shops/key-notices.ts';
import {
  announceDataKey,
  findNewestRotation,
  holdKeys,
  type KnownKey,
  listKeys,
  replaceLinkKey,
} from '#app/data/shops/shop-keys.ts';
import { type Tx, withShop } from '#app/data/tenancy.ts';
import { keyAges, keyDueAt, keyDuty } from '#app/domain/security/key-ages.ts';
import { enqueue } from '#app/jobs/enqueue.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const dayMs = 86_400_000;
const keysReadMax = 50;
const reason = 'a year old';

/** Looks after one shop's keys by their age. Safe to repeat, also at once: nothing is said or done twice. */
export async function renewAgedKeys({ shopId }: { shopId: ShopId }): Promise<void> {
  const at = now();
  await withShop(shopId, async (tx) => {
    // Of several at once each sees what the one before it has said and done.
    if (!(await holdKeys(tx))) return;
    const { keys } = await listKeys(tx, keysReadMax);
    for (const key of keys.filter(({ state }) => state === 'current')) await tendByAge(tx, key, at);
    await tellOfEndingClients(tx, at);
  });
}

async function tendByAge(tx: Tx, key: KnownKey, at: Date): Promise<void> {
  const object = `${key.purpose === 'data' ? 'data-key' : 'link-key'}:${key.version}`;
  const noticedAt = await lastNoticeAt(tx, { action: 'key.due', object });
  const duty = keyDuty({ createdAt: key.createdAt, noticedAt }, at);
  if (duty === 'notice') {
    const day = new Date(Math.max(keyDueAt(key.createdAt).getTime(), at.getTime() + keyAges.noticeDays * dayMs));
    await note(tx, { action: 'key.due', object, reason: `replaced on ${day.toISOString().slice(0, 10)}`, at });
  }
  if (duty === 'replace') await (key.purpose === 'data' ? replaceDataKey(tx, at) : replaceLinks(tx, at));
}

async function replaceDataKey(tx: Tx, at: Date): Promise<void> {
  // One rotation at a time; the next day is early enough.
  const running = await findNewestRotation(tx);
  if (running !== null && running.state !== 'done') return;
  const rotation = await announceDataKey(tx, { by: 'system', at });
  await enqueue(tx, 'reseal-shop', { rotationId: rotation.rotationId });
  await note(tx, { action: 'key.rotate-data', object: `data-key:${rotation.toVersion}`, reason, at });
}

async function replaceLinks(tx: Tx, at: Date): Promise<void> {
  const overlapUntil = new Date(at.getTime() + keyAges.linkOverlapDays * dayMs);
  const version = await replaceLinkKey(tx, { by: 'system', at, overlapUntil });
  for (const { programId } of await listPrograms(tx))
    await enqueue(tx, 'touch-program-passes', { programId, after: null });
  await note(tx, { action: 'key.rotate-links', object: `link-key:${version}`, reason, at });
}

async function tellOfEndingClients(tx: Tx, at: Date): Promise<void> {
  const noticeMs = keyAges.noticeDays * dayMs;
  const until = new Date(at.getTime() + noticeMs);
  for (const { clientId, expiresAt } of await listEndingClients(tx, { from: at, until })) {
    const object = `api-client:${clientId}`;
    const toldAt = await lastNoticeAt(tx, { action: 'api-client.due', object });
    if (toldAt !== null && toldAt.getTime() >= expiresAt.getTime() - noticeMs) continue;
    await note(tx, { action: 'api-client.due', object, reason: `ends on ${expiresAt.toISOString().slice(0, 10)}`, at });
  }
}

function note(tx: Tx, { at, ...event }: { action: string; object: string; reason: string; at: Date }): Promise<void> {
  return appendAudit(tx, { ...event, actor: 'system', beforeHash: null, afterHash: null, occurredAt: at });
}
