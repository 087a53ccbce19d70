/** A shop whose members have their cards at Google, and the workers' part of keeping them fresh, job by job. */
import { randomUUID } from 'node:crypto';

import { issueGooglePass } from '#app/flows/cards/issue-google-pass.ts';
import { regeneratePass } from '#app/flows/cards/regenerate-pass.ts';
import { syncGoogleClass } from '#app/flows/cards/sync-google-class.ts';
import { syncGooglePass } from '#app/flows/cards/sync-google-pass.ts';
import { adjustBalance } from '#app/flows/members/adjust-balance.ts';
import type { MemberId, ShopId } from '#app/lib/ids.ts';
import { makeMember, type TestShop, type TestSystem } from '#test/support/factories.ts';
import type { TestWallets } from '#test/support/wallets.ts';

export type GoogleCardHolder = {
  shop: TestShop;
  memberId: MemberId;
  customerId: string;
  token: string;
  passId: string;
  serial: string;
  objectId: string;
  /** The object as Google has it. */
  object: () => Record<string, unknown> | undefined;
};

export type Google = TestWallets['google'];

/** A member who tapped "Add to Google Wallet"; `saveUrl` is where that led. */
export async function makeHolder(
  { system, google }: { system: TestSystem; google: Google },
  shop: TestShop,
  // Too long to come up by chance in a serial, where tests look for it.
  name = 'Adelheid Lovelace',
): Promise<GoogleCardHolder & { saveUrl: string }> {
  const { memberId, customerId, cardUrl } = await makeMember(shop, { name });
  const token = cardUrl.split('/').at(-1) ?? '';
  const { saveUrl } = await issueGooglePass({ token });
  const [pass] = await system.sql<{ id: string; serial: string }>(
    `select id, serial from pass where member_id = $1 and wallet = 'google'`,
    [memberId],
  );
  if (pass === undefined) throw new Error('there is no Google pass');
  const objectId = `${google.issuerId}.${pass.serial}`;
  return {
    shop,
    memberId,
    customerId,
    token,
    saveUrl,
    passId: pass.id,
    serial: pass.serial,
    objectId,
    object: () => google.objectById(objectId),
  };
}

/** Gives so many points, as staff would. */
export async function addPoints({ shop, memberId }: Pick<GoogleCardHolder, 'shop' | 'memberId'>, amount: number) {
  await adjustBalance({
    shopId: shop.shopId,
    memberId,
    unit: 'points',
    amount,
    reason: 'test',
    actor: 'test',
    source: 'staff',
    idempotencyKey: randomUUID(),
  });
}

/** The points on a Google object. */
export function pointsOn(holder: Pick<GoogleCardHolder, 'object'>): unknown {
  const points = holder.object()?.['secondaryLoyaltyPoints'] ?? holder.object()?.['loyaltyPoints'];
  return (points as { balance: { int: number } } | undefined)?.balance.int;
}

type JobRow = { job: string; payload: { passId?: string; programId?: string; isBulk?: boolean } };

/** Takes what waits for a shop in the outbox, Google's jobs and what leads to them, until nothing is left. */
export async function runGoogleJobs(system: TestSystem, shopId: ShopId): Promise<number> {
  let ran = 0;
  for (;;) {
    const jobs = await system.sql<JobRow>(
      `delete from outbox where shop_id = $1 and job in ('regenerate-pass', 'sync-google', 'sync-google-class')
       returning job, payload`,
      [shopId],
    );
    if (jobs.length === 0) return ran;
    for (const job of jobs) await runJob(shopId, job);
    ran += jobs.length;
  }
}

async function runJob(shopId: ShopId, { job, payload }: JobRow): Promise<void> {
  const { passId = '', programId = '', isBulk = false } = payload;
  if (job === 'regenerate-pass') await regeneratePass({ shopId, passId, isBulk });
  if (job === 'sync-google') await syncGooglePass({ shopId, passId, isBulk });
  if (job === 'sync-google-class') await syncGoogleClass({ shopId, programId });
}

/** What Google was asked while `work` ran, as `METHOD kind status`. */
export async function callsOf(google: Google, work: () => Promise<unknown>): Promise<string[]> {
  const before = google.requests.length;
  await work();
  return google.requests.slice(before).map(({ method, path, status }) => `${method} ${path.split('/')[3]} ${status}`);
}

/** Whether somebody is sending the card. */
export async function isInHand(system: TestSystem, { passId }: Pick<GoogleCardHolder, 'passId'>): Promise<boolean> {
  const held = 'select 1 from google_object where pass_id = $1 and sending_until is not null';
  return (await system.sql(held, [passId])).length === 1;
}

/** Ends a rest that a test asked for; slots that were used stay used. */
export async function endRest(system: TestSystem): Promise<void> {
  await system.sql(`update call_ring set begins_at = now() where begins_at > now() + interval '2 seconds'`);
}

/** The most calls that fell into any stretch of time. */
export function mostWithin(spanMs: number, times: readonly number[]): number {
  const sorted = times.toSorted((one, two) => one - two);
  let first = 0;
  let most = 0;
  for (const [index, time] of sorted.entries()) {
    while ((sorted[first] ?? 0) <= time - spanMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
