/** A thread that reads pages for `row-level-security.ts`: told a member, it answers how many milliseconds their page and a list took. */
import { parentPort, workerData } from 'node:worker_threads';

import { openSystem } from '#app/flows/system/open-system.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { listMembers } from '#app/queries/list-members.ts';
import { memberDetail } from '#app/queries/member-detail.ts';

export type PageReader = { databaseUrl: string; shopId: ShopId; role: 'stampwell_web' | 'stampwell_worker' };

const { databaseUrl, shopId, role } = workerData as PageReader;

async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const system = await openSystem({ databaseUrl, role, connectionsMax: 1 });
parentPort?.on('message', (memberId: string | null) => {
  void (memberId === null ? close() : answer(memberId));
});
parentPort?.postMessage('ready');

async function answer(memberId: string): Promise<void> {
  const member = await timeMs(() => memberDetail(shopId, memberId, {}));
  const list = await timeMs(() => listMembers(shopId, { limit: 50 }));
  parentPort?.postMessage({ member, list });
}

async function close(): Promise<void> {
  await system.close();
  parentPort?.close();
}
