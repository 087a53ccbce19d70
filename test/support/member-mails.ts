/** Mails to shoppers that wait in the outbox: what a worker would send. */
import type { TestShop, TestSystem } from '#test/support/factories.ts';

/** The requests whose job was asked for, oldest first, each once. */
export async function mailsWaiting(system: TestSystem, shop: TestShop): Promise<string[]> {
  const rows = await system.sql<{ id: string }>(
    `select distinct on (o.id) payload ->> 'requestId' as id from outbox o where o.shop_id = $1 and o.job = 'send-mail' order by o.id`,
    [shop.shopId],
  );
  return rows.map((row) => row.id);
}
