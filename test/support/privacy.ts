/** Privacy cases for tests: compliance webhooks, delivered and worked to their end. */
import { randomUUID } from 'node:crypto';

import { verifyChain } from '#app/flows/privacy/verify-chain.ts';
import { processCase } from '#app/flows/privacy/process-case.ts';
import { deliver, drain, type TestShop, type TestSystem } from '#test/support/factories.ts';

export type CaseRow = {
  id: string;
  kind: string;
  state: string;
  receipts: { step: string; at: string; count: number }[];
  has_subject: boolean;
  has_answer: boolean;
};

export type Person = { id?: number | string; email?: string; phone?: string };

export const redactBody = (shop: TestShop, customer: Person) => ({
  shop_domain: shop.domain,
  customer,
  orders_to_redact: [],
});

/** All cases of a shop, oldest first. */
export function casesOf(system: TestSystem, shop: TestShop): Promise<CaseRow[]> {
  return system.sql<CaseRow>(
    `select id, kind, state, receipts, subject is not null as has_subject, answer is not null as has_answer
     from erasure_case where shop_id = $1 order by requested_at, id`,
    [shop.shopId],
  );
}

/** Delivers a compliance webhook and answers the case it opened. */
export async function openCase(system: TestSystem, shop: TestShop, topic: string, body: unknown): Promise<string> {
  const webhookId = randomUUID();
  await deliver(shop, topic, body, webhookId);
  await drain(shop);
  const [row] = await system.sql<{ id: string }>('select id from erasure_case where shop_id = $1 and source_key = $2', [
    shop.shopId,
    `shopify:${webhookId}`,
  ]);
  if (row === undefined) throw new Error('the request opened no case');
  return row.id;
}

/** Delivers a compliance webhook and works its case to the end. */
export async function settleCase(system: TestSystem, shop: TestShop, topic: string, body: unknown): Promise<CaseRow> {
  const caseId = await openCase(system, shop, topic, body);
  await processCase({ shopId: shop.shopId, caseId });
  const found = (await casesOf(system, shop)).find((row) => row.id === caseId);
  if (found === undefined) throw new Error('the case is gone');
  return found;
}

/** Fails unless both chains of the shop verify to their heads. */
export async function expectSoundChains(shop: TestShop): Promise<void> {
  for (const chain of ['consent', 'audit'] as const) {
    const verified = await verifyChain({ shopId: shop.shopId, chain });
    if (verified.firstBad !== null) throw new Error(`the ${chain} chain is broken: ${JSON.stringify(verified)}`);
  }
}
