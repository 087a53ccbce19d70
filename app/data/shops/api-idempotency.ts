/**
 * Idempotency of API mutations. The key is claimed in the transaction of the effect itself, so both are there or neither:
 * of two equal requests at once the second waits for the first and gets its answer. Only ids are kept, never a body:
 * names and addresses live in one table. Inputs are compared by a keyed digest, from which they cannot be guessed.
 */
import { readShopKeys } from '#app/data/shops/shops.ts';
import type { Tx } from '#app/data/tenancy.ts';
import { Conflict, invariant } from '#app/lib/errors.ts';
import { equalBytes, sign } from '#app/lib/sealed-box.ts';

export type IdempotencyClaim = { clientId: string; key: string; inputs: string; at: Date };
export type StoredAnswer = { status: number; response: string };

/** Who asked under which key for what; absent where somebody asks who needs no key. */
export type ApiRequest = Omit<IdempotencyClaim, 'at'>;

/**
 * Does `work` once per key and answers the same ever after; `Answer` must be plain JSON of ids and figures. Without a
 * request it is simply done. Throws `Conflict` when the key was used for other inputs.
 */
export async function answerOnce<Answer>(
  tx: Tx,
  { request, at }: { request: ApiRequest | undefined; at: Date },
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (request === undefined) return work();
  const claim: IdempotencyClaim = { ...request, at };
  const before = await claimIdempotencyKey(tx, claim);
  if (before !== null) return JSON.parse(before.response) as Answer;
  const answer = await work();
  await storeAnswer(tx, claim, { status: 200, response: JSON.stringify(answer) });
  return answer;
}

/**
 * Claims a key. Null: it is ours, and `storeAnswer` must follow in this transaction; else the answer given before.
 * Throws `Conflict` when the key was used for other inputs.
 */
export async function claimIdempotencyKey(tx: Tx, claim: IdempotencyClaim): Promise<StoredAnswer | null> {
  const inputsHash = sign(await readShopKeys(tx), 'api-idempotency', claim.inputs);
  const claimed = await tx.query(
    `insert into api_idempotency (shop_id, client_id, key, inputs_hash, status, response, created_at)
     values ($1, $2, $3, $4, 0, '', $5) on conflict (shop_id, client_id, key) do nothing returning 1 as one`,
    [tx.shopId, claim.clientId, claim.key, inputsHash, claim.at],
  );
  if (claimed.length === 1) return null;
  const [row] = await tx.query<{ inputs_hash: Buffer; status: number; response: string }>(
    'select inputs_hash, status, response from api_idempotency where shop_id = $1 and client_id = $2 and key = $3',
    [tx.shopId, claim.clientId, claim.key],
  );
  invariant(row !== undefined && row.status !== 0, 'an idempotency key is stored with its answer');
  if (!equalBytes(row.inputs_hash, inputsHash))
    throw new Conflict('idempotency-mismatch', 'An idempotency key was used for other inputs', {
      publicMessage: 'This Idempotency-Key was used for a different request before.',
    });
  return { status: row.status, response: row.response };
}

/** Stores the answer under a key that this transaction has claimed. */
export async function storeAnswer(tx: Tx, claim: IdempotencyClaim, answer: StoredAnswer): Promise<void> {
  await tx.query(
    'update api_idempotency set status = $4, response = $5 where shop_id = $1 and client_id = $2 and key = $3',
    [tx.shopId, claim.clientId, claim.key, answer.status, answer.response],
  );
}

/** Of a key whose work is under way or was cut short: that work is safe to repeat. */
const statusOpen = 102;

/**
 * Ties a key to its inputs before work that cannot be done in one transaction, and that is safe to repeat. Null: go on,
 * and `keepFirstAnswer` must follow; else the answer given before. Throws `Conflict` when the key was used for other inputs.
 */
export async function openRequest(tx: Tx, claim: IdempotencyClaim): Promise<StoredAnswer | null> {
  const before = await claimIdempotencyKey(tx, claim);
  if (before === null) await storeAnswer(tx, claim, { status: statusOpen, response: '' });
  return before === null || before.status === statusOpen ? null : before;
}

/** Stores the answer of a request that is open, unless somebody was faster. Answers what is stored: the same for all. */
export async function keepFirstAnswer(tx: Tx, request: ApiRequest, answer: StoredAnswer): Promise<StoredAnswer> {
  const { clientId, key } = request;
  await tx.query(
    `update api_idempotency set status = $4, response = $5
     where shop_id = $1 and client_id = $2 and key = $3 and status = $6`,
    [tx.shopId, clientId, key, answer.status, answer.response, statusOpen],
  );
  const [row] = await tx.query<StoredAnswer>(
    'select status, response from api_idempotency where shop_id = $1 and client_id = $2 and key = $3',
    [tx.shopId, clientId, key],
  );
  // Keys are forgotten after a while.
  return row ?? answer;
}
