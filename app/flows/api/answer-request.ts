/** A mutation of the API whose work is done in steps of its own: it is answered once per key, and the same to everybody. */
import { type ApiRequest, keepFirstAnswer, openRequest } from '#app/data/shops/api-idempotency.ts';
import { withShop } from '#app/data/tenancy.ts';
import { now } from '#app/lib/clock.ts';
import type { ShopId } from '#app/lib/ids.ts';

export type RequestAnswer<Value> = { status: 200 | 201; value: Value };

/**
 * Does `work` under a key that is tied to its inputs first. The work must be safe to repeat: a request that was cut short is
 * done again. What was answered first is answered ever after, also to those who asked at the same moment; `Value` must be
 * plain JSON of ids and figures. Work that throws leaves the key open for the same inputs. Throws `Conflict`
 * 'idempotency-mismatch' when the key was used for other inputs.
 */
export async function answerRequest<Value>(
  { shopId, request }: { shopId: ShopId; request: ApiRequest },
  work: () => Promise<RequestAnswer<Value>>,
): Promise<RequestAnswer<Value>> {
  const before = await withShop(shopId, (tx) => openRequest(tx, { ...request, at: now() }));
  if (before !== null) return toAnswer(before);
  const { status, value } = await work();
  const answer = { status, response: JSON.stringify(value) };
  return toAnswer(await withShop(shopId, (tx) => keepFirstAnswer(tx, request, answer)));
}

function toAnswer<Value>({ status, response }: { status: number; response: string }): RequestAnswer<Value> {
  return { status: status === 201 ? 201 : 200, value: JSON.parse(response) as Value };
}
