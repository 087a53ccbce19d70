/**
 * `npm run keys -- <command>`, the operator's part of key management; the last line is JSON.
 *   status                               every key-encryption key and what still lies under it
 *   rewrap                               brings everything under the newest key-encryption key
 *   rotate <shop> data                   gives a shop a new data key
 *   rotate <shop> links <overlap days>   gives a shop a new link key
 *   adopt-jobs                           signs, once ever, the jobs that waited when this release first started
 *   wrap <id> aws-kms:ARN|google-kms:NAME  makes a new key-encryption key, wrapped by that service
 */
import { makeWrappedKey } from '#app/flows/keys/make-wrapped-key.ts';
import { reportKeyUse } from '#app/flows/keys/report-key-use.ts';
import { rewrapShops } from '#app/flows/keys/rewrap-shops.ts';
import { rotateDataKey } from '#app/flows/keys/rotate-data-key.ts';
import { rotateLinkKey } from '#app/flows/keys/rotate-link-key.ts';
import { adoptJobs } from '#app/flows/system/adopt-jobs.ts';
import { findShops } from '#app/flows/shops/find-shops.ts';
import { openSystem } from '#app/flows/system/open-system.ts';
import { runCommand } from '#workers/command.ts';

const connectionsMax = 4;
const actor = 'operator';
const usage =
  'Usage: npm run keys -- status | rewrap | rotate <shop> data | rotate <shop> links <days> | adopt-jobs | wrap <id> <service>';

async function rotate([shop = '', purpose, days]: string[]): Promise<Record<string, unknown>> {
  const [shopId] = await findShops({ shop, after: null });
  if (shopId === undefined) throw new Error(`There is no shop ${shop}`);
  const asked = { shopId, actor, reason: 'by command' };
  if (purpose === 'data' && days === undefined) return { ...(await rotateDataKey(asked)) };
  if (purpose === 'links' && days !== undefined) return rotateLinkKey({ ...asked, overlapDays: Number(days) });
  throw new Error(usage);
}

async function rewrap(): Promise<Record<string, unknown>> {
  return rewrapShops({
    actor,
    onProgress: ({ shops, rewrapped }) => process.stdout.write(`${shops} shops, ${rewrapped} rewrapped\n`),
  });
}

async function work([word, ...more]: string[]): Promise<Record<string, unknown>> {
  if (word === 'status' && more.length === 0) return { keys: await reportKeyUse() };
  if (word === 'rewrap' && more.length === 0) return rewrap();
  if (word === 'adopt-jobs' && more.length === 0) return adoptJobs({ operator: 'command line' });
  if (word === 'rotate') return rotate(more);
  const [id, service, ...rest] = more;
  if (word === 'wrap' && id !== undefined && service !== undefined && rest.length === 0)
    return { entry: await makeWrappedKey({ id, service }) };
  throw new Error(usage);
}

await runCommand(async (databaseUrl) => {
  const system = await openSystem({ databaseUrl, role: 'stampwell_worker', connectionsMax });
  try {
    return await work(process.argv.slice(2));
  } finally {
    await system.close();
  }
});
