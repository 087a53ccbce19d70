/** An integrator is shut out: its secrets and every token it holds, from its next call on. */
import { lockApiClient, revokeApiClientRow } from '#app/data/shops/api-clients.ts';
import { appendAudit } from '#app/data/privacy/chains.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

/** Revokes a client for good. Throws `NotFound`, also when it is repeated. */
export async function revokeApiClient(asked: {
  shopId: ShopId;
  actor: string;
  clientId: string;
  reason: string;
}): Promise<void> {
  const { shopId, actor, clientId, reason } = asked;
  await withShop(shopId, async (tx) => {
    await lockApiClient(tx, clientId);
    const at = now();
    await revokeApiClientRow(tx, clientId, { at, by: actor, reason });
    const event = { actor, action: 'api-client.revoke', object: `api-client:${clientId}` };
    await appendAudit(tx, { ...event, beforeHash: null, afterHash: null, reason, occurredAt: at });
  });
}
