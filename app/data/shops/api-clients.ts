/** Integrators' credentials. Secrets are hashed and shown once; what a client may do is its scopes. */
import type { Tx } from '#app/data/tenancy.ts';

export type ApiClient = { clientId: string; name: string; secretHash: string; scopes: string[] };

/** Adds a client. */
export async function insertApiClient(tx: Tx, client: ApiClient & { createdAt: Date }): Promise<void> {
  await tx.orm.apiClient.create({
    data: {
      shopId: tx.shopId,
      id: client.clientId,
      name: client.name,
      secretHash: client.secretHash,
      scopes: client.scopes,
      createdAt: client.createdAt,
    },
  });
}

/** A client that is not revoked, or null. */
export async function findApiClient(tx: Tx, clientId: string): Promise<ApiClient | null> {
  const row = await tx.orm.apiClient.findFirst({ where: { shopId: tx.shopId, id: clientId, revokedAt: null } });
  return row === null ? null : { clientId: row.id, name: row.name, secretHash: row.secretHash, scopes: row.scopes };
}

/** Remembers the last use of a client. */
export async function touchApiClient(tx: Tx, clientId: string, at: Date): Promise<void> {
  await tx.orm.apiClient.updateMany({ where: { shopId: tx.shopId, id: clientId }, data: { lastUsedAt: at } });
}

/** Deletes the shop's API clients: their tokens stop working with them. Safe to repeat; answers how many there were. */
export async function deleteApiClients(tx: Tx): Promise<number> {
  const rows = await tx.query('delete from api_client where shop_id = $1 returning 1 as one', [tx.shopId]);
  return rows.length;
}
