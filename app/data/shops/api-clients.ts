/**
 * Integrators' credentials. A secret is hashed and shown once; while it is exchanged the one before is good as well. What a
 * client may do is its scopes, its programs, the networks it calls from, its pace and its time.
 */
import { readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { NotFound } from '#app/lib/errors.ts';
import type { ProgramId } from '#app/lib/ids.ts';
import { seal, unseal } from '#app/lib/sealed-box.ts';

/** What a merchant decides about a client. */
export type ApiClientTerms = {
  name: string;
  scopes: string[];
  /** Null: every program. */
  programIds: ProgramId[] | null;
  /** In CIDR notation; empty: from anywhere. */
  networks: string[];
  /** Null: what the platform allows everybody. */
  requestsPerSecond: number | null;
  expiresAt: Date | null;
};

export type ApiClient = ApiClientTerms & {
  clientId: string;
  secretHash: string;
  /** The open beginning of its secret; null for clients of before it was kept. */
  keyPrefix: string | null;
  /** The secret before, until it ends. */
  previous: { hash: string; keyPrefix: string | null; until: Date } | null;
  tokenEpoch: number;
  isPairwise: boolean;
  createdAt: Date;
  createdBy: string | null;
  rotatedAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  revokedReason: string | null;
};

export type NewApiClient = ApiClientTerms & {
  clientId: string;
  secretHash: string;
  keyPrefix: string;
  /** Whether the client knows members by ids of its own. */
  pseudonymKey: Buffer | null;
  createdAt: Date;
  createdBy: string;
};

const keyPlace = (clientId: string) => ({ table: 'api_client', column: 'pseudonym_key', row: clientId });
const listMax = 200;

/** Adds a client. */
export async function insertApiClient(tx: Tx, client: NewApiClient): Promise<void> {
  const { pseudonymKey } = client;
  const sealedKey =
    pseudonymKey === null
      ? null
      : seal(await readShopKeys(tx), keyPlace(client.clientId), pseudonymKey.toString('base64'));
  await tx.query(
    `insert into api_client (shop_id, id, name, secret_hash, key_prefix, scopes, program_ids, networks, requests_per_second,
       expires_at, pseudonym_key, created_at, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      tx.shopId,
      client.clientId,
      client.name,
      client.secretHash,
      client.keyPrefix,
      client.scopes,
      client.programIds,
      client.networks,
      client.requestsPerSecond,
      client.expiresAt,
      sealedKey,
      client.createdAt,
      client.createdBy,
    ],
  );
}

type ApiClientRow = Omit<ApiClient, 'previous'> & {
  previousHash: string | null;
  previousPrefix: string | null;
  previousUntil: Date | null;
};

const columns = `id as "clientId", name, secret_hash as "secretHash", key_prefix as "keyPrefix", scopes,
  program_ids as "programIds", networks, requests_per_second as "requestsPerSecond", expires_at as "expiresAt",
  previous_hash as "previousHash", previous_prefix as "previousPrefix", previous_until as "previousUntil",
  token_epoch as "tokenEpoch", pseudonym_key is not null as "isPairwise", created_at as "createdAt",
  created_by as "createdBy", rotated_at as "rotatedAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt",
  revoked_reason as "revokedReason"`;

function toClient({ previousHash, previousPrefix, previousUntil, ...row }: ApiClientRow): ApiClient {
  if (previousHash === null || previousUntil === null) return { ...row, previous: null };
  return { ...row, previous: { hash: previousHash, keyPrefix: previousPrefix, until: previousUntil } };
}

/** A client that is not revoked, or null. Whether its time is over is for the caller to see. */
export async function findApiClient(tx: Tx, clientId: string): Promise<ApiClient | null> {
  const [row] = await tx.query<ApiClientRow>(
    `select ${columns} from api_client where shop_id = $1 and id = $2 and revoked_at is null`,
    [tx.shopId, clientId],
  );
  return row === undefined ? null : toClient(row);
}

/** A client that is not revoked, of a shop that is installed, and whether a token was taken back: one look for every call. */
export async function findTokenClient(
  tx: Tx,
  token: { clientId: string; tokenId: string },
): Promise<{ client: ApiClient; isTokenRevoked: boolean } | null> {
  const [row] = await tx.query<ApiClientRow & { isTokenRevoked: boolean }>(
    `select ${columns}, exists (select from revoked_token t where t.shop_id = $1 and t.token_id = $3) as "isTokenRevoked"
     from api_client where shop_id = $1 and id = $2 and revoked_at is null
       and exists (select from shop s where s.id = $1 and s.state = 'installed')`,
    [tx.shopId, token.clientId, token.tokenId],
  );
  if (row === undefined) return null;
  const { isTokenRevoked, ...client } = row;
  return { client: toClient(client), isTokenRevoked };
}

/** A client, locked until the transaction ends. Throws `NotFound` for one that is revoked, unknown or another shop's. */
export async function lockApiClient(tx: Tx, clientId: string): Promise<ApiClient> {
  const [row] = await tx.query<ApiClientRow>(
    `select ${columns} from api_client where shop_id = $1 and id = $2 and revoked_at is null for update`,
    [tx.shopId, clientId],
  );
  if (row === undefined)
    throw new NotFound('api-client-not-found', 'No such API client', { publicMessage: 'This client is gone.' });
  return toClient(row);
}

/** Clients whose secret, or secret before, begins like this; revoked ones too. */
export async function findApiClientsByPrefix(tx: Tx, keyPrefix: string): Promise<ApiClient[]> {
  const rows = await tx.query<ApiClientRow>(
    `select ${columns} from api_client where shop_id = $1 and (key_prefix = $2 or previous_prefix = $2) limit 10`,
    [tx.shopId, keyPrefix],
  );
  return rows.map(toClient);
}

/** The shop's clients, those in use first, then the newest. */
export async function listApiClients(tx: Tx): Promise<ApiClient[]> {
  const rows = await tx.query<ApiClientRow>(
    `select ${columns} from api_client where shop_id = $1
     order by (revoked_at is not null), created_at desc, id limit ${listMax}`,
    [tx.shopId],
  );
  return rows.map(toClient);
}

/** How many clients are not revoked. */
export async function countApiClients(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ n: number }>(
    'select count(*)::int as n from api_client where shop_id = $1 and revoked_at is null',
    [tx.shopId],
  );
  return row?.n ?? 0;
}

/** Remembers the last use of a client. */
export async function touchApiClient(tx: Tx, clientId: string, at: Date): Promise<void> {
  await tx.query('update api_client set last_used_at = $3 where shop_id = $1 and id = $2', [tx.shopId, clientId, at]);
}

/** Writes what a merchant decided about a client. */
export async function writeApiClientTerms(tx: Tx, clientId: string, terms: ApiClientTerms): Promise<void> {
  await tx.query(
    `update api_client set name = $3, scopes = $4, program_ids = $5, networks = $6, requests_per_second = $7, expires_at = $8
     where shop_id = $1 and id = $2`,
    [
      tx.shopId,
      clientId,
      terms.name,
      terms.scopes,
      terms.programIds,
      terms.networks,
      terms.requestsPerSecond,
      terms.expiresAt,
    ],
  );
}

/**
 * Gives a client a new secret; the one it had is good until `previousUntil`, or at once no more when that is null. Then the
 * tokens it was given end as well.
 */
export async function exchangeApiSecret(
  tx: Tx,
  clientId: string,
  exchange: { secretHash: string; keyPrefix: string; previousUntil: Date | null; at: Date },
): Promise<void> {
  await tx.query(
    `update api_client set previous_hash = case when $5::timestamptz is null then null else secret_hash end,
       previous_prefix = case when $5::timestamptz is null then null else key_prefix end, previous_until = $5,
       token_epoch = token_epoch + case when $5::timestamptz is null then 1 else 0 end,
       secret_hash = $3, key_prefix = $4, rotated_at = $6
     where shop_id = $1 and id = $2`,
    [tx.shopId, clientId, exchange.secretHash, exchange.keyPrefix, exchange.previousUntil, exchange.at],
  );
}

/** Ends the secret before, and every token there is. Safe to repeat. */
export async function endPreviousSecret(tx: Tx, clientId: string): Promise<void> {
  await tx.query(
    `update api_client set previous_hash = null, previous_prefix = null, previous_until = null, token_epoch = token_epoch + 1
     where shop_id = $1 and id = $2`,
    [tx.shopId, clientId],
  );
}

/** Revokes a client for good: its secrets and its tokens. False when it was before. */
export async function revokeApiClientRow(
  tx: Tx,
  clientId: string,
  revoked: { at: Date; by: string; reason: string },
): Promise<boolean> {
  const rows = await tx.query(
    `update api_client set revoked_at = $3, revoked_by = $4, revoked_reason = $5
     where shop_id = $1 and id = $2 and revoked_at is null returning 1 as one`,
    [tx.shopId, clientId, revoked.at, revoked.by, revoked.reason],
  );
  return rows.length === 1;
}

/** The key under which a client knows members, or null when it knows them as everybody does. */
export async function readPseudonymKey(tx: Tx, clientId: string): Promise<Buffer | null> {
  const [row] = await tx.query<{ sealed: Buffer | null }>(
    'select pseudonym_key as sealed from api_client where shop_id = $1 and id = $2',
    [tx.shopId, clientId],
  );
  if (row?.sealed == null) return null;
  return Buffer.from(unseal(await readShopKeys(tx), keyPlace(clientId), row.sealed), 'base64');
}

/** Deletes the shop's API clients: their tokens stop working with them. Safe to repeat; answers how many there were. */
export async function deleteApiClients(tx: Tx): Promise<number> {
  const rows = await tx.query('delete from api_client where shop_id = $1 returning 1 as one', [tx.shopId]);
  return rows.length;
}
