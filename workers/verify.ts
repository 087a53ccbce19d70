/**
 * `npm run verify -- ledger|audit|consent [--shop X]`: checks what must never have been altered. X is a shop's domain or
 * id; without it all shops are checked. The last line is JSON; the exit status is 1 when something was altered.
 */
import { parseArgs } from 'node:util';

import { findShops } from '#app/flows/shops/find-shops.ts';
import { openRecords } from '#app/flows/system/open-records.ts';
import { verifyBalances } from '#app/flows/members/verify-balances.ts';
import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
import type { ShopId } from '#app/lib/ids.ts';
import { resolveDatabase } from '#prisma/connect.ts';

type Verdict = { checked: number; firstBad: Record<string, unknown> | null };

const verifiers: Record<string, (shopId: ShopId) => Promise<Verdict>> = {
  ledger: async (shopId) => {
    const { checked, imbalances } = await verifyBalances({ shopId });
    return { checked, firstBad: imbalances[0] ?? null };
  },
  audit: (shopId) => verifyChain({ shopId, chain: 'audit' }),
  consent: (shopId) => verifyChain({ shopId, chain: 'consent' }),
};

/** Verifies shop by shop, to the end, so that `checked` tells the whole extent; the first bad one is kept. */
async function verifyAll(verify: (shopId: ShopId) => Promise<Verdict>, shop: string | null): Promise<Verdict> {
  const total: Verdict = { checked: 0, firstBad: null };
  let after: ShopId | null = null;
  for (;;) {
    const shops: ShopId[] = await findShops({ shop, after });
    for (const shopId of shops) {
      const { checked, firstBad } = await verify(shopId);
      total.checked += checked;
      if (firstBad !== null) total.firstBad ??= { shopId, ...firstBad };
    }
    after = shops.at(-1) ?? null;
    if (after === null) return total;
  }
}

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({ options: { shop: { type: 'string' } }, allowPositionals: true });
  const verify = verifiers[positionals[0] ?? ''];
  if (verify === undefined || positionals.length !== 1)
    throw new Error('Usage: npm run verify -- ledger|audit|consent [--shop <domain or id>]');
  const database = await resolveDatabase();
  const records = openRecords({ databaseUrl: database.url });
  try {
    const { checked, firstBad } = await verifyAll(verify, values.shop ?? null);
    process.stdout.write(`${JSON.stringify({ ok: firstBad === null, checked, firstBad })}\n`);
    return firstBad === null;
  } finally {
    await records.close();
    await database.close();
  }
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
