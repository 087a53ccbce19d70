/** A client called from where it may not: the merchant is told, but not once for every call. */
import { appendAudit } from '#app/data/privacy/chains.ts';
import { noteSignal } from '#app/data/security/signals.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const quietMs = 10 * 60_000;
const rememberedMax = 10_000;
const toldAtMs = new Map<string, number>();

/** Writes that a client was refused for its network, and tells the detectors, at most once in ten minutes for each client and web process. */
export async function noteForeignNetwork({ shopId, clientId }: { shopId: ShopId; clientId: string }): Promise<void> {
  const occurredAt = now();
  const told = toldAtMs.get(clientId);
  if (told !== undefined && Math.abs(occurredAt.getTime() - told) < quietMs) return;
  if (toldAtMs.size >= rememberedMax) toldAtMs.clear();
  toldAtMs.set(clientId, occurredAt.getTime());
  const actor = `api:${clientId}`;
  await withShop(shopId, async (tx) => {
    await appendAudit(tx, {
      actor,
      action: 'api-client.network-refused',
      object: `api-client:${clientId}`,
      beforeHash: null,
      afterHash: null,
      reason: 'called from outside its networks',
      occurredAt,
    });
    await noteSignal(tx, { kind: 'foreign-network', subject: actor, at: occurredAt });
  });
}
