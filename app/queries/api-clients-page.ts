/** What the admin shows of the shop's API clients: everything but their secrets. */
import { apiScopes } from '#app/contracts/api-scopes.ts';
import { type ApiClient, listApiClients } from '#app/data/shops/api-clients.ts';
import { type ApiUsage, readApiUsage } from '#app/data/shops/api-usage.ts';
import { listPrograms } from '#app/data/programs/programs.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

const usageDays = 30;
const none: ApiUsage = { requests: 0, refused: 0, limited: 0, failed: 0, bytesOut: 0 };

export type ApiClientsPage = {
  clients: ApiClientRow[];
  programs: { programId: string; name: string }[];
  scopes: readonly string[];
};
export type ApiClientRow = ReturnType<typeof toRow>;

/** The clients with what they were used for in the last 30 days, the programs and the scopes there are. Never writes. */
export async function apiClientsPage(shopId: ShopId): Promise<ApiClientsPage> {
  return withShop(shopId, async (tx) => {
    const at = now();
    const usage = await readApiUsage(tx, new Date(at.getTime() - usageDays * 24 * 3_600_000));
    const programs = (await listPrograms(tx)).map(({ programId, draft }) => ({ programId, name: draft.name }));
    const clients = (await listApiClients(tx)).map((client) =>
      toRow(client, { at, usage: usage.get(client.clientId) ?? none }),
    );
    return { clients, programs, scopes: apiScopes };
  });
}

function toRow(client: ApiClient, { at, usage }: { at: Date; usage: ApiUsage }) {
  const { clientId, name, keyPrefix, scopes, programIds, networks, requestsPerSecond, isPairwise } = client;
  const { previous, expiresAt, revokedAt, rotatedAt } = client;
  return {
    clientId,
    name,
    keyPrefix,
    scopes,
    programIds,
    networks,
    requestsPerSecond,
    isPairwise,
    createdAt: client.createdAt.toISOString(),
    /** Since when its secret is what it is. */
    secretSince: (rotatedAt ?? client.createdAt).toISOString(),
    lastUsedAt: client.lastUsedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
    isExpired: expiresAt !== null && expiresAt <= at,
    isRevoked: revokedAt !== null,
    revokedReason: client.revokedReason,
    previousUntil: previous !== null && previous.until > at ? previous.until.toISOString() : null,
    usage,
  };
}
